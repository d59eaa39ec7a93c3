"""Writing a workbook that people edit, in which nothing that a person wrote can run."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from mentorship.domain.files.formulas import cell_text, coded

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOLD = Font(name="Calibri", size=11, bold=True)
HEADING_FONT = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
HEADING_FILL = PatternFill("solid", start_color="24557A")
SHADE = PatternFill("solid", start_color="DCE9F7")
TO_FILL_IN = PatternFill("solid", start_color="FFF6D6")
_TEXT_FORMAT = "@"
_LINE, _LINES_SHOWN = 15, 6


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its heading, and its width in letters; `fill` colors its cells."""

    heading: str
    width: int = 18
    fill: PatternFill | None = None


def put(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    """Write a number, or anything else as text that never becomes a formula, and give the cell.

    The cell's type, its format and its mark for "this is text" all say so: it stays text also
    when somebody edits it. The text itself is as it was, so that +34 600 reads as +34 600.
    """
    cell: Any = sheet.cell(row, column)
    if isinstance(value, int | float) and not isinstance(value, bool):
        cell.value = value
        return cell
    text = cell_text(str(value or ""))
    if text:
        cell.value = coded(text)
        cell.data_type = "s"
    cell.number_format = _TEXT_FORMAT
    cell.quotePrefix = True
    return cell


def fill_table(
    sheet: Worksheet,
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[Any]],
    *,
    frozen: int = 1,
) -> None:
    """Write headings and rows from the first row on, with filters, widths and wrapped text.

    The headings stay in sight, and the first `frozen` columns.
    """
    for position, column in enumerate(columns, start=1):
        cell = put(sheet, 1, position, column.heading)
        cell.font, cell.fill = HEADING_FONT, HEADING_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.row_dimensions[1].height = 2 * _LINE
    wrapped = Alignment(wrap_text=True, vertical="top", horizontal="left")
    styles: dict[tuple[int, bool], Any] = {}
    number = 1
    for number, values in enumerate(rows, start=2):
        lines = 1
        for position, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
            cell = put(sheet, number, position, value)
            key = position, cell.data_type == "n" and cell.value is not None
            if key not in styles:
                cell.alignment = wrapped
                if column.fill:
                    cell.fill = column.fill
                styles[key] = copy(cell._style)
            cell._style = copy(styles[key])
            lines = max(lines, _lines(value, column.width))
        sheet.row_dimensions[number].height = _LINE * min(lines, _LINES_SHOWN)
    sheet.freeze_panes = sheet.cell(2, frozen + 1).coordinate
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(number, 2)}"
    fit_to_paper(sheet)
    sheet.print_title_rows = "1:1"


def fit_to_paper(sheet: Worksheet) -> None:
    """Have the sheet printed as wide as a page that lies."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _lines(value: Any, width: int) -> int:
    lines = str(value or "").split("\n", _LINES_SHOWN)
    return sum(math.ceil(max(len(line), 1) / width) for line in lines)


def shade_row(sheet: Worksheet, row: int, columns: int) -> None:
    """Color a row."""
    for position in range(1, columns + 1):
        sheet.cell(row, position).fill = SHADE


def line_above(sheet: Worksheet, row: int, columns: int) -> None:
    """Draw a strong line above a row."""
    for position in range(1, columns + 1):
        sheet.cell(row, position).border = Border(top=Side("medium", color="24557A"))


def offer(
    sheet: Worksheet, cells: str, source: str, *, strict: bool = True, prompt: str = ""
) -> None:
    """Add a drop-down to these cells: the values in `source`, a range.

    Anything else is refused if `strict`, else questioned.
    """
    choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    choice.errorStyle = "stop" if strict else "warning"
    choice.errorTitle = "Not in the list"
    choice.error = "Choose from the list." + ("" if strict else f" {prompt}")
    if prompt:
        choice.promptTitle, choice.prompt, choice.showInputMessage = "Match", prompt, True
    sheet.add_data_validation(choice)
    choice.add(cells)


def hidden_table(
    book: Workbook, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Add a sheet that people do not see: what drop-downs offer, or what an import compares."""
    sheet = book.create_sheet(title)
    sheet.sheet_state = "hidden"
    for number, values in enumerate([headings, *rows], start=1):
        for position, value in enumerate(values, start=1):
            put(sheet, number, position, value)


def as_bytes(book: Workbook) -> bytes:
    """Return the workbook as the content of a file."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
