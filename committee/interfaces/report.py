"""The report as a page and as a file: which table is drawn how, and all numbers in one list."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass
from typing import Any

from committee.domain.report import ProgramReport, ReportTable
from committee.interfaces.plots.bars import BarPlot
from committee.interfaces.plots.lines import Line, LinePlot
from committee.interfaces.response_plot import response_plot, response_sentence
from mentorship.domain.files.formulas import defuse

_MOST_DRAWN = 2


@dataclass(frozen=True)
class ReportPart:
    """A table with its drawing, if it has one: of lines, or of bars."""

    table: ReportTable
    lines: dict[str, Any] | None = None
    bars: dict[str, Any] | None = None
    sentence: str = ""


def report_parts(report: ProgramReport, today: datetime.date) -> list[ReportPart]:
    """Return the tables below the first one, each with its drawing."""
    program = report.program
    over_time = [*report.signups, *report.answers]
    parts = [ReportPart(report.days, _over_time(report) if over_time else None)]
    if rate := response_plot(program, report.rate, today):
        days = [(program.formats.short_date(d), [p]) for d, p in report.rate.percents.items()]
        table = ReportTable("Response rate", ["Percent"], days)
        parts.append(ReportPart(table, rate, None, response_sentence(program, report.rate)))
    for table in report.others:
        drawn = len(table.columns) <= _MOST_DRAWN and not table.is_empty
        parts.append(ReportPart(table, None, BarPlot(table).drawing() if drawn else None))
    return parts


def _over_time(report: ProgramReport) -> dict[str, Any]:
    days = [*report.signups, *report.answers]
    return LinePlot(
        report.days.title,
        [Line("Sign-ups", report.signups), Line("Responses", report.answers)],
        min(days),
        max(days),
        report.program.formats,
    ).drawing()


def report_csv(report: ProgramReport) -> str:
    """Return every number of the report as CSV: one a row, with its table, row and column."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Table", "Row", "Column", "Number"])
    rate = ReportTable(
        "Response rate by day, in percent",
        ["Percent"],
        [(day.isoformat(), [number]) for day, number in report.rate.percents.items()],
    )
    for table in [*report.tables, rate]:
        for label, numbers in table.rows:
            for column, number in zip(table.columns, numbers, strict=True):
                shown = "" if number is None else number
                writer.writerow([*map(defuse, (table.title, label, column)), shown])
    return text.getvalue()
