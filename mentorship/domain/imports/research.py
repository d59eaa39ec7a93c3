"""The research sheet: what is known of people who have not answered, to fill in and upload.

A cell counts if it says something that was not there when the sheet was downloaded; the sheet's
last column, which people do not see, knows. A blank cell deletes nothing. A response that has come
since stays, and so does what somebody has filled in here since.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, fault_of
from mentorship.domain.columns.known import RESPONSE_COLUMNS, column
from mentorship.domain.files.formulas import cell_text
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.reading.rows import (
    Doubt,
    RefusedRow,
    UnusableRow,
    check_lengths,
    read_address,
)
from mentorship.domain.imports.report import Changed, PersonChange, Progress
from mentorship.domain.meaning.cells import read_career_stage, read_choice, read_choices
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.people.bulk import BATCH, snapshot
from mentorship.domain.people.decisions import save_details
from mentorship.models import CareerStage, Participant, Program
from mentorship.models.cleaning import clean

# What the sheet asks for: the detail, and its heading.
ASKED = {
    "affiliation": "Affiliation",
    "fields": "Fields",
    "sector": "Sector",
    "career_stage": "Career stage",
    "notes": "Notes",
}
MARK_HEADING = "Known when taken out"
RESEARCH_COLUMNS = [
    *(each for each in RESPONSE_COLUMNS if each.key in ("address", *ASKED)),
    column("mark", "mark of what was known", "known when taken out"),
]
# The columns of a person that a sheet may write, as they stand in the row.
_IN_ROW = ("affiliation", "sector_id", "career_stage", "notes", "detail_sources")
_LIMITS = {"affiliation": 200, "notes": 10_000}
_SHOWN_AT_MOST = 200


@dataclass
class ResearchReport:
    """What an upload of the research sheet did, or with `dry_run` would do.

    `answered` are rows of people whose response counts instead; `conflicts` are details that
    somebody filled in here since the download.
    """

    rows: int = 0
    unchanged: int = 0
    changed: list[PersonChange] = field(default_factory=list)
    answered: list[PersonChange] = field(default_factory=list)
    conflicts: list[PersonChange] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    done: Changed = field(default_factory=Changed, repr=False, compare=False)


def left_to_research(program: Program) -> QuerySet[Participant]:
    """Return the people who take part and have not answered, in the order of names."""
    people = Participant.objects.filter(program=program).not_answered()
    people = people.select_related("program", "sector").prefetch_related("fields")
    return people.order_by("name", "pk")


def known_of(person: Participant) -> dict[str, str]:
    """Return what is known of a person in each respect that the sheet asks for, as it shows it."""
    stage = CareerStage(person.career_stage).label if person.career_stage else ""
    said = {
        "affiliation": person.affiliation,
        "fields": "; ".join(each.name for each in person.fields.all()),
        "sector": person.sector.name if person.sector else "",
        "career_stage": str(stage),
        "notes": person.notes,
    }
    return {detail: clean(cell_text(text)) for detail, text in said.items()}


def mark_of(known: Mapping[str, str]) -> str:
    """Return the mark of what is known: for each detail a number that changes with its text."""
    return " ".join(f"{detail}={_number(text)}" for detail, text in known.items())


def _number(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}" if text else "0"


def import_research(
    program: Program,
    table: Table,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    columns: dict[str, int] | None = None,
) -> ResearchReport:
    """Save what was filled in on a research sheet as research, and return what changed.

    All or nothing in one transaction, which `dry_run` rolls back at its end. A cell that is not
    understood needs review, and the rest of its row is saved. `columns` says which column stands
    where (key → position); without it their headings do. `progress(done, total)` is called after
    each batch of people. Raise ValidationError, with nothing
    saved, if there is no column of addresses.
    """
    found = find_columns(table, RESEARCH_COLUMNS) if columns is None else columns
    with transaction.atomic():
        Program.objects.locked(program.pk)
        Program.objects.in_use(program.pk)
        report = _Import(program, found).run(table, progress)
        if dry_run:
            transaction.set_rollback(True)
    return report


class _Import:
    def __init__(self, program: Program, found: dict[str, int]) -> None:
        self.program = program
        self.found = found
        self.options: dict[str, dict[str, Any]] = {
            "fields": {each.name: each for each in program.fields.all()},
            "sector": {each.name: each for each in program.sectors.all()},
        }
        self.report = ResearchReport()

    def run(self, table: Table, progress: Progress | None) -> ResearchReport:
        self.report.rows = len(table)
        rows = self._by_address(table)
        people = Participant.objects.filter(program=self.program, email__in=rows)
        # Held first, in the order of their keys, so that no answer comes in between.
        list(people.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
        answered = set(people.answered().values_list("pk", flat=True))
        by_address = {
            person.email: person
            for person in people.select_related("sector").prefetch_related("fields")
        }
        for number, (address, row) in enumerate(rows.items(), start=1):
            person = by_address.get(address)
            if person is None:
                self._refuse(row, address, "nobody in this program has this address")
            elif not person.takes_part:
                self._refuse(row, address, "no longer takes part")
            else:
                self._take(row, person, person.pk in answered)
            if progress and (number % BATCH == 0 or number == len(rows)):
                progress(number, len(rows))
        self.report.refused.sort(key=lambda refused: refused.row)
        return self.report

    def _refuse(self, row: Row, value: str, why: str) -> None:
        self.report.refused.append(RefusedRow(row.number, value, why))

    def _by_address(self, table: Table) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        for row in table.rows:
            try:
                if fault := fault_of(row, len(table.headings)):
                    raise UnusableRow(*fault)
                cells = cells_of(row, self.found)
                address = read_address(cells["address"])
                if address in rows:
                    raise UnusableRow(address, f"the same person as in row {rows[address].number}")
            except UnusableRow as refused:
                self._refuse(row, refused.value, refused.why)
                continue
            rows[address] = row
        return rows

    def _take(self, row: Row, person: Participant, answered: bool) -> None:
        cells = cells_of(row, self.found)
        known = known_of(person)
        then = dict(pair.split("=", 1) for pair in cells.get("mark", "").split() if "=" in pair)
        edited = {
            detail: text
            for detail in ASKED
            if (text := clean(cell_text(cells.get(detail, ""))))
            and text != known[detail]
            and _number(text) != then.get(detail)
        }
        if not edited:
            self.report.unchanged += 1
            return
        try:
            check_lengths(edited, _LIMITS)
        except UnusableRow as refused:
            self._refuse(row, refused.value, refused.why)
            return
        if answered:
            self.report.answered.append(self._change(row, person, known, edited))
            return
        meanwhile = {
            detail: text
            for detail, text in edited.items()
            if known[detail] and then and then.get(detail) != _number(known[detail])
        }
        if meanwhile:
            self.report.conflicts.append(self._change(row, person, known, meanwhile))
        self._save(row, person, known, {d: t for d, t in edited.items() if d not in meanwhile})

    def _save(
        self, row: Row, person: Participant, known: dict[str, str], edited: dict[str, str]
    ) -> None:
        understood = []
        before = snapshot(person, _IN_ROW)
        fields_before = [each.pk for each in person.fields.all()]
        for detail, text in edited.items():
            try:
                value, rest = self._read(detail, text)
            except NotUnderstood:
                value, rest = None, text
            if rest:
                shown = rest[:_SHOWN_AT_MOST]
                self.report.doubts.append(Doubt(row.number, person.email, ASKED[detail], shown))
            if value is None:
                continue
            understood.append(detail)
            if detail == "fields":
                person.fields.set(value)
            else:
                setattr(person, detail, value)
        if not understood:
            return
        save_details(person, understood)
        saved = Participant.objects.prefetch_related("fields").get(pk=person.pk)
        self.report.done.note(saved, before)
        fields_now = [each.pk for each in saved.fields.all()]
        self.report.done.note_fields(saved.pk, fields_before, fields_now)
        fresh = known_of(saved)
        changes = {detail: fresh[detail] for detail in understood}
        self.report.changed.append(self._change(row, person, known, changes))

    def _read(self, detail: str, text: str) -> tuple[Any, str]:
        """Return the value that a cell names (None: none) and what of it was not understood."""
        if detail == "fields":
            chosen, rest = read_choices(text, self.options["fields"])
            return chosen or None, ", ".join(rest)
        if detail == "sector":
            return read_choice(text, self.options["sector"]), ""
        if detail == "career_stage":
            return read_career_stage(text), ""
        return text, ""

    def _change(
        self, row: Row, person: Participant, known: dict[str, str], new: dict[str, str]
    ) -> PersonChange:
        fields = {ASKED[detail].lower(): (known[detail], text) for detail, text in new.items()}
        return PersonChange(row.number, person.email, str(person), fields)
