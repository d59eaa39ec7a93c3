"""Taking over survey answers that another form tool collected, each with its own time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from mentorship.domain.answers import (
    NotUnderstood,
    read_attendance,
    read_capacity,
    read_career_stage,
    read_choice,
    read_choices,
    read_role,
    read_time_zone,
    time_reader,
)
from mentorship.domain.columns import RESPONSE_COLUMNS, cells_of, fault_of, find_columns
from mentorship.domain.intake import (
    Change,
    Doubt,
    Progress,
    Refused,
    RowRefused,
    check_lengths,
    in_batches,
    read_address,
)
from mentorship.domain.responses import ASKED, Answers, Submission, record_responses
from mentorship.domain.spreadsheets import Row, Table
from mentorship.models import Field, Participant, Program, Sector, SurveyResponse

_LIMITS = {"affiliation": 200, "notes": 10_000, "topics_wanted": 10_000, "topics_offered": 10_000}
_SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class _Row:
    """One row, read; `doubts` is ((field, value), ...)."""

    row: int
    address: str
    submitted_at: datetime.datetime
    answers: Answers

    @property
    def rank(self) -> tuple[datetime.datetime, int]:
        """Of two answers of one person the later counts."""
        return self.submitted_at, self.row


@dataclass
class ResponseReport:
    """What an import of survey answers did, or with `dry_run` would do.

    `people` have an answer in this file, of which `superseded` answers are replaced by a newer one
    in it. `recorded` answers are new, `unchanged` people have none that is. `unknown` are addresses
    that are in no sign-up. `changed` are the people whose details or role became others.
    """

    rows: int = 0
    people: int = 0
    superseded: int = 0
    recorded: int = 0
    unchanged: int = 0
    changed: list[Change] = field(default_factory=list)
    unknown: list[Refused] = field(default_factory=list)
    role_changes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give the report under the keys of the `import_responses` command."""
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
    program: Program, table: Table, *, dry_run: bool = False, progress: Progress | None = None
) -> ResponseReport:
    """Record the survey answers in `table` as SurveyResponses and report what changed.

    All or nothing in one transaction, which `dry_run` takes back at its end. A second import into
    the program waits for the first. The same table again adds nothing. The answers keep their own
    times, so that an older one never replaces what its person has answered since. Who is in no
    sign-up is listed and not created; what cannot be understood is a doubt, and the rest of its
    row is recorded. `progress(done, total)` is called after each batch of people. Raises
    ValidationError, with nothing saved, if a needed column is missing.
    """
    found = find_columns(table, RESPONSE_COLUMNS)
    report = ResponseReport(rows=len(table))
    by_address = _read(program, table, found, report)
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        done = 0
        for batch in in_batches(by_address):
            _record(program, {address: by_address[address] for address in batch}, report)
            done += len(batch)
            if progress:
                progress(done, len(by_address))
        if dry_run:
            transaction.set_rollback(True)
    report.doubts.sort(key=lambda doubt: doubt.row)
    report.unknown.sort(key=lambda unknown: unknown.row)
    return report


def _read(
    program: Program, table: Table, found: dict[str, int], report: ResponseReport
) -> dict[str, list[_Row]]:
    """Read all rows: address → this person's answers, oldest first."""
    place = found["submitted_at"]
    times = (row.cells[place] for row in table.rows if len(row.cells) > place)
    reader = _Reader(program, found, time_reader(times, program.zone))
    by_address: dict[str, list[_Row]] = {}
    for row in table.rows:
        try:
            if fault := fault_of(row, len(table.headings)):
                raise RowRefused(*fault)
            read = reader.read(row)
        except RowRefused as refused:
            report.refused.append(Refused(row.number, refused.value, refused.why))
            continue
        by_address.setdefault(read.address, []).append(read)
    for rows in by_address.values():
        rows.sort(key=lambda read: read.rank)
    return by_address


class _Reader:
    """Reads the rows of one table, whose columns stand where `found` says."""

    def __init__(
        self,
        program: Program,
        found: dict[str, int],
        read_time: Callable[[str], datetime.datetime],
    ) -> None:
        self.found = found
        self.asked = ASKED & found.keys()
        self.read_time = read_time
        self.fields: dict[str, Field] = {row.name: row for row in program.fields.all()}
        self.sectors: dict[str, Sector] = {row.name: row for row in program.sectors.all()}

    def read(self, row: Row) -> _Row:
        """Read one row; raise RowRefused if it cannot be taken over."""
        cells = cells_of(row, self.found)
        address = read_address(cells["address"])
        if not cells["submitted_at"]:
            raise RowRefused(address, "no time of the answer")
        try:
            submitted_at = self.read_time(cells["submitted_at"])
        except NotUnderstood:
            shown = cells["submitted_at"][:_SHOWN_AT_MOST]
            raise RowRefused(shown, "time of the answer not understood") from None
        check_lengths(cells, _LIMITS)
        return _Row(row.number, address, submitted_at, self._answers(cells))

    def _answers(self, cells: Mapping[str, str]) -> Answers:
        doubts: list[dict[str, str]] = []

        def doubt(key: str, value: str) -> None:
            doubts.append({"field": key.replace("_", " "), "value": value[:_SHOWN_AT_MOST]})

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
        fields, rest = read_choices(text("fields"), self.fields)
        for piece in rest:
            doubt("fields", piece)
        typed = text("capacity")
        return Answers(
            # A role that reads as a no, where nothing at all would be a blank cell.
            taking_part=role is not None,
            role=role or "",
            attendance=understood("attendance", read_attendance, ""),
            fields=fields,
            sector=understood("sector", lambda name: read_choice(name, self.sectors), None),
            career_stage=understood("career_stage", read_career_stage, ""),
            affiliation=" ".join(text("affiliation").split()),
            capacity=understood("capacity", read_capacity, None),
            capacity_as_typed="" if typed.isdecimal() else typed[:_SHOWN_AT_MOST],
            time_zone=understood("time_zone", read_time_zone, ""),
            topics_wanted=text("topics_wanted"),
            topics_offered=text("topics_offered"),
            notes=text("notes"),
            doubts=doubts,
            asked=self.asked,
        )


def _record(program: Program, by_address: dict[str, list[_Row]], report: ResponseReport) -> None:
    """Record the answers of one batch of people, and report."""
    people = _people(program, by_address)
    before = {email: _shown(person) for email, person in people.items()}
    submissions: list[Submission] = []
    for address, rows in by_address.items():
        person = people.get(address)
        if person is None:
            report.unknown.append(Refused(rows[-1].row, address, "not in any sign-up"))
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
    recorded = record_responses(submissions, origin=SurveyResponse.Origin.IMPORT)
    report.recorded += len(recorded)
    with_new = {response.participant_id for response in recorded}
    report.unchanged += sum(person.pk not in with_new for person in people.values())
    answered = [email for email, person in people.items() if person.pk in with_new]
    for email, person in _people(program, answered).items():
        was, now = before[email], _shown(person)
        changes = {key: (was[key], now[key]) for key in was if was[key] != now[key]}
        report.changed.append(Change(by_address[email][-1].row, email, person.name, changes))
        if "role" in changes:
            report.role_changes.append(email)


def _people(program: Program, addresses: Collection[str]) -> dict[str, Participant]:
    rows = Participant.objects.filter(program=program, email__in=addresses)
    rows = rows.select_related("sector").prefetch_related("fields").order_by("pk")
    # In the order of the file, in which everything is reported.
    found = {person.email: person for person in rows}
    return {address: found[address] for address in addresses if address in found}


def _shown(person: Participant) -> dict[str, str]:
    """Give what a survey answer can change about a person, as a person reads it."""
    return {
        "role": person.survey_role or person.signup_role,
        "attendance": (person.survey_attendance or person.signup_attendance).replace("_", " "),
        "fields": ", ".join(row.name for row in person.fields.all()),
        "sector": str(person.sector or ""),
        "career stage": person.get_career_stage_display(),
        "affiliation": person.affiliation,
        "mentees at most": str(person.capacity),
        "time zone": person.time_zone,
        "topics wanted": person.topics_wanted,
        "topics offered": person.topics_offered,
        "notes": person.notes,
        "takes part": "yes" if person.takes_part else "no",
    }
