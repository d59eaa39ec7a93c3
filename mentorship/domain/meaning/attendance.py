"""How somebody attends, by the name of a ticket or an answer: in person or virtually.

A word such as "online" or "remote" says it only where it stands for itself or before a word of
tickets ("online access", "virtual pass"). Before any other word it is part of a subject ("remote
sensing", "online algorithms"), and then nothing is understood, and somebody is asked.
"""

from __future__ import annotations

import re

from mentorship.domain.meaning.phrases import LONGEST, NOT, words_as_set
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.text import cached_by_text, composed, plain_letters, words_in
from mentorship.models import Attendance

_HERE, _AWAY = "\N{LEFTWARDS ARROW}", "\N{RIGHTWARDS ARROW}"
# What is said of nothing but attendance.
_CLEARLY_HERE = re.compile(
    r"\b(?:in ?person|on ?site|in ?situ|on campus|at the venue|face to face|f2f|vor ort|vorort|"
    r"(?:in )?prasenz(?:teilnahme|ticket|veranstaltung)?|personlich|en personne|sur place|"
    r"(?:en )?presentiel(?:le)?|presencial(?:mente|es)?|en persona|em pessoa|ter plaatse|"
    r"op locatie|in persoon|di persona|in presenza)\b"
)
_CLEARLY_AWAY = re.compile(
    r"\b(?:virtually|remotely|live ?streams?|livestreaming|webcast|a distance|en distanciel|"
    r"distanciel(?:le)?|en ligne|en linea|a distancia|op afstand|from home|from afar|via zoom|"
    r"over zoom|aus der ferne|da remoto|onlineticket|onlineteilnahme|digitalticket)\b"
)
# What may also be a part of a subject.
_MAYBE_HERE = re.compile(r"\b(?:physical(?:ly)?|fysiek|physisch|fisic[oa]|physique)\b")
_MAYBE_AWAY = re.compile(
    r"\b(?:virtual(?:es|mente)?|virtuell(?:e|er|es)?|virtuel(?:le)?s?|virtueel|virtuele|online|remote|"
    r"remot[oa]|digital(?:e|er|es)?|digitaal|digitale|stream(?:ing)?)\b"
)
_TICKET_WORDS = words_as_set(
    "a access admission attendance attendee attendees attending and academic academia adult all "
    "at badge by conf conference conferences day days delegate delegates discount discounted "
    "early bird entry event everyone experience for free from full general group guest "
    "individual industry invited is late member members nonmember non only option or organizer "
    "package part participant participants participation pass passes person plus postdoc "
    "premium price presenter professional public rate registration registrations regular "
    "scholarship speaker sponsor staff standard student students talks the this ticket tickets "
    "to tutorial tutorials type via viewer viewing volunteer week weekend with workshop "
    "workshops sprint sprints main i im am will be attend join joining participate "
    "participating you happy it meet meeting mit teilnahme teilnehmer teilnehmerin karte "
    "eintritt konferenz zugang fur studierende ermassigt normal dabei ich bin nehme teil acces "
    "billet inscription entree etudiant tarif je participe acceso entrada inscripcion "
    "asistencia participacion estudiante conferencia acesso ingresso inscricao participacao "
    "estudante toegang kaartje deelname conferentie deelnemer yes ja oui si sim mostly probably "
    "fully completely completo completa 1 2 3"
)
_HEDGES = words_as_set(
    "maybe perhaps possibly probably might may unsure sure either both or oder ou of if unless "
    "depends hybrid hybride hibrido vielleicht eventuell peut misschien quiza quizas talvez "
    "partly partially teilweise beides ambos allebei happy"
)
# How many words before it a denial reaches: "can't travel in person".
_REACH = 4
_DENIALS = NOT | {"non", "cant", "cannot", "unable"}
_PARTS = re.compile(r"[,;:()\[\]/|+&\u2013\u2014.!\n]| - ")


@cached_by_text(5000)
def read_attendance(text: str) -> Attendance:
    """Return the attendance that a ticket's name or an answer speaks of, else NotUnderstood."""
    if len(text) > LONGEST:
        raise NotUnderstood(text)
    found: set[Attendance] = set()
    for part in _PARTS.split(re.sub(r"\bn[o\u00f3\u00e3]n-(?=\w)", "non ", composed(text))):
        found |= _in_part(text, part)
    if len(found) != 1:
        raise NotUnderstood(text)
    return found.pop()


def _in_part(text: str, part: str) -> set[Attendance]:
    """Return what a part of a text says; raise NotUnderstood where it cannot be told."""
    said = " ".join(words_in(plain_letters(part)))
    for pattern, sign in ((_CLEARLY_HERE, _HERE), (_CLEARLY_AWAY, _AWAY)):
        said = pattern.sub(f" {sign} ", said)
    words = _resolved(text, said).split()
    found = set()
    for place, word in enumerate(words):
        if word in (_HERE, _AWAY):
            before = words[max(0, place - _REACH) : place]
            denied = bool(_DENIALS & set(before))
            if denied and "only" in before:
                raise NotUnderstood(text)
            found.add(Attendance.IN_PERSON if (word == _HERE) != denied else Attendance.VIRTUAL)
    if found and _HEDGES & set(words):
        raise NotUnderstood(text)
    return found


def _resolved(text: str, said: str) -> str:
    """Put signs for the words that may belong to a subject, where they do not."""
    for pattern, sign in ((_MAYBE_HERE, _HERE), (_MAYBE_AWAY, _AWAY)):
        while match := pattern.search(said):
            following = said[match.end() :].split()
            if (
                following
                and following[0] not in _TICKET_WORDS | {_HERE, _AWAY} | _HEDGES
                and not (following[0].isdecimal())
            ):
                raise NotUnderstood(text)
            said = f"{said[: match.start()]}{sign}{said[match.end() :]}"
    return said
