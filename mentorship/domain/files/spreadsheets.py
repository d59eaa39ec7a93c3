"""Reading a spreadsheet file, whatever program wrote it, into plain tables of text."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from django.core.exceptions import ValidationError

from mentorship.domain.files.decoding import decode
from mentorship.domain.files.foreign import refuse_foreign, refuse_foreign_text
from mentorship.domain.files.formulas import ERROR, undo_defusing
from mentorship.domain.files.layout import DELIMITERS, EMPTY, Known, lay_out
from mentorship.domain.files.tables import CONTROLS, Table
from mentorship.domain.files.workbooks import Sheet, read_workbook
from mentorship.models.cleaning import clean

# How long a cell may be that is likely to come again, and how many of them are remembered.
_OFTEN, _KNOWN_AT_MOST = 60, 20_000
# "sep=;" in the first line, which tells Excel what separates the cells.
_SEPARATOR = re.compile(r'"?sep=(.)"?[;,\t|]*(?:\r\n|\r|\n)', re.IGNORECASE)


def read_file(path: str | Path) -> Table:
    """Read the spreadsheet at this path, as `read_table` does.

    Raise ValidationError also if there is no such file or it cannot be opened.
    """
    return read_table(content_of(Path(path)), Path(path).name)


def read_file_sheets(path: str | Path) -> dict[str, Table]:
    """Read all sheets of the file at this path, as `read_sheets` does.

    Raise ValidationError also if there is no such file or it cannot be opened.
    """
    return read_sheets(content_of(Path(path)), Path(path).name)


def content_of(path: Path) -> bytes:
    """Return the bytes of the file at this path. Raise ValidationError if it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValidationError(f"Cannot read {path}: {error.strerror}.") from error


def read_table(data: bytes, name: str, *, known: Known | None = None, sheet: str = "") -> Table:
    """Read a spreadsheet from its bytes; `name` is only for messages.

    Understands CSV with commas, semicolons, tabs or bars, in any encoding that spreadsheet programs
    write, and of an XLSX or ODS workbook the sheet with this title, else the one in whose headings
    most is `known`, else the first that has something in it. The kind is found from the content.
    What an export defused is read as it was. Raise ValidationError for anything else, with the
    reason.
    """
    refuse_foreign(data, name)
    if not data.startswith(b"PK"):
        if sheet:
            raise ValidationError(f"{name} has no sheet “{sheet[:60]}”. It is no workbook.")
        decoded = decode(data)
        table = lay_out(name, _text_rows(decoded.text, name), known)
        return _noted(replace(table, sha256=checksum(data)), decoded.note)
    sheets = read_workbook(data, name)
    filled = [sheet for sheet in sheets if sheet.rows and not sheet.hidden] or sheets
    chosen, table = _choose(name, filled, sheets, known, sheet)
    titles = [each.title for each in filled]
    table = replace(table, sha256=checksum(data), sheet=chosen.title, sheets=titles)
    others = ", ".join(f"“{title}”" for title in titles if title != chosen.title)
    read = f"Only the sheet “{chosen.title}” is read; not {others}." if others else ""
    return _noted(table, read, _hidden_rows(chosen))


def _choose(
    name: str, filled: list[Sheet], sheets: list[Sheet], known: Known | None, wanted: str
) -> tuple[Sheet, Table]:
    """Return the sheet with this title, else the one that fits best, and its table."""
    if wanted:
        found = [each for each in sheets if each.title.casefold() == wanted.strip().casefold()]
        if not found:
            titles = ", ".join(f"“{each.title}”" for each in sheets)
            raise ValidationError(f"{name} has no sheet “{wanted[:60]}”. Its sheets: {titles}.")
        return found[0], lay_out(name, _cleaned(found[0].rows), known)
    tables, fault = [], None
    for each in filled:
        try:
            tables.append((each, lay_out(name, _cleaned(each.rows), known)))
        except ValidationError as error:  # a chart's numbers, say
            fault = fault or error
        if known is None and tables:
            break
    if not tables:
        raise fault or ValidationError(EMPTY.format(name))
    # The first of those that fit equally well.
    return max(tables, key=lambda pair: known(pair[1].headings) if known else 0)


def read_sheets(data: bytes, name: str) -> dict[str, Table]:
    """Read every sheet of a workbook that has headings, hidden ones too, by its title.

    Anything else that `read_table` understands is one sheet whose title is "". Raises
    ValidationError as `read_table` does, if no sheet can be read.
    """
    refuse_foreign(data, name)
    if not data.startswith(b"PK"):
        return {"": read_table(data, name)}
    tables, faults = {}, []
    for sheet in read_workbook(data, name):
        try:
            rows = [[clean(cell) for cell in cells] for cells in sheet.rows]
            tables[sheet.title] = lay_out(f"{name}, sheet “{sheet.title}”", rows)
        except ValidationError as error:  # a chart's numbers, say
            faults.append(error)
    if not tables:
        raise faults[0]
    return tables


def checksum(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _noted(table: Table, *notes: str) -> Table:
    return replace(table, note=" ".join(filter(None, (*notes, table.note))))


def _hidden_rows(sheet: Sheet) -> str:
    if not sheet.hidden_rows:
        return ""
    if sheet.hidden_rows == 1:
        return f"1 row is hidden or filtered out in the sheet “{sheet.title}”; it is read as well."
    return (
        f"{sheet.hidden_rows} rows are hidden or filtered out in the sheet “{sheet.title}”; "
        "they are read as well."
    )


def _cleaned(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    # Most cells of a long table say what others say, too: once is enough, and takes less memory.
    known: dict[str, str] = {}

    def cleaned(text: str) -> str:
        if text in known:
            return known[text]
        cell = _cell(text)
        if len(text) <= _OFTEN and len(known) < _KNOWN_AT_MOST:
            known[text] = cell
        return cell

    # Some files end with millions of blank lines: all of them are one row.
    blank: list[str] = []
    return [[cleaned(cell) for cell in cells] if cells else blank for cells in rows]


def _cell(text: str) -> str:
    """Return what a cell says: clean, blank if its formula failed, and not defused any more."""
    if text.startswith("#") and ERROR.fullmatch(text):
        return ""
    return undo_defusing(clean(text))


def _text_rows(text: str, name: str) -> list[list[str]]:
    text = text.lstrip("\ufeff\r\n")
    refuse_foreign_text(text, name)
    skipped = 0
    delimiter = ""
    if hint := _SEPARATOR.match(text):
        delimiter, text, skipped = hint[1], text[hint.end() :], 1
    first_line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if CONTROLS.search(first_line) or len(CONTROLS.findall(text)) > len(text) * 0.05:
        raise ValidationError(
            f"{name} is not a text file. Save the spreadsheet as CSV or XLSX and try again."
        )
    delimiter = delimiter or _delimiter_of(text)
    try:
        rows = _records(text, delimiter, strict=True)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise ValidationError(
                f"{name} breaks off inside a quoted cell: a quotation mark is opened and never "
                "closed. Export the file again."
            ) from error
        # Something other than a separator after a closing quotation mark: most tools let it pass.
        try:
            rows = _records(text, delimiter, strict=False)
        except csv.Error as again:
            raise ValidationError(
                f"{name} has a cell of more than {csv.field_size_limit():,} letters. Most likely a "
                "quotation mark is opened and never closed. Export the file again."
            ) from again
    return [[]] * skipped + rows


def _delimiter_of(text: str) -> str:
    """Return what separates the cells: what most lines have most of, outside of quotes."""
    lines = [line for line in re.split(r"[\r\n]+", _outside_quotes(text[:20_000])) if line][:40]
    counts = {sign: max((line.count(sign) for line in lines[:1]), default=0) for sign in DELIMITERS}
    if not max(counts.values()):  # a title without separators stands above the table
        counts = {sign: max((line.count(sign) for line in lines), default=0) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: counts[sign])


def _records(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    return _cleaned(reader)


def _outside_quotes(text: str) -> str:
    return re.sub(r'"[^"]*"', "", text)
