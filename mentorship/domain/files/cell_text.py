"""A text as a cell of a workbook can hold it."""

from __future__ import annotations

import re

# What Excel takes in one cell.
CELL_AT_MOST = 32_767
# What XML cannot hold or a sheet that comes back is refused for, and halves of characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What programs that read workbooks take for a character: _x0041_ for A.
CODED = re.compile(r"_x[0-9A-Fa-f]{4}_")


def cell_text(text: str) -> str:
    """Give a text as a cell can hold it: no illegal characters, plain line ends, not too long."""
    plain = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r\n", "\n")
    return shortened(plain.replace("\r", "\n"))


def shortened(text: str) -> str:
    """Give as much of a text as a cell can hold."""
    return text if len(text) <= CELL_AT_MOST else text[: CELL_AT_MOST - 1] + "…"


def coded(text: str) -> str:
    """Give a text as it is written into a workbook, so that it is read as it was."""
    return CODED.sub(r"_x005F\g<0>", text)
