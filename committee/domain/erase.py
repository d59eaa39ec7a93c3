"""Delete one person's data on their request: their rows, and what stands of them elsewhere.

What a row of theirs holds is emptied by the packages that know it. Then everything else that is
kept about the program is read, and names, addresses and words of the person are taken out: of
other people's emails, imports, the board's history, help requests, logs.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone

from committee.domain.traces import leave_to_clean_up
from matching.domain.anonymise import anonymise_matches_of
from matching.domain.exclusions.past_pairs import forget_addresses
from matching.domain.matches.changes import dissolve
from matching.models import Match, PastPair
from mentorship.domain.imports.responses import attached_addresses
from mentorship.domain.imports.undo import touched
from mentorship.domain.people.decisions import refuse_erased
from mentorship.domain.programs.anonymise import anonymise_person
from mentorship.domain.programs.data_log import log_access
from mentorship.domain.signals import people_changed
from mentorship.domain.sources.connect import forget_list
from mentorship.models import (
    DataAccess,
    Import,
    ImportSource,
    Participant,
    Program,
    SurveyResponse,
    anonymised_address,
)
from notifications.domain.outbox.worker import drop
from notifications.models import Bounce, EmailLog, EmailReply, Rematch
from notifications.models.states import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = EmailLog.State
# The committee's own settings and texts, in which nobody who takes part is named.
_OWN = {
    "Program", "Field", "Sector", "Logo", "Membership", "Question", "EmailTemplate", "Schedule",
    "ScheduleRun", "EmailBatch", "DataAccess", "CleanUp", "Proposal", "ValueMeaning",
}  # fmt: skip
# What somebody else said of themself: the same words there are theirs.
_THEIRS = {"Participant", "HistoricalParticipant", "SurveyResponse", "Draft"}
_TO_PROGRAM = ("program", "participant", "mail", "concern", "match")
_FREE_TEXT = ("topics_wanted", "topics_offered", "notes", "wants_to_meet", "rather_not_meet")
# Shorter ones are anybody's: "machine", "Python".
_WORDS_FROM = 12
_GONE = "(deleted)"
# The next read of a list that still has them would bring them back.
_READ_AGAIN = "Somebody’s data was deleted. Delete it where the list comes from too, then resume."


def what_keeps(person: Participant) -> list[str]:
    """Return, in sentences, why this person's data cannot be deleted yet; empty if it can.

    Raise PersonErased if it is deleted already.
    """
    refuse_erased(person)
    reasons = []
    program = person.program
    under_way = _emails_about(person).filter(state__in=[State.SENDING, State.UNCERTAIN])
    if under_way.exists():
        reasons.append(
            "An email to this person is being sent, or it is uncertain whether it was. Wait, or "
            "settle it in the outbox first."
        )
    if timezone.localdate(timezone=program.zone) <= program.ends_on:
        announced = _matches_of(person).filter(status=Match.Status.ANNOUNCED)
        for match in announced.select_related("mentor", "mentee"):
            partner = match.partner_of(person)
            reasons.append(
                f"They are matched with {partner}. Dissolve the match and tell {partner}."
            )
    return reasons


def erase_person(person: Participant, by: User | None = None) -> Participant:
    """Delete what is kept of one person, and return the row that stays: a number, withdrawn.

    It stands for them in matches and counts. All or nothing in one transaction, during which
    nobody else writes anything about the program. Emails to or about the person that wait are
    canceled; of those that were sent the words are deleted, also in what their match got. Imports
    that brought or changed the person cannot be undone any more, and uploads that wait to be
    confirmed are deleted. It cannot be undone. Raise ValidationError, with nothing changed, if
    something is in the way, or PersonErased if that has been done already.
    """
    with transaction.atomic():
        program = Program.objects.alone(person.program_id)
        Program.objects.in_use(program.pk)
        person = Participant.objects.select_related("program").get(pk=person.pk)
        if reasons := what_keeps(person):
            raise ValidationError(reasons)
        for match in _matches_of(person).filter(status=Match.Status.DRAFT):
            dissolve(match, "Their data is deleted", by=by)
        about = _emails_about(person)
        drop(
            about.filter(state__in=[State.QUEUED, State.HELD]),
            "the person’s data is deleted",
            Actor.RECEIVER,
        )
        sweep = _Sweep(person)
        emails = sweep.emails(about)
        EmailReply.objects.filter(participant=person).delete()
        _blank(emails)
        _forget_imports(person, sweep)
        for source in ImportSource.objects.filter(program=program):
            forget_list(source, _READ_AGAIN)
        addresses = sweep.addresses
        PastPair.objects.filter(program=program).filter(
            Q(first_email__in=addresses) | Q(second_email__in=addresses)
        ).delete()
        forget_addresses(addresses, Program.objects.exclude(pk=program.pk))
        for rematch in Rematch.objects.filter(
            Q(concern__participant=person) | Q(concern__match__in=_matches_of(person))
        ):
            Rematch.objects.filter(pk=rematch.pk).update(put_aside=_emptied(rematch.put_aside))
        anonymise_matches_of(person)
        anonymise_person(person)
        sweep.clean(program)
        person.refresh_from_db()
        people_changed.send(Participant, program=program, participant_ids=[person.pk])
        log_access(program, by, DataAccess.What.ERASED, "a person", about=person.pk)
        leave_to_clean_up(program, EmailLog.objects.filter(pk__in=emails))
    return person


def _matches_of(person: Participant) -> models.QuerySet[Match]:
    return Match.objects.filter(Q(mentor=person) | Q(mentee=person))


def _emails_about(person: Participant) -> models.QuerySet[EmailLog]:
    matches = _matches_of(person).values("pk")
    ours = EmailLog.objects.filter(Q(people=person) | Q(match__in=matches) | Q(matches__in=matches))
    return EmailLog.objects.filter(pk__in=ours.values("pk"))


def _blank(emails: Collection[int]) -> None:
    EmailLog.objects.filter(pk__in=emails).update(
        subject=_GONE,
        text_body="",
        html_body="",
        calendar="",
        written_for="",
        resend_why="",
        state_reason="",
        refusals={},
    )
    Bounce.objects.filter(mail__in=emails).update(words="")


def _forget_imports(person: Participant, sweep: _Sweep) -> None:
    for row in Import.objects.filter(program=person.program_id):
        if row.state == Import.State.DRAFT:
            # A spreadsheet cannot be searched for one person; it is to be uploaded again.
            row.delete()
            continue
        if row.undo and person.pk in touched(row):
            row.report, row.undo = {}, {}
        for waiting in ("unattached", "undecided"):
            setattr(row, waiting, [each for each in getattr(row, waiting) if not sweep.names(each)])
        row.save(update_fields=["report", "undo", "unattached", "undecided"])


def _emptied(value: Any) -> Any:
    """Return this JSON without the free text of the rows in it."""
    if isinstance(value, dict):
        free = ("text", "outcome", "words", "note", "dissolved_why", "did")
        return {key: "" if key in free and each else _emptied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_emptied(each) for each in value]
    return value


class _Sweep:
    """What one person is known by, and taking it out of everything else in their program."""

    def __init__(self, person: Participant) -> None:
        self.person = person
        past = list(Participant.history.filter(id=person.pk))
        said = list(person.responses.all())
        attached = attached_addresses(person.program)
        answered_from = {address for address, of in attached.items() if of == person.email}
        self.addresses = {person.email, *(state.email for state in past), *answered_from} - {""}
        others = Participant.objects.filter(program=person.program_id).exclude(pk=person.pk)
        names = {row.name for row in [person, *past, *said]} - set(
            others.values_list("name", flat=True)
        )
        words = {
            text
            for row in [person, *past, *said]
            for text in [*(getattr(row, name, "") for name in _FREE_TEXT), *_own_answers(row)]
        }
        # One word may be anybody's name, or a word.
        self.known = _any_of([*self.addresses, *(name for name in names if " " in name.strip())])
        self.words = _any_of([text for text in words if len(text) >= _WORDS_FROM])

    def names(self, value: Any) -> bool:
        """Return whether the person stands in a text, or anywhere in JSON."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return self.known.search(text) is not None

    def emails(self, about: models.QuerySet[EmailLog]) -> set[int]:
        """Return the keys of the emails to, about or with words of the person."""
        found = set(about.values_list("pk", flat=True))
        rows = EmailLog.objects.filter(program=self.person.program_id).exclude(pk__in=found)
        for pk, *texts in rows.values_list(
            "pk", "recipients", "subject", "text_body", "html_body"
        ).iterator():
            if any(map(self.names, texts)):
                found.add(pk)
        return found

    def clean(self, program: Program) -> None:
        """Take the person out of all rows of the program's that hold them still."""
        for model, rows in _tables(program):
            columns = [
                column.name
                for column in model._meta.local_concrete_fields
                if isinstance(column, models.CharField | models.TextField | models.JSONField)
                and not (column.choices or column.generated)
            ]
            for pk, *values in rows.values_list("pk", *columns).iterator():
                cleaned = {}
                for name, value in zip(columns, values, strict=True):
                    limit = getattr(model._meta.get_field(name), "max_length", None)
                    new = self._without(value, words=model.__name__ not in _THEIRS)
                    if new != value:
                        cleaned[name] = new[:limit] if isinstance(new, str) else new
                if cleaned:
                    model._base_manager.filter(pk=pk).update(**cleaned)

    def _without(self, value: Any, *, words: bool) -> Any:
        if isinstance(value, str):
            value = self.known.sub(self._number, value)
            return self.words.sub(_GONE, value) if words else value
        if isinstance(value, dict):
            return {
                self._without(key, words=words): self._without(each, words=words)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._without(each, words=words) for each in value]
        return value

    def _number(self, found: re.Match[str]) -> str:
        key = self.person.pk
        return anonymised_address(key) if "@" in found[0] else f"Participant {key}"


def _own_answers(row: Any) -> Iterator[str]:
    if isinstance(row, SurveyResponse):
        yield from (answer for answer in row.other_answers.values() if isinstance(answer, str))


def _any_of(texts: Collection[str]) -> re.Pattern[str]:
    """Return what finds any of these texts as a whole, the longest first."""
    every = {*texts, *map(html.escape, texts)}  # an email's HTML has them escaped
    parts = [re.escape(text) for text in sorted(every, key=len, reverse=True)]
    # Without any it finds nothing.
    return re.compile(rf"(?<![\w.+-])(?:{'|'.join(parts) or '(?!)'})(?![\w-])", re.IGNORECASE)


def _tables(program: Program) -> Iterator[tuple[type[models.Model], Any]]:
    """Return each kind of rows that may name people, and the program's rows of it."""
    for name in ("mentorship", "matching", "notifications"):
        for model in apps.get_app_config(name).get_models():
            if model.__name__.removeprefix("Historical") in _OWN:
                continue
            if path := _path(model):
                yield model, model._base_manager.filter(**{path: program})
    others = Participant.objects.exclude(program=program).values_list(
        Cast("pk", models.TextField())
    )
    people = ContentType.objects.get_for_model(Participant)
    yield LogEntry, LogEntry.objects.exclude(content_type=people, object_id__in=others)


def _path(model: Any) -> str:
    for name in _TO_PROGRAM:
        try:
            column = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        return name if name == "program" else f"{name}__{_path(column.related_model)}"
    return ""
