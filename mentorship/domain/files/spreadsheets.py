"""Reading a spreadsheet file, whatever program wrote it, into one plain table of text."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.core.exceptions import ValidationError

from mentorship.domain.files.formulas import undo_defusing
from mentorship.domain.files.workbooks import is_locked_container, locked, read_workbook

DELIMITERS = ",;\t|"
# First bytes of files that are no spreadsheet that can be read here, and what they are.
FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an Excel file of the old kind (.xls)",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"\x7fELF": "a program",
}
BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Row:
    """One row that is not blank; `number` is the spreadsheet's own."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A sheet: its file's name, its headings, and the rows under them.

    A row may have fewer cells than there are headings (the rest is blank) or more (something
    is wrong with it). `sha256` is the file's checksum, `note` a sentence about what was read of
    it, if there is something to say.
    """

    name: str
    headings: list[str]
    rows: list[Row]
    sha256: str = field(default="", compare=False)
    note: str = field(default="", compare=False)

    def __len__(self) -> int:
        return len(self.rows)


def read_file(path: str | Path) -> Table:
    """Read the spreadsheet at this path, as `read_table` does.

    Raise ValidationError also if there is no such file or it cannot be opened.
    """
    return read_table(_content(Path(path)), Path(path).name)


def read_file_sheets(path: str | Path) -> dict[str, Table]:
    """Read all sheets of the file at this path, as `read_sheets` does.

    Raise ValidationError also if there is no such file or it cannot be opened.
    """
    return read_sheets(_content(Path(path)), Path(path).name)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValidationError(f"Cannot read {path}: {error.strerror}.") from error


def read_table(data: bytes, name: str) -> Table:
    """Read a spreadsheet from its bytes; `name` is only for messages.

    Understands CSV with commas, semicolons, tabs or bars, in UTF-8, UTF-16, UTF-32 or
    Windows-1252 (of which Latin-1 is a part), and of an XLSX or ODS workbook the first sheet that
    has something in it. The kind is found from the content. What an export defused is read as
    it was. Raise ValidationError for anything else, with the reason.
    """
    _refuse_foreign(data, name)
    if not data.startswith(b"PK"):
        return replace(_table(name, _text_rows(data, name)), sha256=checksum(data))
    sheets = read_workbook(data, name)
    filled = [sheet for sheet in sheets if sheet.rows and not sheet.hidden] or sheets
    rows = ([undo_defusing(cell) for cell in cells] for cells in filled[0].rows)
    table = _table(name, rows)
    others = ", ".join(f"“{sheet.title}”" for sheet in filled[1:])
    note = f"Only the sheet “{filled[0].title}” is read; not {others}." if others else ""
    return replace(table, sha256=checksum(data), note=note)


def read_sheets(data: bytes, name: str) -> dict[str, Table]:
    """Read every sheet of a workbook that has headings, hidden ones too, by its title.

    Anything else that `read_table` understands is one sheet whose title is "". Raises
    ValidationError as `read_table` does, if no sheet can be read.
    """
    _refuse_foreign(data, name)
    if not data.startswith(b"PK"):
        return {"": read_table(data, name)}
    tables, faults = {}, []
    for sheet in read_workbook(data, name):
        try:
            tables[sheet.title] = _table(f"{name}, sheet “{sheet.title}”", sheet.rows)
        except ValidationError as error:  # a chart's numbers, say
            faults.append(error)
    if not tables:
        raise faults[0]
    return tables


def checksum(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _refuse_foreign(data: bytes, name: str) -> None:
    if not data.strip():
        raise ValidationError(f"{name} is empty.")
    if is_locked_container(data):
        raise locked(name)
    for mark, kind in FOREIGN.items():
        if data.startswith(mark):
            raise ValidationError(
                f"{name} is {kind}, not a spreadsheet that can be read here. "
                "Save it as CSV or XLSX and try again."
            )


def _table(name: str, raw: Iterable[list[str]]) -> Table:
    rows = (Row(number, cells) for number, cells in enumerate(raw, start=1) if any(cells))
    heading = next(rows, None)
    if heading is None:
        raise ValidationError(f"{name} is empty.")
    headings = [" ".join(cell.split()) for cell in heading.cells]
    while headings and not headings[-1]:
        headings.pop()
    if all(_is_value(cell) for cell in headings if cell):
        raise ValidationError(
            f"{name} has no heading row: its first row is {_shown(headings)}. "
            "Put the names of the columns into the first row."
        )
    return Table(name, headings, list(rows))


def _is_value(cell: str) -> bool:
    """Return whether a cell of the first row holds an address or a number, not a heading."""
    return "@" in cell or not any(letter.isalpha() for letter in cell)


def _shown(cells: list[str]) -> str:
    return ", ".join(f"“{cell[:40]}”" for cell in cells[:12])


def _text_rows(data: bytes, name: str) -> Iterable[list[str]]:
    text = decode(data)
    first_line = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    if CONTROLS.search(first_line) or len(CONTROLS.findall(text)) > len(text) * 0.05:
        raise ValidationError(
            f"{name} is not a text file. Save the spreadsheet as CSV or XLSX and try again."
        )
    delimiter = max(DELIMITERS, key=_outside_quotes(first_line).count)
    try:
        return _records(text, delimiter, strict=True)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise ValidationError(
                f"{name} breaks off inside a quoted cell: a quotation mark is opened and never "
                "closed. Export the file again."
            ) from error
    # Something other than a separator after a closing quotation mark: most tools let it pass.
    try:
        return _records(text, delimiter, strict=False)
    except csv.Error as error:
        raise ValidationError(f"{name} cannot be read as CSV: {error}.") from error


def _records(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    return [[undo_defusing(cell.strip()) for cell in cells] for cells in reader]


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def decode(data: bytes) -> str:
    """Return the text of these bytes: by byte-order mark, else UTF-8, else Windows-1252."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    # Mostly western text in UTF-16 without a mark has a zero in every second byte.
    sample = data[:4000]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_second = sample[offset::2]
        if len(every_second) > 8 and every_second.count(0) > len(every_second) * 0.6:
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
