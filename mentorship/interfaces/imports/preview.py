"""What an import would do, laid out for the committee to read before anything is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from mentorship.domain.imports.report import Change, Doubt, Refused
from mentorship.domain.imports.responses import ResponseReport, Unknown
from mentorship.domain.imports.signups import SignupReport

LINES_AT_MOST = 200
_TEXT_AT_MOST = 240
_CORRECT_AND_REPEAT = "Correct them where the file comes from, and import it again."
_FILL_IN = "Fill in what is missing on the person’s page."


@dataclass(frozen=True)
class Line:
    """One row of a section; `changes` are (what, old, new)."""

    row: int
    head: str
    sub: str = ""
    text: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """A part of the preview: what it is about, in which tone, and its first lines of `total`."""

    slug: str
    title: str
    intro: str
    tone: str
    lines: list[Line]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.lines)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"more": self.more}


@dataclass(frozen=True)
class Preview:
    """`numbers` are (how many, of what); `changes_nothing` if there is nothing to import.

    `joining` is how many people the import would make.
    """

    numbers: list[tuple[int, str]]
    sections: list[Section]
    changes_nothing: bool
    joining: int = 0

    def as_json(self) -> dict[str, Any]:
        """Give all of it as JSON, which is what pages show and imports keep."""
        return {
            "numbers": [list(pair) for pair in self.numbers],
            "sections": [section.as_json() for section in self.sections],
            "changes_nothing": self.changes_nothing,
        }


def preview_signups(report: SignupReport) -> Preview:
    """Lay out what an import of sign-ups would do."""
    roles, tickets = (
        [change for change in report.updated if change.fields.get(key, ("", ""))[0]]
        for key in ("role", "attendance")
    )
    return Preview(
        numbers=[
            count(report.rows, "row in the file", "rows in the file"),
            (len(report.created), "new"),
            (len(report.updated), "changed"),
            (report.unchanged, "unchanged"),
            (report.not_taking_part, "not taking part"),
            (len(report.refused), "refused"),
        ],
        sections=filled(
            refused_rows(report.refused, _CORRECT_AND_REPEAT),
            not_understood(report.doubts, _FILL_IN),
            section(
                "roles",
                "Another role than before",
                "The new one counts, unless the survey or the committee says otherwise. They are "
                "listed among the roles in doubt until you decide.",
                "warning",
                (changed(change, ["role"]) for change in roles),
                len(roles),
            ),
            section(
                "tickets",
                "Another way to attend",
                "Their new ticket counts, unless the survey or the committee says otherwise.",
                "warning",
                (changed(change, ["attendance", "ticket"]) for change in tickets),
                len(tickets),
            ),
            section(
                "missing",
                "No longer registered",
                "They are not in this file, or say no in it. They stay in the program, flagged, "
                "until you withdraw or keep them.",
                "warning",
                (Line(0, change.name, change.email) for change in report.missing),
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
        ),
        changes_nothing=not (report.created or report.updated or report.missing),
        joining=len(report.created),
    )


def preview_responses(report: ResponseReport) -> Preview:
    """Lay out what an import of survey answers would do."""
    roles = [change for change in report.changed if "role" in change.fields]
    return Preview(
        numbers=[
            count(report.rows, "row in the file", "rows in the file"),
            count(report.people, "person who answered", "people who answered"),
            count(report.recorded, "new answer", "new answers"),
            (report.superseded, "replaced by a newer one"),
            count(report.unchanged, "person with nothing new", "people with nothing new"),
            count(len(report.unknown), "unknown address", "unknown addresses"),
            (len(report.refused), "refused"),
        ],
        sections=filled(
            refused_rows(report.refused, _CORRECT_AND_REPEAT),
            section(
                "unknown",
                "Unknown addresses",
                "Nobody in the program has these; perhaps they signed up under another address. "
                "Their answers wait with the import until you say whose they are.",
                "danger",
                (_unknown(unknown) for unknown in report.unknown),
                len(report.unknown),
            ),
            not_understood(report.doubts, _FILL_IN),
            section(
                "roles",
                "Another role than at sign-up",
                "The answer counts, unless the committee has decided. They are listed among the "
                "roles in doubt until you decide.",
                "warning",
                (changed(change, ["role"]) for change in roles),
                len(roles),
            ),
            section(
                "changed",
                "People with a new answer",
                "",
                "info",
                (changed(change) for change in report.changed),
                len(report.changed),
            ),
        ),
        changes_nothing=not (report.recorded or report.unknown),
    )


def count(number: int, one: str, many: str) -> tuple[int, str]:
    """Give a number with the words that fit it."""
    return number, one if number == 1 else many


def section(
    slug: str, title: str, intro: str, tone: str, lines: Iterator[Line], total: int
) -> Section:
    """Give a part of a preview, of which only the first lines are laid out."""
    return Section(slug, title, intro, tone, list(islice(lines, LINES_AT_MOST)), total)


def filled(*sections: Section) -> list[Section]:
    """Give those parts that have something in them."""
    return [section for section in sections if section.total]


def refused_rows(refused: list[Refused], todo: str) -> Section:
    """Give the part with the rows that are left out, and what to do about them."""
    return section(
        "refused",
        "Refused rows",
        f"These rows are left out. {todo}",
        "danger",
        (Line(row.row, row.value or "(blank)", text=row.why) for row in refused),
        len(refused),
    )


def not_understood(doubts: list[Doubt], todo: str) -> Section:
    """Give the part with the cells that are left out of their rows, and what to do about them."""
    return section(
        "doubts",
        "Not understood",
        f"The rest of these rows is taken over. {todo}",
        "warning",
        (
            Line(doubt.row, doubt.email, text=f"{doubt.field}: “{_short(doubt.value)}”")
            for doubt in doubts
        ),
        len(doubts),
    )


def _unknown(unknown: Unknown) -> Line:
    likely = unknown.likely
    text = f"probably {likely.name} ({likely.email}): {likely.why}" if likely else ""
    return Line(unknown.row, unknown.value, unknown.name, text)


def _new(change: Change) -> Line:
    said = ", ".join(new for _, new in change.fields.values())
    return Line(change.row, change.name, change.email, said)


def changed(change: Change, only: Iterable[str] = ()) -> Line:
    """Give the line of a person with what becomes another value, of all details or `only` these."""
    changes = [
        (what, _short(old), _short(new))
        for what, (old, new) in change.fields.items()
        if not only or what in only
    ]
    text = "" if changes else "no detail changes"
    return Line(change.row, change.name, change.email, text, changes)


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_AT_MOST else f"{text[: _TEXT_AT_MOST - 1]}…"
