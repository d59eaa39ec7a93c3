"""Reading workbooks (XLSX, ODS) that anybody may have made, also to do harm.

The reader itself lays a sheet out in full, so a small file that says "this cell, sixteen thousand
times" could take all memory. Therefore every part is unpacked and looked through first, and the
cells are read in a process that may take so much memory and no more.
"""

from __future__ import annotations

import html
import io
import marshal
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.parsers import expat

from django.core.exceptions import ValidationError

from mentorship.domain.files import workbook_cells
from mentorship.domain.files.workbook_cells import CELLS_AT_MOST

# What the parts of a workbook may unpack to; an honest one of 50,000 people needs a tenth of it.
UNPACKED_AT_MOST = 300 * 1024 * 1024
PARTS_AT_MOST = 1000
_CHUNK = 1024 * 1024
_OVERLAP = 200
# An attribute that places a cell ("BC17") or a row ("17") in an XLSX sheet.
_PLACE = re.compile(rb"\br\s*=\s*[\"']\s*([A-Za-z]*)(\d+)")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*")
_ROW_NUMBER = re.compile(rb"\br=[\"'](\d+)")
_MACROS = re.compile(r"vbaproject\w*\.bin$|^xl/macrosheets/.|^(basic|scripts)/.", re.I)
_BINARY = re.compile(r"workbook\.bin$", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


@dataclass(frozen=True)
class Sheet:
    """One sheet, its cells as text; `hidden_rows`: how many filled ones are hidden or filtered."""

    title: str
    rows: list[list[str]]
    hidden: bool = False
    hidden_rows: int = 0


def read_workbook(data: bytes, name: str) -> list[Sheet]:
    """Read a workbook's sheets from its bytes, in its order; `name` is the file's, for messages.

    Formulas give the value that was saved with them. Raise ValidationError, with the reason, for
    a file that is no XLSX or ODS workbook, locked, holds macros or unpacks to more than an honest
    one would.
    """
    try:
        _look_through(data, name)
        hidden_rows = _hidden_rows(data)
    except ValidationError:
        raise
    except Exception as error:  # a broken file can make the parsers raise almost anything
        raise unreadable(name) from error
    sheets = []
    for title, hidden, rows in _read_cells(data, name):
        ranges = hidden_rows.get(title, [])
        filled = sum(any(row) for each in ranges for row in rows[each.start - 1 : each.stop - 1])
        sheets.append(Sheet(title, rows, hidden, filled))
    if not sheets:
        raise unreadable(name)
    return sheets


def _read_cells(data: bytes, name: str) -> workbook_cells.Cells:
    command = [sys.executable, "-I", workbook_cells.__file__]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode == workbook_cells.READ:
        cells: workbook_cells.Cells = marshal.loads(done.stdout)  # noqa: S302
        return cells
    if done.returncode == workbook_cells.LOCKED:
        raise locked(name)
    if done.returncode == workbook_cells.UNREADABLE:
        raise unreadable(name)
    raise _too_large(name)  # said so, or died of it


def unreadable(name: str) -> ValidationError:
    """Return the sentence for a file that no reader understands."""
    return ValidationError(
        f"{name} is not a workbook that can be read here. Save it as XLSX or CSV and try again."
    )


def locked(name: str) -> ValidationError:
    """Return the sentence for a workbook that has a password."""
    return ValidationError(
        f"{name} is locked with a password. Save a copy without one and try again."
    )


def _too_large(name: str) -> ValidationError:
    return ValidationError(f"{name} unpacks to more than a spreadsheet should hold.")


def is_locked_container(data: bytes) -> bool:
    """Return whether this is the container of an XLSX file that has a password."""
    return data.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data


def _hidden_rows(data: bytes) -> dict[str, list[range]]:
    """Return which rows of each sheet of a workbook are hidden or filtered out, by its title."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        if "content.xml" in parts:
            return _hidden_in_opendocument(archive.read("content.xml"))
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
            return {}
        relations = archive.read("xl/_rels/workbook.xml.rels").decode(errors="replace")
        book = archive.read("xl/workbook.xml").decode(errors="replace")
        targets = {
            found[1]: target[1]
            for tag in re.findall(r"<\w*:?Relationship\b[^>]*>", relations)
            if (found := re.search(r'\bId="([^"]*)"', tag))
            and (target := re.search(r'\bTarget="/?(?:xl/)?([^"]*)"', tag))
        }
        hidden = {}
        for tag in re.findall(r"<\w*:?sheet\b[^>]*>", book):
            title, key = re.search(r'\bname="([^"]*)"', tag), re.search(r'\br:id="([^"]*)"', tag)
            part = f"xl/{targets.get(key[1], '')}" if key else ""
            if title and part in parts:
                parts.remove(part)  # of two sheets that are one part, the first
                rows = _HIDDEN_ROW.findall(archive.read(part))
                numbers = [int(place[1]) for row in rows if (place := _ROW_NUMBER.search(row))]
                hidden[html.unescape(title[1])] = [range(n, n + 1) for n in numbers]
        return hidden


def _hidden_in_opendocument(content: bytes) -> dict[str, list[range]]:
    """Return which rows of each table are hidden or filtered out, by its name."""
    hidden: dict[str, list[range]] = {}
    if b"collapse" not in content and b'"filter"' not in content:
        return hidden
    rows: list[range] = []
    number = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, number
        if _local(tag) == "table":
            rows, number = hidden.setdefault(attributes.get("table:name", ""), []), 0
        elif _local(tag) == "table-row":
            times = int(attributes.get("table:number-rows-repeated", 1))
            if attributes.get("table:visibility") in ("collapse", "filter"):
                rows.append(range(number + 1, number + 1 + times))
            number += times

    _parse(iter([content]), start, lambda tag: None)
    return hidden


def _look_through(data: bytes, name: str) -> None:
    """Raise ValidationError if this archive is not one that an honest spreadsheet program wrote."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if len(parts) > PARTS_AT_MOST or sum(p.file_size for p in parts) > UNPACKED_AT_MOST:
            raise _too_large(name)
        if len(names) < len(parts):
            raise unreadable(name)  # which of two parts of one name counts, readers disagree on
        if any(part.flag_bits & 1 for part in parts):
            raise locked(name)
        if any(_MACROS.search(part) for part in names):
            raise _macros(name)
        if any(_BINARY.search(part) for part in names):
            raise unreadable(name)  # XLSB, whose cells cannot be looked at beforehand
        left, cells = UNPACKED_AT_MOST, 0
        for part in parts:
            reach, unpacked = _look_at_part(archive, part, name, left)
            left, cells = left - unpacked, cells + reach
            if cells > CELLS_AT_MOST:
                raise _too_large(name)


def _macros(name: str) -> ValidationError:
    return ValidationError(
        f"{name} contains macros, which are programs. Save it as XLSX or CSV without them and "
        "try again."
    )


def _look_at_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, left: int
) -> tuple[int, int]:
    """Unpack one part in pieces and look at each; give how many cells it lays out, and its size."""
    part.file_size = 1 << 40  # what the archive says may be less than what comes out
    unpacked = 0

    def pieces() -> Iterator[bytes]:
        nonlocal unpacked
        unpacked, before = 0, b""
        with archive.open(part) as file:
            while piece := file.read(_CHUNK):
                unpacked += len(piece)
                if unpacked > left:
                    raise _too_large(name)
                if not before and piece.startswith(_UTF16):
                    raise unreadable(name)
                _look_at_words(before + piece, part.filename, name)
                before = piece[-_OVERLAP:]
                yield piece

    if part.filename == "content.xml":
        return _filled_in_opendocument(pieces()), unpacked
    cells = _placed_in_office_open(pieces())
    # Many tools leave a million formatted blank rows behind. They do no harm, but to tell them
    # from filled ones takes a parser, ten times as slow as a search.
    if cells > CELLS_AT_MOST:
        cells = _filled_in_office_open(pieces())
    return cells, unpacked


def _look_at_words(text: bytes, part: str, name: str) -> None:
    if b"<!" in text and (b"<!DOCTYPE" in text.upper() or b"<!ENTITY" in text.upper()):
        raise ValidationError(
            f"{name} defines XML entities, which no spreadsheet needs. Save it anew as XLSX or CSV "
            "and try again."
        )
    if part == "[Content_Types].xml" and b"macroenabled" in text.lower():
        raise _macros(name)
    if part == "META-INF/manifest.xml" and b"encryption-data" in text:
        raise locked(name)


@dataclass
class _Reach:
    rows: int = 0
    columns: int = 0

    def add(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)

    @property
    def cells(self) -> int:
        return self.rows * max(self.columns, 1)


def _placed_in_office_open(pieces: Iterator[bytes]) -> int:
    """Return how many cells an XLSX sheet has at most, up to its last one, blank or not."""
    reach, before = _Reach(), b""
    for piece in pieces:
        for letters, digits in _PLACE.findall(before + piece):
            reach.add(int(digits), _column(letters))
        before = piece[-_OVERLAP:]
    return reach.cells


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _local(tag: str) -> str:
    return tag.rsplit(":", 1)[-1]


def _filled_in_office_open(pieces: Iterator[bytes]) -> int:
    """Return how many cells an XLSX sheet has up to its last filled one."""
    reach = _Reach()
    row = column = 0
    in_cell = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, in_cell
        tag = _local(tag)
        if tag == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif tag == "c":
            place = re.match(r"([A-Za-z]+)(\d+)", attributes.get("r", ""))
            column += 1
            if place:
                column, row = _column(place[1].encode()), int(place[2])
            in_cell = True
        elif in_cell and tag in ("v", "t", "is", "f"):
            reach.add(row, column)

    def end(tag: str) -> None:
        nonlocal in_cell
        in_cell = in_cell and _local(tag) != "c"

    _parse(pieces, start, end)
    return reach.cells


def _filled_in_opendocument(pieces: Iterator[bytes]) -> int:
    """Return how many cells all ODS sheets have, up to their last filled ones, repeats laid out."""
    reach, before = _Reach(), 0
    row = column = row_times = 0
    filled = in_cell = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, row_times, filled, in_cell, reach, before
        tag = _local(tag)
        if tag == "table":
            before, reach, row = before + reach.cells, _Reach(), 0
        elif tag == "table-row":
            row_times = int(attributes.get("table:number-rows-repeated", 1))
            column, filled = 0, False
        elif tag in ("table-cell", "covered-table-cell"):
            column += int(attributes.get("table:number-columns-repeated", 1))
            in_cell = True
            if any(key.startswith("office:") for key in attributes):
                mark()
        elif in_cell:
            mark()

    def mark() -> None:
        nonlocal filled
        filled = True
        reach.add(row, column)

    def end(tag: str) -> None:
        nonlocal row, in_cell
        tag = _local(tag)
        if tag in ("table-cell", "covered-table-cell"):
            in_cell = False
        elif tag == "table-row":
            row += row_times
            if filled:
                reach.add(row, 0)

    _parse(pieces, start, end)
    return before + reach.cells


def _parse(
    pieces: Iterator[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)
