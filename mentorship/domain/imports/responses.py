"""Importing survey responses that another form tool collected, each with its own time."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.columns.found import Found, whole_name
from mentorship.domain.columns.guesses import find_or_ask
from mentorship.domain.columns.known import RESPONSE_COLUMNS
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.likely_people import Likely, likely_people
from mentorship.domain.imports.reading.responses import AnswerReader, AnswerRow, read_answers
from mentorship.domain.imports.reading.rows import Doubt, LeftOut, RefusedRow
from mentorship.domain.imports.report import Changed, PersonChange, Progress
from mentorship.domain.meaning.questions import OpenQuestion
from mentorship.domain.meaning.remembered import Meanings, Value
from mentorship.domain.people.bulk import in_batches
from mentorship.domain.survey.answers import Submission
from mentorship.domain.survey.applying import Recorded
from mentorship.domain.survey.repeated import without_repeated
from mentorship.domain.survey.responses import record_all
from mentorship.models import (
    CareerStage,
    Field,
    Import,
    Participant,
    Program,
    Sector,
    SurveyResponse,
    normalise_address,
)

_NO_TIMES = (
    "No column says when the answers were sent. They count as sent now, and of two answers of one "
    "person the lower one in the file counts."
)
_STAGES = dict(CareerStage.choices)
# For so many unknown addresses at most the likely person is looked for, and their answers kept.
UNKNOWN_AT_MOST = 500


@dataclass(frozen=True)
class Unknown:
    """An address that nobody in the program has, who it may be, and the answers sent from it.

    `answers` are as an import keeps them until somebody says whose they are.
    """

    row: int
    value: str
    name: str
    likely: Likely | None = None
    answers: list[dict[str, Any]] = field(default_factory=list, repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return vars(self) | {"likely": self.likely and self.likely.as_json()}


@dataclass
class ResponseReport:
    """What an import of responses did, or with `dry_run` would do.

    `people` have a response in this file, of which `superseded` are replaced by a newer one in it.
    `recorded` responses are new, `unchanged` people have none that is. `unknown` are addresses
    that are in no sign-up. `changed` are the people whose details or role became others. `values`
    are the words of the file and what they were taken for, `questions` what is open,
    `notes` are sentences about the file.
    """

    rows: int = 0
    people: int = 0
    superseded: int = 0
    recorded: int = 0
    unchanged: int = 0
    changed: list[PersonChange] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    role_changes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    questions: list[OpenQuestion] = field(default_factory=list)
    done: Changed = field(default_factory=Changed, repr=False, compare=False)

    @property
    def nothing_read(self) -> bool:
        """Return whether all rows that are somebody's are refused."""
        return bool(self.refused) and not (self.people or self.unknown)

    def as_json(self) -> dict[str, Any]:
        """Return the report under the keys of the `import_responses` command."""
        return {
            "rows": self.rows,
            "people": self.people,
            "superseded": self.superseded,
            "unknown": [unknown.value for unknown in self.unknown],
            "role_changes": self.role_changes,
            "doubts": [doubt.as_json() for doubt in self.doubts],
            "refused": [refused.as_json() for refused in self.refused],
            "left_out": [left_out.as_json() for left_out in self.left_out],
            "questions": [question.as_json() for question in self.questions],
        }


def import_responses(
    program: Program,
    table: Table,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    columns: Found | None = None,
    given: Mapping[str, str] | None = None,
) -> ResponseReport:
    """Record the responses in `table` as SurveyResponses and return what changed.

    All or nothing in one transaction; `dry_run` only reads. A second import into the program waits
    for the first. The same table again adds nothing. The responses keep their own times, so that an
    older one never replaces what its person has answered since; without a column for them, they
    come in the file's order and now, and what a person has answered before in the same words is not
    repeated. Tests, unfinished and blank answers are left out. Who is in no sign-up is listed,
    with who they may be, and not created; an address that somebody has attached to a person before
    counts as that person's. A cell that is not understood needs review, and the rest of its row is
    recorded. `given` is what somebody has chosen for this file, as `Meanings` takes it. `columns`
    says which column stands where; without it they are found by heading and by what the program
    remembers. `progress(done, total)` is called after each batch of people. Raise
    ValidationError, with nothing saved, if a needed column is missing.
    """
    if columns is None:
        remembered = program.import_columns.get(Import.Kind.RESPONSES, {})
        columns = find_or_ask(table, RESPONSE_COLUMNS, remembered, "submitted_at")
    meanings = Meanings(program, given)
    read = read_answers(program, table, columns, meanings, timezone.now(), _whose(program, columns))
    report = ResponseReport(
        rows=len(table),
        refused=read.refused,
        left_out=read.left_out,
        values=meanings.values(),
        questions=meanings.questions() + meanings.about_times(read.undecided_times),
        notes=[] if "submitted_at" in columns else [_NO_TIMES],
    )
    by_address, timed = read.by_address, "submitted_at" in columns
    with contextlib.nullcontext() if dry_run else transaction.atomic():
        if not dry_run:
            Program.objects.locked(program.pk)
            Program.objects.in_use(program.pk)
        done = 0
        total = len(by_address)
        for batch in in_batches(list(by_address)):
            # What is recorded is let go, for fifty thousand answers are a lot.
            answers = {address: by_address.pop(address) for address in batch}
            _record(program, answers, report, timed=timed, dry_run=dry_run)
            done += len(batch)
            if progress:
                progress(done, total)
    report.doubts.sort(key=lambda doubt: doubt.row)
    _find_likely(program, report)
    return report


def _find_likely(program: Program, report: ResponseReport) -> None:
    report.unknown.sort(key=lambda unknown: unknown.row)
    first = report.unknown[:UNKNOWN_AT_MOST]
    likely = likely_people(program, [(unknown.value, unknown.name) for unknown in first])
    report.unknown[:UNKNOWN_AT_MOST] = [
        replace(unknown, likely=likely[unknown.value]) for unknown in first
    ]


def _whose(program: Program, columns: Mapping[str, int]) -> Callable[[str, str], str]:
    """Return what tells the address of the person who answered, from those that a row has.

    An address that somebody has attached to a person before is that person's. Of two it is the one
    that the program knows, else the one that was asked for.
    """
    attached = attached_addresses(program)
    known: set[str] = set()
    if "account_address" in columns:
        known = set(Participant.objects.filter(program=program).values_list("email", flat=True))

    def whose(asked: str, account: str) -> str:
        for text in (asked, account):
            address = normalise_address(text)
            if address in attached:
                return attached[address]
            if address in known:
                return text
        return asked or account

    return whose


def _record(
    program: Program,
    by_address: dict[str, list[AnswerRow]],
    report: ResponseReport,
    *,
    timed: bool,
    dry_run: bool,
) -> None:
    """Record the answers of one batch of people, and report."""
    people = _people(program, by_address, lock=not dry_run)
    chosen = _fields_of(program, people.values())
    for known in people.values():
        known.program = program
    submissions: list[Submission] = []
    for address, rows in by_address.items():
        person = people.get(address)
        if person is None:
            report.unknown.append(_unknown(address, rows))
            continue
        report.people += 1
        report.superseded += len(rows) - 1
        for said in rows[-1].answers.doubts:
            report.doubts.append(Doubt(rows[-1].row, address, said["field"], said["value"]))
        # Of two answers of the same second the lower one in the file counts.
        at_once = {read.submitted_at: read for read in rows}
        submissions += [
            Submission(person, read.answers, read.submitted_at) for read in at_once.values()
        ]
    if not timed:
        submissions = without_repeated(submissions)
    before = {
        email: shown_details(person, chosen[person.pk], person.sector)
        for email, person in people.items()
    }
    recorded = record_all(
        submissions, origin=SurveyResponse.Origin.IMPORT, held=not dry_run, dry_run=dry_run
    )
    report.recorded += len(recorded.responses)
    shared: dict[tuple[str, str], tuple[str, str]] = {}  # most are alike
    with_new = {response.participant_id for response in recorded.responses}
    report.unchanged += sum(person.pk not in with_new for person in people.values())
    for email, person in people.items():
        if person.pk not in with_new:
            continue
        was = before[email]
        fields = recorded.fields.get(person.pk, chosen[person.pk])
        now = shown_details(person, fields, person.sector)
        changes = {
            key: shared.setdefault(pair, pair)
            for key in was
            if was[key] != now[key] and (pair := (was[key], now[key]))
        }
        report.changed.append(PersonChange(by_address[email][-1].row, email, person.name, changes))
        if "role" in changes:
            report.role_changes.append(email)
    if not dry_run:
        keep_for_undo(report.done, recorded, chosen)


def keep_for_undo(done: Changed, recorded: Recorded, before: Mapping[int, Sequence[Field]]) -> None:
    """Add to `done` what these new answers changed; `before` are their people's former fields."""
    done.responses += [response.pk for response in recorded.responses]
    for pk, person in recorded.people.items():
        done.note(person, recorded.before[pk])
        if pk in recorded.fields:
            old = [row.pk for row in before[pk]]
            done.note_fields(pk, old, [row.pk for row in recorded.fields[pk]])


def _unknown(address: str, rows: list[AnswerRow]) -> Unknown:
    answers = [
        {"submitted_at": read.submitted_at.isoformat(), "cells": read.cells} for read in rows
    ]
    return Unknown(rows[-1].row, address, whole_name(rows[-1].cells)[:200], answers=answers)


def unattached_responses(report: ResponseReport) -> list[dict[str, Any]]:
    """Return the responses from unknown addresses as the import keeps them until they have one."""
    return [unknown.as_json() for unknown in report.unknown]


def attached_addresses(program: Program) -> dict[str, str]:
    """Return the addresses that somebody has attached to a person: theirs → that person's."""
    done = Import.objects.done_of(program, Import.Kind.RESPONSES).exclude(attached={})
    attached: dict[str, int] = {}
    for said in done.order_by("imported_at").values_list("attached", flat=True):
        # What is nobody's is there, too.
        attached |= {address: pk for address, pk in said.items() if pk is not None}
    people = Participant.objects.filter(program=program, pk__in=attached.values())
    emails = dict(people.values_list("pk", "email"))
    return {address: emails[pk] for address, pk in attached.items() if pk in emails}


def _people(program: Program, addresses: Collection[str], *, lock: bool) -> dict[str, Participant]:
    rows = Participant.objects.filter(program=program, email__in=addresses)
    if lock:
        rows = rows.select_for_update(of=("self",))
    rows = rows.select_related("sector").order_by("pk")
    # In the order of the file, in which everything is reported.
    found = {person.email: person for person in rows}
    return {address: found[address] for address in addresses if address in found}


def _fields_of(program: Program, people: Iterable[Participant]) -> dict[int, list[Field]]:
    """Return the fields of these people, each in the program's order."""
    of_program = list(program.fields.all())
    rows = Participant.fields.through.objects.filter(
        participant__in=[person.pk for person in people]
    )
    known = set(rows.values_list("participant_id", "field_id"))
    return {
        person.pk: [field for field in of_program if (person.pk, field.pk) in known]
        for person in people
    }


def shown_details(
    person: Participant, fields: Iterable[Field], sector: Sector | None
) -> dict[str, str]:
    """Return what a response can change about a person, as a person reads it."""
    return {
        "role": person.survey_role or person.signup_role,
        "attendance": (person.survey_attendance or person.signup_attendance).replace("_", " "),
        "fields": ", ".join(row.name for row in fields),
        "sector": str(sector or ""),
        "career stage": _STAGES.get(person.career_stage, ""),
        "affiliation": person.affiliation,
        "mentees at most": str(person.capacity),
        "time zone": person.time_zone,
        "topics wanted": person.topics_wanted,
        "topics offered": person.topics_offered,
        "notes": person.notes,
        "takes part": "yes" if person.takes_part else "no",
    }


def attach_responses(done: Import, address: str, person: Participant) -> int:
    """Record the responses that an import kept from this unknown address as this person's.

    Return how many are new. They keep their own times, can be undone with the import, and later
    files with the address count as the person's. Raise ValidationError, with nothing saved, if
    the person is of another program, or if the answers are not waiting any more.
    """
    with transaction.atomic():
        program = Program.objects.locked(done.program_id)
        Program.objects.in_use(program.pk)
        kept = Import.objects.select_for_update(of=("self",)).get(pk=done.pk)
        waiting = next((e for e in kept.unattached if e["value"] == address), None)
        if waiting is None or kept.state != Import.State.DONE:
            raise ValidationError(f"The response from {address} is no longer waiting here.")
        if person.program_id != program.pk:
            raise ValidationError("This person is in another program.")
        was = (
            Participant.objects.select_for_update(of=("self",))
            .select_related("program")
            .prefetch_related("fields")
            .get(pk=person.pk)
        )
        submissions = []
        for answer in waiting["answers"]:
            reader = AnswerReader(program, answer["cells"])
            moment = datetime.datetime.fromisoformat(answer["submitted_at"])
            submissions.append(Submission(was, reader.read(answer["cells"]), moment))
        recorded = record_all(submissions, origin=SurveyResponse.Origin.IMPORT, held=True)
        changed = Changed(**kept.undo)
        keep_for_undo(changed, recorded, {was.pk: list(was.fields.all())})
        kept.undo = changed.as_json()
        kept.unattached = [entry for entry in kept.unattached if entry is not waiting]
        kept.attached = {**kept.attached, address: was.pk}
        kept.save(update_fields=["undo", "unattached", "attached"])
    return len(recorded.responses)
