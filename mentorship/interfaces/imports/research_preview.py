"""What bringing a research sheet back would do, laid out to read before anything is saved."""

from __future__ import annotations

from mentorship.domain.imports.report import Change
from mentorship.domain.imports.research import ResearchReport
from mentorship.interfaces.imports.preview import (
    Preview,
    Section,
    changed,
    count,
    filled,
    not_understood,
    refused_rows,
    section,
)


def preview_research(report: ResearchReport) -> Preview:
    """Lay out what a research sheet would change."""
    return Preview(
        numbers=[
            count(report.rows, "row in the file", "rows in the file"),
            (len(report.changed), "filled in"),
            (report.unchanged, "nothing new"),
            (len(report.answered), "answered meanwhile"),
            (len(report.conflicts), "filled in here meanwhile"),
            (len(report.doubts), "not understood"),
            (len(report.refused), "refused"),
        ],
        sections=filled(
            refused_rows(report.refused, "Mend them in the sheet, and bring it back again."),
            _changes(
                "answered",
                "Answered meanwhile",
                "They have answered the survey since. Their answer stays; what the sheet says is "
                "left out.",
                "warning",
                report.answered,
            ),
            _changes(
                "conflicts",
                "Filled in here meanwhile",
                "Somebody has filled these in here since the sheet was taken out. What is here "
                "stays; open the person if the sheet knows better.",
                "warning",
                report.conflicts,
            ),
            not_understood(
                report.doubts,
                "Choose from the list of the cell, or fill it in on the person’s page.",
            ),
            _changes("changed", "Filled in", "", "success", report.changed),
        ),
        changes_nothing=not report.changed,
    )


def _changes(slug: str, title: str, intro: str, tone: str, changes: list[Change]) -> Section:
    return section(slug, title, intro, tone, map(changed, changes), len(changes))
