"""What the cells of a workbook say, read in a process of its own, which `read_workbook` starts.

A few hundred bytes can say "this long text, in a million cells", and the reader lays all of them
out. So the process may take so much memory and no more; what it dies of, nothing else does. It
imports no Django, to be there in a moment.
"""

import contextlib
import datetime
import io
import marshal
import resource
import sys
from typing import Any

import python_calamine

# Rows times columns of all sheets, blanks among them: fifty thousand people with a hundred columns.
CELLS_AT_MOST = 5_000_000
# Bytes: twice what so many cells take, and what is handed over of them.
_MEMORY_AT_MOST = 1536 * 1024 * 1024
_LETTERS_AT_MOST = 300 * 1024 * 1024
_SECONDS_AT_MOST = 120
# What the process ends with if it does not die: read, or the reason.
READ, UNREADABLE, LOCKED, TOO_LARGE = 0, 3, 4, 5
# Title, whether it is hidden, and the rows.
Cells = list[tuple[str, bool, list[list[str]]]]


class _TooLarge(Exception):
    pass


def _read(data: bytes) -> Cells:
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        sheets: Cells = []
        left = CELLS_AT_MOST
        for meta in book.sheets_metadata:
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
                hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
                rows = _rows(book.get_sheet_by_name(meta.name))
                left -= sum(map(len, rows))
                if left < 0:  # many sheets may be one and the same part
                    raise _TooLarge
                sheets.append((meta.name, hidden, rows))
        return sheets


def _rows(sheet: Any) -> list[list[str]]:
    rows = [[_as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    left = CELLS_AT_MOST
    for (top, left_column), (bottom, right_column) in sheet.merged_cell_ranges or []:
        # A cell that is merged over several rows says the same in each of them.
        below = rows[top + 1 : bottom + 1]
        left -= len(below)
        if left < 0:  # no cell can be merged twice
            raise _TooLarge
        for row in below:
            if left_column == right_column and left_column < len(row) and not row[left_column]:
                row[left_column] = rows[top][left_column]
    return rows


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return f"{value} 00:00:00"
    return str(value)


def _main() -> int:
    for what, at_most in (
        (resource.RLIMIT_AS, _MEMORY_AT_MOST),
        (resource.RLIMIT_CPU, _SECONDS_AT_MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system has each limit
            resource.setrlimit(what, (at_most, at_most))
    try:
        cells = marshal.dumps(_read(sys.stdin.buffer.read()))
        if len(cells) > _LETTERS_AT_MOST:
            return TOO_LARGE
        sys.stdout.buffer.write(cells)
    except python_calamine.PasswordError:
        return LOCKED
    except (_TooLarge, MemoryError):
        return TOO_LARGE
    # A broken file can make the parser raise almost anything, also a panic, which is no Exception.
    except BaseException:
        return UNREADABLE
    return READ


if __name__ == "__main__":
    sys.exit(_main())
