"""The files that a list is exported as. All are written row by row, whatever their length."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, ClassVar
from xml.sax.saxutils import escape

from import_export.formats.base_formats import Format
from openpyxl.utils import get_column_letter

from mentorship.domain.files.formulas import defuse, shortened
from mentorship.interfaces.exports.workbook import CONTENT_TYPE

# Up to this size a file being written stays in memory.
_IN_MEMORY = 1024 * 1024


@dataclass(frozen=True)
class Rows:
    """Headings, and under them rows of text, numbers, yes or no (bool), moments and lists."""

    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]


class FileFormat(Format):
    """A kind of file: `title` in the form, and `write`, which puts rows into an open file."""

    title: ClassVar[str]
    content_type: ClassVar[str]

    def write(self, table: Rows, file: IO[bytes]) -> None:
        raise NotImplementedError("every format implements write()")

    def export_data(self, dataset: Rows, **kwargs: Any) -> IO[bytes]:
        """Return the whole file, open at its start; it is gone once closed."""
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self.write(dataset, file)
        file.seek(0)
        return file

    def get_title(self) -> str:
        return self.title

    def get_extension(self) -> str:
        return self.title

    def get_content_type(self) -> str:
        return self.content_type

    def can_export(self) -> bool:
        return True


class CSV(FileFormat):
    """Comma-separated text in UTF-8, with the mark by which Excel knows that it is."""

    title = "csv"
    content_type = "text/csv; charset=utf-8"

    def write(self, table: Rows, file: IO[bytes]) -> None:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow([defuse(heading) for heading in table.headings])
        writer.writerows([_cell(value) for value in row] for row in table.rows)
        text.detach()


class JSON(FileFormat):
    """A list of objects, with what people wrote exactly as they wrote it."""

    title = "json"
    content_type = "application/json"

    def write(self, table: Rows, file: IO[bytes]) -> None:
        before = "["
        for row in table.rows:
            row_object = dict(zip(table.headings, row, strict=True))
            text = json.dumps(row_object, ensure_ascii=False, default=_plain)
            file.write(f"{before}\n{text}".encode())
            before = ","
        file.write(b"\n]\n" if before == "," else b"[]\n")


# Characters that XML cannot hold, carriage returns (which XML readers turn into line feeds), and
# what would be read as one of the escapes made here.
_NOT_XML = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        '<Relationship Id="rId2" Target="styles.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/styles"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<fonts><font/><font><b/></font></fonts>"
        '<fills><fill><patternFill patternType="none"/></fill></fills>'
        "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
        '<cellXfs><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{columns}</cols>'
    "<sheetData>"
)


class XLSX(FileFormat):
    """A workbook of one sheet: a frozen bold heading, and cells that are numbers or plain text.

    Every text is stored as text, which no spreadsheet evaluates, and defused besides, because
    a workbook is often saved as CSV later. Written here: openpyxl takes a quarter of a minute for
    fifty thousand people, and XlsxWriter writes a text between `<r>` and `</r>` into the file as it
    stands, so that people could put in elements of their own. Escapes are those of Office Open XML
    (ECMA-376, ST_Xstring).
    """

    title = "xlsx"
    content_type = CONTENT_TYPE

    def write(self, table: Rows, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
            for name, content in _PARTS.items():
                parts.writestr(name, _PROLOGUE + content)
            with parts.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
                for piece in _sheet(table):
                    sheet.write(piece.encode())


def _sheet(table: Rows) -> Iterator[str]:
    columns = "".join(
        f'<col min="{number}" max="{number}" customWidth="1" width="{max(12, len(heading) + 3)}"/>'
        for number, heading in enumerate(table.headings, start=1)
    )
    letters = [get_column_letter(number) for number in range(1, len(table.headings) + 1)]
    yield _PROLOGUE + _SHEET.format(columns=columns)
    yield _sheet_row(1, letters, map(defuse, table.headings), style=' s="1"')
    number = 1
    for number, row in enumerate(table.rows, start=2):
        yield _sheet_row(number, letters, map(_cell, row))
    yield f'</sheetData><autoFilter ref="A1:{letters[-1]}{number}"/></worksheet>'


def _sheet_row(
    number: int, letters: Sequence[str], cells: Iterable[str | int | float], style: str = ""
) -> str:
    written = []
    for letter, cell in zip(letters, cells, strict=True):
        if isinstance(cell, int | float):
            written.append(f'<c r="{letter}{number}"{style}><v>{cell}</v></c>')
        elif cell:
            written.append(
                f'<c r="{letter}{number}"{style} t="inlineStr"><is><t xml:space="preserve">'
                f"{_as_xml(cell)}</t></is></c>"
            )
    return f'<row r="{number}">{"".join(written)}</row>'


def _as_xml(text: str) -> str:
    return escape(_NOT_XML.sub(lambda found: f"_x{ord(found.group()):04X}_", shortened(text)))


def _cell(value: Any) -> str | int | float:
    """Return a value as a spreadsheet's cell: a number, or text that cannot run."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        moment = value.isoformat(" ")
        return f"{moment[:-6]} UTC{moment[-6:]}"
    if isinstance(value, list):
        return defuse("; ".join(map(str, value)))
    return "" if value is None else defuse(str(value))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


FORMATS = [CSV, XLSX, JSON]
