"""A text as a cell of a workbook can hold it."""

from __future__ import annotations

import re

# What Excel takes in one cell.
CELL_AT_MOST = 32_767
# What XML cannot hold, and halves of characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def cell_text(text: str) -> str:
    """Give a text as a cell can hold it: no illegal characters, plain line ends, not too long."""
    plain = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r\n", "\n")
    plain = plain.replace("\r", "\n")
    return plain if len(plain) <= CELL_AT_MOST else plain[: CELL_AT_MOST - 1] + "…"
