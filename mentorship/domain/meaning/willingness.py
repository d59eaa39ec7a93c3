"""What an answer to the mentorship question says: mentor, mentee, neither, or not yet decided.

A text is read by whole phrases and their direction, for "a mentor" is what a mentor wants to be and
what a mentee wants to have. Each phrase found is replaced by what it means, and what is left must
be harmless. A word that could turn a phrase around (not, somebody, my, was) is never read over:
then nothing is understood, and somebody is asked.
"""

from __future__ import annotations

import re

from mentorship.domain.meaning.phrases import (
    BARE_MENTEE,
    BARE_MENTOR,
    FOR_BARE,
    HARMLESS_ASIDE,
    HAS_ONE,
    HEDGES,
    LONGEST,
    NO_WORDS,
    NOBODY,
    NOT,
    NOT_NOW,
    NUMBERED,
    PHRASES,
    REFUSALS,
    TICKS,
    TURNED,
    UNDECIDED,
    YES,
    as_written,
)
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.text import cached_by_text, composed
from mentorship.models import Role

_MENTOR, _MENTEE = "\N{LEFTWARDS ARROW}", "\N{RIGHTWARDS ARROW}"
_ROLES = {_MENTOR: Role.MENTOR, _MENTEE: Role.MENTEE}
_MADE_OF_IT = re.compile(
    rf"({_MENTOR}|{_MENTEE}) (?:to|for|of|with) (?:a |an |one |some )?[{_MENTOR}{_MENTEE}]"
)
_PARTS = re.compile(r"[,;:()\[\]\u2013\u2014.!\n]| - ")
# "Mentor?" in a cell is somebody who wonders; a longer question is a form's own.
_WONDERING = re.compile(r"\s*[\w:*/()]+\s*\?+\s*")
# A mentor in Italian. In French it may be one too, or somebody's mentee without the accent.
_MENTORE = re.compile(r"\bmentore(?!\w)|\bmentori(?!\w)")
_IN_FRENCH = re.compile(
    r"\b(?:comme|en tant que|etre|être|une|oui|mentorat|vous|je|souhaite\w*|voulez|voudrais|"
    r"aimerais|cherche|participer|au)\b"
)
_NOTHING = re.compile(r"[-\u2013\u2014./\s]*")


class Undecided(NotUnderstood):
    """The text says that this person could be either, or has not decided."""


@cached_by_text(5000)
def read_role(text: str) -> Role | None:
    """Return the role that an answer names, or None for "no" and for no answer.

    Raise Undecided for an answer such as "both", "either" or "maybe", and NotUnderstood for
    anything else that is neither clearly a role nor clearly a no.
    """
    if len(text) > LONGEST:
        raise NotUnderstood(text)
    text = _from_italian(text)
    said = as_written(text)
    if not said:
        if _NOTHING.fullmatch(text):
            return None
        raise Undecided(text) if set(text.strip()) == {"?"} else NotUnderstood(text)
    if said in REFUSALS:
        return None
    if said in UNDECIDED:
        raise Undecided(text)
    words = _marked(text, said).split()
    roles = {_ROLES[word] for word in words if word in _ROLES}
    return _decide(text, roles, {word for word in words if word not in _ROLES})


def _from_italian(text: str) -> str:
    """Return a text with "mentore" as the word for a mentor, unless it may be French."""
    said = composed(text)
    if not _MENTORE.search(said) or _IN_FRENCH.search(said):
        return text
    return _MENTORE.sub("mentor", said)


def _decide(text: str, roles: set[Role], rest: set[str]) -> Role | None:
    """Return the role, given those that are named and the words that are left."""
    if rest & NOT:
        if rest <= NO_WORDS and (not roles or (len(roles) == 2 and rest & NOBODY)):
            return None
        if not roles and rest & HEDGES and rest <= HEDGES | FOR_BARE | NO_WORDS:
            raise Undecided(text)
        raise NotUnderstood(text)
    if rest & TURNED or rest & {"mentor", "mentors"}:
        raise NotUnderstood(text)
    if len(roles) == 2 or (rest & HEDGES and rest <= HEDGES | FOR_BARE):
        raise Undecided(text)
    if len(roles) != 1 or rest & HEDGES:
        raise NotUnderstood(text)
    return next(iter(roles))


def _marked(text: str, said: str) -> str:
    """Return the text's words, with an arrow for each phrase that gives a direction."""
    if HAS_ONE.search(said) or NOT_NOW.search(said) or NUMBERED.search(composed(text)):
        raise NotUnderstood(text)
    for aside in HARMLESS_ASIDE:
        said = aside.sub(" ", said)
    for is_mentee, phrase in PHRASES:
        said = phrase.sub(_mentee if is_mentee else _mentor, said)
    first = as_written(_PARTS.split(text.strip(), maxsplit=1)[0])
    if _is_bare(said) or (_is_bare(first) and not _directions(said.removeprefix(first))):
        said = BARE_MENTOR.sub(f" {_MENTOR} ", BARE_MENTEE.sub(f" {_MENTEE} ", said))
    elif BARE_MENTEE.search(said):
        raise NotUnderstood(text)
    return _MADE_OF_IT.sub(r" \1 ", said)


def _mentee(found: re.Match[str]) -> str:
    return _with_denials(found, _MENTEE)


def _mentor(found: re.Match[str]) -> str:
    return _with_denials(found, _MENTOR)


def _with_denials(found: re.Match[str], arrow: str) -> str:
    """Return the arrow for a phrase, after the words in it that deny it."""
    return " ".join(["", *(word for word in found[0].split() if word in NOT), arrow, ""])


def _is_bare(said: str) -> bool:
    """Return whether nothing stands here but roles and words that are known beside them.

    Then a bare "mentor" is the answer to "mentor or mentee?"; among other words it may be the one
    somebody talks about, and before "please" what they ask for.
    """
    rest = BARE_MENTEE.sub(" ", said)
    known = {_MENTOR, _MENTEE} | FOR_BARE | HEDGES | NO_WORDS
    if BARE_MENTOR.search(rest):
        rest, known = BARE_MENTOR.sub(" ", rest), known - {"please", "bitte"}
    return set(rest.split()) <= known


def _directions(said: str) -> bool:
    return bool({_MENTOR, _MENTEE} & set(said.split()) or BARE_MENTOR.search(said))


@cached_by_text(1000)
def direction_of(heading: str) -> Role | None:
    """Return the role that a yes to this question means, or None if the question does not say.

    "Would you like to be a mentor?" means mentor, "Would you like to have a mentor?" mentee.
    """
    try:
        return read_role(heading)
    except NotUnderstood:
        return None


@cached_by_text(5000)
def read_answer(text: str, heading: str) -> Role | None:
    """Return the role that an answer under this heading names: a yes means what the heading asks.

    Raise as `read_role` does.
    """
    if not _is_yes(text, heading):
        if _MENTORE.search(composed(text)) and _IN_FRENCH.search(composed(heading)):
            raise NotUnderstood(text)
        role = read_role(text)
        if role and _WONDERING.fullmatch(text):
            raise Undecided(text)
        return role
    asked = direction_of(heading)
    if asked is None:
        raise NotUnderstood(text)
    return asked


def read_pair(can: tuple[str, str], wants: tuple[str, str]) -> Role | None:
    """Return the role that two yes/no questions give together, each as (heading, answer).

    The first asks whether somebody can mentor, the second whether they want a mentor. None if both
    are no or blank. Raise Undecided if both are yes, and NotUnderstood if one cannot be read.
    """
    roles = [
        role
        for (heading, answer), role in ((can, Role.MENTOR), (wants, Role.MENTEE))
        if _said_yes(answer, heading, role)
    ]
    if len(roles) == 2:
        raise Undecided(f"{can[1]} / {wants[1]}")
    return roles[0] if roles else None


@cached_by_text(1000)
def _said_yes(text: str, heading: str, role: Role) -> bool:
    if _is_yes(text, heading):
        return True
    said = read_role(text)
    if said not in (None, role):
        raise NotUnderstood(text)
    return said is not None


def _is_yes(text: str, heading: str) -> bool:
    """Return whether this is a yes or a tick; the choice itself may stand for one."""
    said = as_written(text)
    return said in YES or text.strip() in TICKS or (bool(said) and said == as_written(heading))


@cached_by_text(1000)
def read_yes_no(text: str) -> bool:
    """Return whether an answer says yes or no, else NotUnderstood."""
    said = as_written(text)
    words = set(said.split())
    if said in YES or text.strip() in TICKS:
        return True
    if said in REFUSALS or (words & NOT and words <= NO_WORDS):
        return False
    raise NotUnderstood(text)
