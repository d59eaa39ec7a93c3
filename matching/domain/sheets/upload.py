"""Uploading edited sheets: what somebody edited in the workbook becomes edits of matches.

Three states are compared for each mentee (a three-way merge): the pairs when the workbook was
downloaded (its mark holds them), those on its sheets, and those of the program now. Only what
differs from the mark is an edit; where the program has changed too, and to something else, it is a
conflict. With one conflict nothing is changed at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import ngettext

from matching.domain.matches.changes import change_mentor, create_match, dissolve, why_replaced
from matching.domain.matches.checks import check_pair
from matching.domain.matches.people import People, read_people
from matching.domain.matches.steps import step
from matching.domain.sheets.edits import SheetPairs, read_sheet_pairs
from matching.models import BoardStep, Match
from mentorship.domain.files.tables import Table
from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

MENTORS, MENTEES, MARK = "Mentors", "Mentees", "Taken out"
MARK_HEADINGS = ["Program", "When", "Mentor", "Mentee"]
WHY_DISSOLVED = "Removed on the edited sheets"


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong with an edit. People are email addresses, or as written if not found.

    `names` are the same two as people call them.
    """

    kind: str
    mentor: str | None
    mentee: str | None
    detail: str
    names: tuple[str, str]
    warning: bool = False

    def as_json(self) -> dict[str, Any]:
        found = {key: getattr(self, key) for key in ("kind", "mentor", "mentee", "detail")}
        return found | {"warning": True} if self.warning else found


@dataclass(frozen=True)
class MatchEdit:
    """One mentee who gets another mentor: `before` and `after` are keys, None for nobody."""

    mentee: int
    before: int | None
    after: int | None
    names: tuple[str, str, str]  # mentee, mentor before, mentor after
    announced: bool = False


@dataclass
class SheetsReport:
    """What uploading a workbook would change, or has changed."""

    rows: int = 0
    edits: list[MatchEdit] = field(default_factory=list)
    unchanged: int = 0
    problems: list[SheetProblem] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # (who, what)

    @property
    def conflicts(self) -> list[SheetProblem]:
        """The problems because of which nothing can be saved."""
        return [problem for problem in self.problems if not problem.warning]

    def as_json(self) -> dict[str, Any]:
        return {
            "added": sum(edit.after is not None for edit in self.edits),
            "removed": sum(edit.before is not None for edit in self.edits),
            "unchanged": self.unchanged,
            "problems": [problem.as_json() for problem in self.problems],
        }


@transaction.atomic
def import_matches(
    program: Program,
    sheets: Mapping[str, Table],
    *,
    dry_run: bool = False,
    by: AbstractBaseUser | None = None,
) -> SheetsReport:
    """Turn what was edited in a workbook of `export_matches` into edits of matches.

    `sheets` are the workbook's, by title. Nothing is saved on a dry run or if the report has
    conflicts. Raise ValidationError if the workbook is not one of this program's.
    """
    program = Program.objects.locked(program.pk)
    if not dry_run:
        # Capacities and roles stay as they are compared here until the matches are written.
        rows = Participant.objects.filter(program=program).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
    people = read_people(program)
    matches = {match.mentee_id: match for match in program.matches.live()}
    report = _compare(people, matches, _of_program(program, sheets))
    if not dry_run and report.edits and not report.conflicts:
        mentees = Q(mentee__in=[edit.mentee for edit in report.edits])
        with step(program.pk, BoardStep.Kind.SHEETS, by, mentees):
            _apply(people, matches, report.edits, by)
    return report


@dataclass(frozen=True)
class _Workbook:
    mentors: Table
    mentees: Table
    pairs: dict[str, str] | None  # when it was downloaded: mentee's address → mentor's


def _of_program(program: Program, sheets: Mapping[str, Table]) -> _Workbook:
    missing = [title for title in (MENTORS, MENTEES) if title not in sheets]
    if missing:
        raise ValidationError(
            f"This file has no sheet “{'” and no sheet “'.join(missing)}”. Upload the workbook "
            "that you downloaded here. You can check any other sheets under Check two sheets."
        )
    mark = sheets.get(MARK)
    if mark is None or mark.headings != MARK_HEADINGS or not mark.rows:
        return _Workbook(sheets[MENTORS], sheets[MENTEES], None)
    if (slug := mark.rows[0].cells[0]) != program.slug:
        raise ValidationError(
            f"This workbook has the matches of “{slug}”, but this is {program} "
            f"({program.slug}). Nothing was read from it."
        )
    pairs = {row.cells[3]: row.cells[2] for row in mark.rows if len(row.cells) > 3 and row.cells[3]}
    return _Workbook(sheets[MENTORS], sheets[MENTEES], pairs)


def _compare(people: People, matches: dict[int, Match], workbook: _Workbook) -> SheetsReport:
    report = SheetsReport(rows=len(workbook.mentors) + len(workbook.mentees))
    now = {mentee: match.mentor_id for mentee, match in matches.items()}
    keys = {person.email: person.pk for person in people.by_pk.values()}
    if workbook.pairs is None:
        then = dict(now)
        sentence = "It has lost the sheet with the pairs at the time of the download."
        report.notes.append(("This workbook", f"{sentence} It is compared with the pairs now."))
    else:
        then = {
            keys[mentee]: keys[mentor]
            for mentee, mentor in workbook.pairs.items()
            if mentee in keys and mentor in keys
        }
    sheet_pairs = read_sheet_pairs(people, now, then, workbook.mentors, workbook.mentees)
    called = {person.email: str(person) for person in people.by_pk.values()}
    for kind, one, other, detail in sheet_pairs.faults:
        names = (called.get(one or "", one or ""), called.get(other or "", other or ""))
        report.problems.append(SheetProblem(kind, one, other, detail, names))
    report.unchanged = len(now)
    for mentee in sorted(
        sheet_pairs.mentees, key=lambda pk: (people.by_pk[pk].name.casefold(), pk)
    ):
        match = matches.get(mentee)
        if not _compare_one(report, people, match, mentee, then.get(mentee), sheet_pairs):
            now.pop(mentee, None)  # takes no place that somebody else may lack
    report.unchanged -= sum(edit.before is not None for edit in report.edits)
    _check_capacities(report, people, now)
    return report


def _compare_one(
    report: SheetsReport,
    people: People,
    match: Match | None,
    mentee: int,
    then: int | None,
    sheet_pairs: SheetPairs,
) -> bool:
    """Compare one mentee's mentor on the sheets; return whether the sheets are clear."""
    person = people.by_pk[mentee]
    now = match.mentor_id if match else None

    def problem(kind: str, mentor: int | None, detail: str, warning: bool = False) -> None:
        address = people.by_pk[mentor].email if mentor else None
        names = (_name(people, mentor), str(person))
        report.problems.append(SheetProblem(kind, address, person.email, detail, names, warning))

    written = sheet_pairs.of(mentee, then)
    if written.fault:
        problem(written.fault, written.mentor, written.detail)
    if written.fault or written.mentor == now:
        return not written.fault
    wanted = written.mentor
    if wanted == then:
        report.notes.append(
            (str(person), f"{_with(people, then)} in the workbook, {_with(people, now)} here since")
        )
        return True
    if now != then:
        problem(
            "edited_meanwhile",
            wanted,
            f"The workbook has {person} {_with(people, wanted)}. Since the download, somebody here "
            f"changed it from {_with(people, then)} to {_with(people, now)}.",
        )
        return False
    names = (str(person), _name(people, now), _name(people, wanted))
    announced = bool(match and match.status == Match.Status.ANNOUNCED)
    report.edits.append(MatchEdit(mentee, now, wanted, names, announced))
    if match and match.locked:
        problem("locked", now, f"{person} {_with(people, now)} is locked. Unlock the pair first.")
    if announced:
        told = f"{person} and {_name(people, now)} have already been introduced to each other."
        problem("announced", now, told, True)
    if wanted is not None:
        for finding in check_pair(people, people.by_pk[wanted], person):
            problem(finding.kind, wanted, finding.detail, finding.warning)
    return True


def _name(people: People, pk: int | None) -> str:
    return str(people.by_pk[pk]) if pk else ""


def _with(people: People, pk: int | None) -> str:
    return f"with {people.by_pk[pk]}" if pk else "unmatched"


def _check_capacities(report: SheetsReport, people: People, now: dict[int, int]) -> None:
    after = now | {edit.mentee: edit.after for edit in report.edits}
    taken = Counter(mentor for mentor in after.values() if mentor)
    for pk in dict.fromkeys(edit.after for edit in report.edits if edit.after):
        mentor = people.by_pk[pk]
        if taken[pk] > mentor.capacity:
            mentees = ngettext("%d mentee", "%d mentees", taken[pk]) % taken[pk]
            detail = f"{mentor} would have {mentees} and takes at most {mentor.capacity}."
            names = (str(mentor), "")
            report.problems.append(
                SheetProblem("mentor_over_capacity", mentor.email, None, detail, names)
            )


def _apply(
    people: People,
    matches: dict[int, Match],
    edits: list[MatchEdit],
    by: AbstractBaseUser | None,
) -> None:
    """Save the edits, those that leave a place for others first."""
    taken: Counter[int | None] = Counter(match.mentor_id for match in matches.values())
    for edit in edits:
        if edit.after is None:
            dissolve(matches[edit.mentee], WHY_DISSOLVED, by=by)
            taken[edit.before] -= 1
    waiting = [(edit, people.by_pk[edit.after]) for edit in edits if edit.after is not None]
    while waiting:
        ready = next(((e, m) for e, m in waiting if taken[m.pk] < m.capacity), None)
        if ready is None:
            # Mentees change places in a ring: one has to leave before any of them can move.
            edit = next(edit for edit, _ in waiting if edit.mentee in matches)
            why = why_replaced(people.by_pk[edit.mentee])
            dissolve(matches.pop(edit.mentee), why, by=by)
            taken[edit.before] -= 1
            continue
        edit, mentor = ready
        waiting.remove(ready)
        if edit.mentee in matches:
            change_mentor(matches[edit.mentee], mentor, by=by, people=people)
            taken[edit.before] -= 1
        else:
            create_match(mentor, people.by_pk[edit.mentee], by=by, people=people)
        taken[mentor.pk] += 1
