"""What bringing a research sheet back would do, laid out to read before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from mentorship.domain.intake import Change
from mentorship.domain.research import ResearchReport
from mentorship.interfaces.import_preview import LINES_AT_MOST, Line, Preview, Section

_TEXT_AT_MOST = 240


def preview_research(report: ResearchReport) -> Preview:
    """Lay out what a research sheet would change."""
    sections = [
        _section(
            "refused",
            "Refused rows",
            "These rows are left out. Mend them in the sheet, and bring it back again.",
            "danger",
            [Line(row.row, row.value or "(blank)", text=row.why) for row in report.refused],
        ),
        _changes(
            "answered",
            "Answered meanwhile",
            "They have answered the survey since. Their answer stays; what the sheet says is left "
            "out.",
            "warning",
            report.answered,
        ),
        _changes(
            "conflicts",
            "Filled in here meanwhile",
            "Somebody has filled these in here since the sheet was taken out. What is here stays; "
            "open the person if the sheet knows better.",
            "warning",
            report.conflicts,
        ),
        _section(
            "doubts",
            "Not understood",
            "The rest of these rows is taken over. Choose from the list of the cell, or fill it in "
            "on the person’s page.",
            "warning",
            [
                Line(doubt.row, doubt.email, text=f"{doubt.field}: “{_short(doubt.value)}”")
                for doubt in report.doubts
            ],
        ),
        _changes("changed", "Filled in", "", "success", report.changed),
    ]
    return Preview(
        numbers=[
            (report.rows, "row in the file" if report.rows == 1 else "rows in the file"),
            (len(report.changed), "filled in"),
            (report.unchanged, "nothing new"),
            (len(report.answered), "answered meanwhile"),
            (len(report.conflicts), "filled in here meanwhile"),
            (len(report.doubts), "not understood"),
            (len(report.refused), "refused"),
        ],
        sections=[section for section in sections if section.total],
        changes_nothing=not report.changed,
    )


def _section(slug: str, title: str, intro: str, tone: str, lines: Sequence[Line]) -> Section:
    return Section(slug, title, intro, tone, list(islice(lines, LINES_AT_MOST)), len(lines))


def _changes(slug: str, title: str, intro: str, tone: str, changes: list[Change]) -> Section:
    lines = [
        Line(
            change.row,
            change.name,
            change.email,
            changes=[
                (what, _short(old), _short(new)) for what, (old, new) in change.fields.items()
            ],
        )
        for change in changes
    ]
    return _section(slug, title, intro, tone, lines)


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_AT_MOST else f"{text[: _TEXT_AT_MOST - 1]}…"
