"""What two sheets say, laid out to read: the slips found, and what bringing them back changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from matching.domain.matches.checks import TITLES
from matching.domain.sheets.bring_back import Edit, Problem, SheetsReport
from matching.domain.sheets.check import SheetCheck

LINES_AT_MOST = 200
_SLIPS = {
    "mentee_with_two_mentors": (
        "Two mentors for one mentee",
        "Decide which mentor it is, and take the mentee out of the other's row.",
    ),
    "mentor_over_capacity": (
        "More mentees than the mentor takes",
        "Give one of the mentees to a mentor with a free place, or ask the mentor.",
    ),
    "sheets_disagree": (
        "The two sheets disagree",
        "Decide which sheet is right, and write the same pair on the other.",
    ),
    "mentee_not_in_mentor_sheet": (
        "Only on the mentees’ sheet",
        "Write the mentee into the mentor's row as well, or take the mentor out.",
    ),
    "mentor_not_in_mentee_sheet": (
        "Only on the mentors’ sheet",
        "Write the mentor into the mentee's row as well, or take the mentee out.",
    ),
    "name_not_in_mentee_sheet": (
        "Nobody on the mentees’ sheet has this name",
        "Look for a slip in the spelling, or for a mentee whose row is missing.",
    ),
    "name_not_in_mentor_sheet": (
        "Nobody on the mentors’ sheet has this name",
        "Look for a slip in the spelling, or for a mentor whose row is missing.",
    ),
    "ambiguous_name": (
        "More than one person has this name",
        "Write something with the name that tells them apart, on both sheets.",
    ),
}
_CONFLICTS = {
    **_SLIPS,
    "not_in_program": (
        "Rows about nobody in this program",
        "Take the row out, or mend its address.",
    ),
    "name_not_in_mentee_sheet": (
        "No mentee of this name",
        "Choose the name from the list of the cell.",
    ),
    "name_not_in_mentor_sheet": (
        "No mentor of this name",
        "Choose the name from the list of the cell.",
    ),
    "ambiguous_name": (
        "More than one person has this name",
        "Write the address behind the name: “Ann Lee <ann@example.org>”.",
    ),
    "edited_meanwhile": (
        "Changed here meanwhile",
        "Decide which is right: write it in the workbook as it is here, or change it on the board.",
    ),
    "locked": (
        "Locked pairs",
        "Unlock the pair on the board first, or put it back in the workbook.",
    ),
    "announced": (
        "Announced pairs that change",
        "Both have been introduced to each other. Whoever gets somebody new has to be told again.",
    ),
    **{
        kind: (TITLES[kind], "If they are to meet all the same, make this pair on the board.")
        for kind in ("colleagues", "kept_apart")
    },
}


@dataclass(frozen=True)
class Group:
    """What is of one kind: a table of (mentor, mentee, words) under a heading."""

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


def slips_of(check: SheetCheck) -> list[Group]:
    """Group what is wrong with two sheets by kind, with what to do about each."""
    groups = {kind: Group(kind, title, todo, "danger") for kind, (title, todo) in _SLIPS.items()}
    for problem in check.problems:
        line = (problem["mentor"] or "", problem["mentee"] or "", problem["detail"])
        groups[problem["kind"]].lines.append(line)
    return [group for group in groups.values() if group.lines]


def changes_of(report: SheetsReport) -> list[Group]:
    """Group what bringing a workbook back changes, conflicts first."""
    conflicts = _by_kind(report.conflicts, "danger")
    warnings = _by_kind([p for p in report.problems if p.warning], "warning")
    groups = [
        *conflicts,
        *warnings,
        _group("moved", "Another mentor", "info", _moved(report.edits)),
        _group("added", "New pairs", "success", _added(report.edits)),
        _group("removed", "Pairs that end", "warning", _removed(report.edits)),
        _group(
            "notes",
            "Left as it is here",
            "plain",
            [("", who, what) for who, what in report.notes],
        ),
    ]
    return [group for group in groups if group.lines]


def _by_kind(problems: Iterable[Problem], tone: str) -> list[Group]:
    groups: dict[str, Group] = {}
    for problem in problems:
        title, todo = _CONFLICTS.get(problem.kind) or (TITLES[problem.kind], "")
        group = groups.setdefault(problem.kind, Group(problem.kind, title, todo, tone))
        group.lines.append((*problem.names, problem.detail))
    return list(groups.values())


def _group(slug: str, title: str, tone: str, lines: list[tuple[str, str, str]]) -> Group:
    return Group(slug, title, "", tone, lines)


def _moved(edits: list[Edit]) -> list[tuple[str, str, str]]:
    return [
        (after, mentee, f"was with {before}")
        for mentee, before, after in (edit.names for edit in edits)
        if before and after
    ]


def _added(edits: list[Edit]) -> list[tuple[str, str, str]]:
    return [(e.names[2], e.names[0], "") for e in edits if e.before is None]


def _removed(edits: list[Edit]) -> list[tuple[str, str, str]]:
    return [(e.names[1], e.names[0], "") for e in edits if e.after is None]
