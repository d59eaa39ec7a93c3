"""What an import changes, in sections: shown before anything is saved, kept with the import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.utils.translation import ngettext

from mentorship.domain.imports.reading.rows import Doubt, LeftOut, RefusedRow
from mentorship.domain.imports.report import PersonChange
from mentorship.domain.imports.research import ResearchReport
from mentorship.domain.imports.responses import ResponseReport, Unknown
from mentorship.domain.imports.signups import SignupReport

LINES_AT_MOST = 200
_TEXT_AT_MOST = 240
_CORRECT_AND_REPEAT = "Correct them where the file comes from, then import it again."
_IMPORTS = "Nothing is saved yet. These are the changes."
_ALL_KNOWN = "Everything in this file is already here. There is nothing to import."
NOTHING_READ = (
    "No row of this file can be imported. Check that this is the right file, and that it has a row "
    "for each person."
)
_FILL_IN = "Fill in what is missing on the person’s page."


@dataclass(frozen=True)
class DifferenceLine:
    """One row of a section; `changes` are (what, old, new)."""

    row: int
    head: str
    sub: str = ""
    text: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class DifferenceSection:
    """A part of it: what it is about, in which tone, and its first lines of `total`."""

    slug: str
    title: str
    intro: str
    tone: str
    lines: list[DifferenceLine]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.lines)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"more": self.more}


@dataclass(frozen=True)
class ImportDifference:
    """`numbers` are (how many, of what); `changes_nothing` if there is nothing to import.

    `joining` is how many people the import would make, `verdict` says in a sentence what the file
    would do.
    """

    numbers: list[tuple[int, str]]
    sections: list[DifferenceSection]
    changes_nothing: bool
    verdict: str
    joining: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON, which is what pages show and imports keep."""
        return {
            "numbers": [list(pair) for pair in self.numbers],
            "sections": [section.as_json() for section in self.sections],
            "changes_nothing": self.changes_nothing,
            "verdict": self.verdict,
        }


def signup_difference(report: SignupReport) -> ImportDifference:
    """Return what an import of sign-ups changes."""
    roles, tickets = (
        [change for change in report.updated if change.fields.get(key, ("", ""))[0]]
        for key in ("role", "attendance")
    )
    waiting = [entry for entry in report.undecided if not entry["settled"]]
    # Who waits for a decision is listed as that, and only once.
    undecided = {entry["row"] for entry in report.undecided}
    refused = [row for row in report.refused if row.row not in undecided]
    changes_nothing = not (
        report.created or report.updated or report.missing or report.newly_undecided
    )
    known = report.unchanged + report.not_taking_part + len(report.undecided)
    return ImportDifference(
        numbers=[
            (report.rows, ngettext("row in the file", "rows in the file", report.rows)),
            (len(report.created), "new"),
            (len(report.updated), "changed"),
            (report.unchanged, "unchanged"),
            (report.not_taking_part, "not taking part"),
            *_if_any(len(waiting), "to decide on"),
            *_if_any(report.repeated, ngettext("repeated row", "repeated rows", report.repeated)),
            *_if_any(len(report.left_out), "left out"),
            (len(refused), "refused"),
        ],
        sections=filled(
            refused_rows(refused, _CORRECT_AND_REPEAT),
            section(
                "undecided",
                "Mentor or mentee?",
                "They could be either, or have not decided. They wait on the dashboard until the "
                "committee decides.",
                "warning",
                map(_undecided, waiting),
                len(waiting),
            ),
            section(
                "contradicted",
                "Two rows, two answers",
                "They have another row that says something else. The newest order counts. Where "
                "the older one is right, decide on the person’s page.",
                "warning",
                map(_contradicted, report.contradicted),
                len(report.contradicted),
            ),
            not_understood(report.doubts, _FILL_IN),
            section(
                "roles",
                "Role changed",
                "The new role counts unless their response or the committee says otherwise. They "
                "are listed under “Role unclear” until you decide.",
                "warning",
                (changed(change, ["role"]) for change in roles),
                len(roles),
            ),
            section(
                "tickets",
                "Attendance changed",
                "Their new ticket counts unless their response or the committee says otherwise.",
                "warning",
                (changed(change, ["attendance", "ticket"]) for change in tickets),
                len(tickets),
            ),
            section(
                "missing",
                "No longer registered",
                "They are not in this file, have no valid ticket in it, or say no. They stay in "
                "the program until you withdraw or keep them.",
                "warning",
                (DifferenceLine(0, change.name, change.email) for change in report.missing),
                len(report.missing),
            ),
            section(
                "new",
                "New people",
                "",
                "success",
                (_new(change) for change in report.created),
                len(report.created),
            ),
            section(
                "changed",
                "Changed people",
                "",
                "info",
                (changed(change) for change in report.updated),
                len(report.updated),
            ),
            left_out_rows(
                report.left_out,
                "These rows are nobody’s valid ticket: canceled, refunded, or nothing that admits "
                "somebody.",
            ),
        ),
        changes_nothing=changes_nothing,
        verdict=verdict_on(report, changes_nothing=changes_nothing, read=known),
        joining=len(report.created),
    )


def response_difference(report: ResponseReport) -> ImportDifference:
    """Return what an import of responses changes."""
    roles = [change for change in report.changed if "role" in change.fields]
    unknown = len(report.unknown)
    changes_nothing = not (report.recorded or report.unknown)
    return ImportDifference(
        numbers=[
            (report.rows, ngettext("row in the file", "rows in the file", report.rows)),
            (report.people, ngettext("person answered", "people answered", report.people)),
            (report.recorded, ngettext("new response", "new responses", report.recorded)),
            (report.superseded, "replaced by a newer one"),
            (
                report.unchanged,
                ngettext("person with nothing new", "people with nothing new", report.unchanged),
            ),
            (unknown, ngettext("unknown address", "unknown addresses", unknown)),
            *_if_any(len(report.left_out), "left out"),
            (len(report.refused), "refused"),
        ],
        sections=filled(
            refused_rows(report.refused, _CORRECT_AND_REPEAT),
            section(
                "unknown",
                "Unknown addresses",
                "Nobody in the program has these email addresses. They may have signed up under "
                "another one. Their responses wait with the import until you say whose they are.",
                "danger",
                map(_unknown, report.unknown),
                unknown,
            ),
            not_understood(report.doubts, _FILL_IN),
            section(
                "roles",
                "Role differs from sign-up",
                "The response counts unless the committee has decided. They are listed under "
                "“Role unclear” until you decide.",
                "warning",
                (changed(change, ["role"]) for change in roles),
                len(roles),
            ),
            section(
                "changed",
                "People with a new response",
                "",
                "info",
                (changed(change) for change in report.changed),
                len(report.changed),
            ),
            left_out_rows(
                report.left_out,
                "These rows are no answers: tests, blank ones, and those never sent. What their "
                "people answered otherwise stays.",
            ),
        ),
        changes_nothing=changes_nothing,
        verdict=verdict_on(report, changes_nothing=changes_nothing, read=report.unchanged),
    )


def research_difference(report: ResearchReport) -> ImportDifference:
    """Return what an upload of the research sheet changes."""
    return ImportDifference(
        numbers=[
            (report.rows, ngettext("row in the file", "rows in the file", report.rows)),
            (len(report.changed), "filled in"),
            (report.unchanged, "nothing new"),
            (len(report.answered), "answered since"),
            (len(report.conflicts), "filled in here since"),
            (len(report.doubts), "needs review"),
            (len(report.refused), "refused"),
        ],
        sections=filled(
            refused_rows(report.refused, "Correct them in the sheet, then upload it again."),
            _changes(
                "answered",
                "Answered since the download",
                "They have answered the survey. Their response stays, and what the sheet says is "
                "left out.",
                "warning",
                report.answered,
            ),
            _changes(
                "conflicts",
                "Filled in here since the download",
                "Somebody has filled these in here. What is here stays. If the sheet is right, "
                "change it on the person’s page.",
                "warning",
                report.conflicts,
            ),
            not_understood(
                report.doubts,
                "Choose from the cell’s list, or fill it in on the person’s page.",
            ),
            _changes("changed", "Filled in", "", "success", report.changed),
        ),
        changes_nothing=not report.changed,
        verdict=_IMPORTS if report.changed else _ALL_KNOWN,
    )


def _if_any(number: int, what: str) -> list[tuple[int, str]]:
    return [(number, what)] if number else []


def verdict_on(report: SignupReport | ResponseReport, *, changes_nothing: bool, read: int) -> str:
    """Return the sentence that says what importing the file would do; `read` rows are known."""
    if not changes_nothing:
        return _IMPORTS
    aside = len(report.refused) + len(report.left_out)
    if not aside:
        return _ALL_KNOWN
    if not read:
        return f"{NOTHING_READ} The reasons are below."
    return "The rest of this file is already here. There is nothing to import. " + ngettext(
        "%(n)d row is not imported; see below.", "%(n)d rows are not imported; see below.", aside
    ) % {"n": aside}


def section(
    slug: str, title: str, intro: str, tone: str, lines: Iterator[DifferenceLine], total: int
) -> DifferenceSection:
    """Return a section, of which only the first lines are laid out."""
    return DifferenceSection(slug, title, intro, tone, list(islice(lines, LINES_AT_MOST)), total)


def filled(*sections: DifferenceSection) -> list[DifferenceSection]:
    """Return those sections that have something in them."""
    return [section for section in sections if section.total]


def refused_rows(refused: list[RefusedRow], todo: str) -> DifferenceSection:
    """Return the section of rows that are left out, and what to do about them."""
    return section(
        "refused",
        "Refused rows",
        f"These rows are left out. {todo}",
        "danger",
        (DifferenceLine(row.row, row.value or "(blank)", text=row.why) for row in refused),
        len(refused),
    )


def left_out_rows(left_out: list[LeftOut], intro: str) -> DifferenceSection:
    """Return the section of rows that are nobody's, and why."""
    return section(
        "left-out",
        "Left out",
        intro,
        "info",
        map(_left_out, left_out),
        len(left_out),
    )


def _left_out(row: LeftOut) -> DifferenceLine:
    if who := row.name or row.address:
        # The status is often the reason itself.
        said = row.value if row.value.casefold() != row.why else ""
        why = ": ".join(filter(None, (said, row.why)))
        return DifferenceLine(row.row, who, sub=row.address if row.name else "", text=why)
    return DifferenceLine(row.row, row.value or "(blank)", text=row.why)


def _contradicted(row: LeftOut) -> DifferenceLine:
    text = f"“{_short(row.value)}”, but {row.why}"
    return DifferenceLine(row.row, row.name or row.address, row.address, text)


def _undecided(entry: dict[str, Any]) -> DifferenceLine:
    return DifferenceLine(
        entry["row"], entry["name"] or entry["email"], entry["email"], f"“{_short(entry['said'])}”"
    )


def not_understood(doubts: list[Doubt], todo: str) -> DifferenceSection:
    """Return the section of cells that are left out of their rows, and what to do about them."""
    return section(
        "doubts",
        "Needs review",
        f"The rest of these rows is imported. {todo}",
        "warning",
        (
            DifferenceLine(doubt.row, doubt.email, text=f"{doubt.field}: “{_short(doubt.value)}”")
            for doubt in doubts
        ),
        len(doubts),
    )


def _unknown(unknown: Unknown) -> DifferenceLine:
    likely = unknown.likely
    text = f"Probably {likely.name} ({likely.email}): {likely.why}" if likely else ""
    return DifferenceLine(unknown.row, unknown.value, unknown.name, text)


def _new(change: PersonChange) -> DifferenceLine:
    said = ", ".join(new for _, new in change.fields.values())
    return DifferenceLine(change.row, change.name, change.email, said)


def changed(change: PersonChange, only: Iterable[str] = ()) -> DifferenceLine:
    """Return the line of a person with the details that change, all of them or `only` these."""
    changes = [
        (what, _short(old), _short(new))
        for what, (old, new) in change.fields.items()
        if not only or what in only
    ]
    text = "" if changes else "no detail changes"
    return DifferenceLine(change.row, change.name, change.email, text, changes)


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_AT_MOST else f"{text[: _TEXT_AT_MOST - 1]}…"


def _changes(
    slug: str, title: str, intro: str, tone: str, changes: list[PersonChange]
) -> DifferenceSection:
    return section(slug, title, intro, tone, map(changed, changes), len(changes))
