"""Importing survey responses that another form tool collected, each with its own time."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, fault_of, whole_name
from mentorship.domain.columns.known import RESPONSE_COLUMNS
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.likely_people import Likely, likely_people
from mentorship.domain.imports.report import (
    Changed,
    Doubt,
    PersonChange,
    Progress,
    RefusedRow,
    UnusableRow,
    check_lengths,
    read_address,
)
from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.cells import (
    read_capacity,
    read_career_stage,
    read_choice,
    read_choices,
)
from mentorship.domain.meaning.times import time_reader
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import read_role, read_yes_no
from mentorship.domain.meaning.zones import read_time_zone
from mentorship.domain.people.bulk import in_batches
from mentorship.domain.survey.responses import ASKED, Answers, Recorded, Submission, record_all
from mentorship.models import (
    CareerStage,
    Field,
    Import,
    Participant,
    Program,
    Sector,
    SurveyResponse,
)

_LIMITS = {"affiliation": 200, "notes": 10_000, "topics_wanted": 10_000, "topics_offered": 10_000}
_STAGES = dict(CareerStage.choices)
SHOWN_AT_MOST = 200
# For so many unknown addresses at most the likely person is looked for, and their answers kept.
UNKNOWN_AT_MOST = 500


@dataclass(frozen=True)
class _Answer:
    """One row, read. `source` is the row itself."""

    row: int
    address: str
    submitted_at: datetime.datetime
    answers: Answers
    source: Row

    @property
    def rank(self) -> tuple[datetime.datetime, int]:
        """Of two answers of one person the later counts."""
        return self.submitted_at, self.row


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
    that are in no sign-up. `changed` are the people whose details or role became others.
    """

    rows: int = 0
    people: int = 0
    superseded: int = 0
    recorded: int = 0
    unchanged: int = 0
    changed: list[PersonChange] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    role_changes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    done: Changed = field(default_factory=Changed, repr=False, compare=False)

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
        }


def import_responses(
    program: Program,
    table: Table,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    columns: dict[str, int] | None = None,
) -> ResponseReport:
    """Record the responses in `table` as SurveyResponses and return what changed.

    All or nothing in one transaction; `dry_run` only reads. A second import into the program waits
    for the first. The same table again adds nothing. The responses keep their own times, so that an
    older one never replaces what its person has answered since. Who is in no sign-up is listed,
    with who they may be, and not created; an address that somebody has attached to a person before
    counts as that person's. A cell that is not understood needs review, and the rest of its row is
    recorded. `columns` says which column stands where (key → position); without it they are found
    by heading and by what the program remembers. `progress(done, total)` is called after each batch
    of people. Raise ValidationError, with nothing saved, if a needed column is missing.
    """
    if columns is None:
        remembered = program.import_columns.get(Import.Kind.RESPONSES)
        columns = find_columns(table, RESPONSE_COLUMNS, remembered)
    report = ResponseReport(rows=len(table))
    reader = AnswerReader(program, columns)
    by_address = _read(program, table, columns, reader, report)
    with contextlib.nullcontext() if dry_run else transaction.atomic():
        if not dry_run:
            Program.objects.locked(program.pk)
        done = 0
        for batch in in_batches(by_address):
            answers = {address: by_address[address] for address in batch}
            _record(program, answers, columns, report, dry_run=dry_run)
            done += len(batch)
            if progress:
                progress(done, len(by_address))
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


def _read(
    program: Program,
    table: Table,
    found: dict[str, int],
    reader: AnswerReader,
    report: ResponseReport,
) -> dict[str, list[_Answer]]:
    """Read all rows: address → this person's answers, oldest first."""
    place = found["submitted_at"]
    times = (row.cells[place] for row in table.rows if len(row.cells) > place)
    read_time = time_reader(times, program.zone)
    attached = attached_addresses(program)
    by_address: dict[str, list[_Answer]] = {}
    for row in table.rows:
        try:
            if fault := fault_of(row, len(table.headings)):
                raise UnusableRow(*fault)
            read = _read_row(row, cells_of(row, found), reader, read_time)
        except UnusableRow as refused:
            report.refused.append(RefusedRow(row.number, refused.value, refused.why))
            continue
        by_address.setdefault(attached.get(read.address, read.address), []).append(read)
    for rows in by_address.values():
        rows.sort(key=lambda read: read.rank)
    return by_address


def _read_row(
    row: Row,
    cells: dict[str, str],
    reader: AnswerReader,
    read_time: Callable[[str], datetime.datetime],
) -> _Answer:
    """Read one row; raise UnusableRow if it cannot be taken over."""
    address = read_address(cells["address"])
    if not cells["submitted_at"]:
        raise UnusableRow(address, "no time of the answer")
    try:
        submitted_at = read_time(cells["submitted_at"])
    except NotUnderstood:
        shown = cells["submitted_at"][:SHOWN_AT_MOST]
        raise UnusableRow(shown, "time of the answer not understood") from None
    check_lengths(cells, _LIMITS)
    return _Answer(row.number, address, submitted_at, reader.read(cells), row)


def _record(
    program: Program,
    by_address: dict[str, list[_Answer]],
    found: dict[str, int],
    report: ResponseReport,
    *,
    dry_run: bool,
) -> None:
    """Record the answers of one batch of people, and report."""
    people = _people(program, by_address, lock=not dry_run)
    for known in people.values():
        known.program = program
    submissions: list[Submission] = []
    for address, rows in by_address.items():
        person = people.get(address)
        if person is None:
            report.unknown.append(_unknown(address, rows, found))
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
    before = {
        email: shown_details(person, person.fields.all(), person.sector)
        for email, person in people.items()
    }
    recorded = record_all(
        submissions, origin=SurveyResponse.Origin.IMPORT, held=not dry_run, dry_run=dry_run
    )
    report.recorded += len(recorded.responses)
    with_new = {response.participant_id for response in recorded.responses}
    report.unchanged += sum(person.pk not in with_new for person in people.values())
    for email, person in people.items():
        if person.pk not in with_new:
            continue
        was = before[email]
        fields = recorded.fields.get(person.pk, person.fields.all())
        now = shown_details(person, fields, person.sector)
        changes = {key: (was[key], now[key]) for key in was if was[key] != now[key]}
        report.changed.append(PersonChange(by_address[email][-1].row, email, person.name, changes))
        if "role" in changes:
            report.role_changes.append(email)
    if not dry_run:
        keep_for_undo(report.done, recorded, people.values())


def keep_for_undo(done: Changed, recorded: Recorded, people: Iterable[Participant]) -> None:
    """Add to `done` what these new answers changed; `people` are their people as they were."""
    done.responses += [response.pk for response in recorded.responses]
    before = {person.pk: person for person in people}
    for pk, person in recorded.people.items():
        done.note(person, recorded.before[pk])
        if pk in recorded.fields:
            old = [row.pk for row in before[pk].fields.all()]
            done.note_fields(pk, old, [row.pk for row in recorded.fields[pk]])


def _unknown(address: str, rows: list[_Answer], found: dict[str, int]) -> Unknown:
    newest = cells_of(rows[-1].source, found)
    answers = [
        {"submitted_at": read.submitted_at.isoformat(), "cells": cells_of(read.source, found)}
        for read in rows
    ]
    return Unknown(rows[-1].row, address, whole_name(newest)[:200], answers=answers)


def unattached_responses(report: ResponseReport) -> list[dict[str, Any]]:
    """Return the responses from unknown addresses as the import keeps them until they have one."""
    return [unknown.as_json() for unknown in report.unknown]


def attached_addresses(program: Program) -> dict[str, str]:
    """Return the addresses that somebody has attached to a person: theirs → that person's."""
    done = Import.objects.filter(
        program=program, kind=Import.Kind.RESPONSES, state=Import.State.DONE
    ).exclude(attached={})
    attached: dict[str, int] = {}
    for said in done.order_by("imported_at").values_list("attached", flat=True):
        attached |= said
    people = Participant.objects.filter(program=program, pk__in=attached.values())
    emails = dict(people.values_list("pk", "email"))
    return {address: emails[pk] for address, pk in attached.items() if pk in emails}


def _people(program: Program, addresses: Collection[str], *, lock: bool) -> dict[str, Participant]:
    rows = Participant.objects.filter(program=program, email__in=addresses)
    if lock:
        rows = rows.select_for_update(of=("self",))
    rows = rows.select_related("sector").prefetch_related("fields").order_by("pk")
    # In the order of the file, in which everything is reported.
    found = {person.email: person for person in rows}
    return {address: found[address] for address in addresses if address in found}


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
        keep_for_undo(changed, recorded, [was])
        kept.undo = changed.as_json()
        kept.unattached = [entry for entry in kept.unattached if entry is not waiting]
        kept.attached = {**kept.attached, address: was.pk}
        kept.save(update_fields=["undo", "unattached", "attached"])
    return len(recorded.responses)


class AnswerReader:
    """Reads the answers of one program's survey, from tables with these columns."""

    def __init__(self, program: Program, columns: Collection[str]) -> None:
        self.asked = ASKED & set(columns)
        self.fields: dict[str, Field] = {row.name: row for row in program.fields.all()}
        self.sectors: dict[str, Sector] = {row.name: row for row in program.sectors.all()}
        # Of fifty thousand answers most choose what others have chosen too.
        self._read_fields = lru_cache(maxsize=5000)(lambda text: read_choices(text, self.fields))
        self._read_sector = lru_cache(maxsize=5000)(lambda text: read_choice(text, self.sectors))

    def read(self, cells: Mapping[str, str]) -> Answers:
        """Return what these cells (key of column → text) answer, and which of them need review."""
        doubts: list[dict[str, str]] = []

        def doubt(key: str, value: str) -> None:
            doubts.append({"field": key.replace("_", " "), "value": value[:SHOWN_AT_MOST]})

        def understood(key: str, read: Callable[[str], Any], nothing: Any) -> Any:
            if not (text := cells.get(key, "")):
                return nothing
            try:
                return read(text)
            except NotUnderstood:
                doubt(key, text)
                return nothing

        def text(key: str) -> str:
            return cells.get(key, "")

        role = understood("role", read_role, "")
        fields, rest = self._read_fields(text("fields"))
        for piece in rest:
            doubt("fields", piece)
        typed = text("capacity")
        return Answers(
            # A role that reads as a no, where nothing at all would be a blank cell.
            taking_part=role is not None and understood("taking_part", read_yes_no, True),
            role=role or "",
            attendance=understood("attendance", read_attendance, ""),
            fields=fields,
            sector=understood("sector", self._read_sector, None),
            career_stage=understood("career_stage", read_career_stage, ""),
            affiliation=" ".join(text("affiliation").split()),
            capacity=understood("capacity", read_capacity, None),
            capacity_as_typed="" if typed.isdecimal() else typed[:SHOWN_AT_MOST],
            time_zone=understood("time_zone", read_time_zone, ""),
            topics_wanted=text("topics_wanted"),
            topics_offered=text("topics_offered"),
            notes=text("notes"),
            doubts=doubts,
            asked=self.asked,
        )
