"""The mistakes on two sheets, and the changes in an edited workbook, grouped for the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from matching.domain.matches.checks import TITLES
from matching.domain.sheets.check import SheetCheck
from matching.domain.sheets.upload import MatchEdit, SheetProblem, SheetsReport

LINES_AT_MOST = 200
_MISTAKES = {
    "mentee_with_two_mentors": (
        "Two mentors for one mentee",
        "Decide on one mentor, and delete the mentee from the other row.",
    ),
    "mentor_over_capacity": (
        "More mentees than the mentor’s capacity",
        "Move one mentee to a mentor with a free place, or ask the mentor to take one more.",
    ),
    "sheets_disagree": (
        "The two sheets disagree",
        "Decide which sheet is right, and enter the same pair on the other.",
    ),
    "mentee_not_in_mentor_sheet": (
        "Only on the mentees’ sheet",
        "Add the mentee to the mentor’s row, or delete the mentor from the mentee’s row.",
    ),
    "mentor_not_in_mentee_sheet": (
        "Only on the mentors’ sheet",
        "Add the mentor to the mentee’s row, or delete the mentee from the mentor’s row.",
    ),
    "name_not_in_mentee_sheet": (
        "Names missing from the mentees’ sheet",
        "Check the spelling, or add the missing mentee’s row.",
    ),
    "name_not_in_mentor_sheet": (
        "Names missing from the mentors’ sheet",
        "Check the spelling, or add the missing mentor’s row.",
    ),
    "ambiguous_name": (
        "Names that several people have",
        "Add something that tells them apart, on both sheets.",
    ),
}
_CONFLICTS = {
    **_MISTAKES,
    "not_in_program": (
        "Rows about people not in this program",
        "Delete the row, or correct its email address.",
    ),
    "name_not_in_mentee_sheet": (
        "No mentee has this name",
        "Choose the name from the list in the cell.",
    ),
    "name_not_in_mentor_sheet": (
        "No mentor has this name",
        "Choose the name from the list in the cell.",
    ),
    "ambiguous_name": (
        "Names that several people have",
        "Add the email address after the name: “Ann Lee <ann@example.org>”.",
    ),
    "edited_meanwhile": (
        "Changed here after the download",
        "Decide which is right. Then correct the workbook, or change the pair on the board.",
    ),
    "locked": (
        "Locked pairs",
        "Unlock the pair on the board first, or restore it in the workbook.",
    ),
    "announced": (
        "Announced pairs that change",
        "Both people have been introduced. Announce the new match after you save.",
    ),
    **{
        kind: (TITLES[kind], "To match them anyway, make this pair on the board.")
        for kind in ("colleagues", "kept_apart")
    },
    "wish_open": (
        TITLES["wish_open"],
        "Decide first who is meant: Do not match, then Wishes.",
    ),
}


@dataclass(frozen=True)
class LineGroup:
    """A table of (mentor, mentee, details) with a heading; all lines are of one kind."""

    slug: str
    title: str
    todo: str
    tone: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        return self.lines[:LINES_AT_MOST]

    @property
    def more(self) -> int:
        return max(len(self.lines) - LINES_AT_MOST, 0)


def mistakes_of(check: SheetCheck) -> list[LineGroup]:
    """Return the mistakes on two sheets by kind, each with what to do about it."""
    groups = {
        kind: LineGroup(kind, title, todo, "danger") for kind, (title, todo) in _MISTAKES.items()
    }
    for problem in check.problems:
        line = (problem["mentor"] or "", problem["mentee"] or "", problem["detail"])
        groups[problem["kind"]].lines.append(line)
    return [group for group in groups.values() if group.lines]


def changes_of(report: SheetsReport) -> list[LineGroup]:
    """Return what an edited workbook changes by kind, conflicts first."""
    conflicts = _by_kind(report.conflicts, "danger")
    warnings = _by_kind([p for p in report.problems if p.warning], "warning")
    groups = [
        *conflicts,
        *warnings,
        _group("moved", "New mentor", "info", _moved(report.edits)),
        _group("added", "New pairs", "success", _added(report.edits)),
        _group("removed", "Removed pairs", "warning", _removed(report.edits)),
        _group(
            "notes",
            "Left unchanged",
            "plain",
            [("", who, what) for who, what in report.notes],
        ),
    ]
    return [group for group in groups if group.lines]


def _by_kind(problems: Iterable[SheetProblem], tone: str) -> list[LineGroup]:
    groups: dict[str, LineGroup] = {}
    for problem in problems:
        title, todo = _CONFLICTS.get(problem.kind) or (TITLES[problem.kind], "")
        group = groups.setdefault(problem.kind, LineGroup(problem.kind, title, todo, tone))
        group.lines.append((*problem.names, problem.detail))
    return list(groups.values())


def _group(slug: str, title: str, tone: str, lines: list[tuple[str, str, str]]) -> LineGroup:
    return LineGroup(slug, title, "", tone, lines)


def _moved(edits: list[MatchEdit]) -> list[tuple[str, str, str]]:
    return [
        (after, mentee, f"was with {before}")
        for mentee, before, after in (edit.names for edit in edits)
        if before and after
    ]


def _added(edits: list[MatchEdit]) -> list[tuple[str, str, str]]:
    return [(e.names[2], e.names[0], "") for e in edits if e.before is None]


def _removed(edits: list[MatchEdit]) -> list[tuple[str, str, str]]:
    return [(e.names[1], e.names[0], "") for e in edits if e.after is None]
