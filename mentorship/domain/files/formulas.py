"""A text as a cell of a spreadsheet can hold it, and keeps it from running as a formula.

The one rule, for each cell of a CSV or XLSX file that leaves here: text that a spreadsheet could
take for a formula gets an apostrophe in front; reading a file takes away that apostrophe, and no
other. Text is risky if the first character that is neither blank nor a quotation mark is one of
= + - @ (in any width), if a tab or a line break comes before it, or if it is how a spreadsheet
writes that a formula failed. Blanks and quotation marks are looked through because some programs
drop them. A number, also with a sign or grouped like a telephone number, calculates nothing and
stays as it is.

A text that begins with an apostrophe and goes on riskily is itself risky, so that taking one
apostrophe away always gives what was there.
"""

from __future__ import annotations

import re
import unicodedata

_MARK = "'"
_STARTS_A_FORMULA = frozenset("=+-@")
# Blanks, characters without width, and everything that opens or closes a quotation.
_LOOKED_THROUGH = re.compile(
    r"[\s\0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    r"'\"`\u00b4\u2018-\u201f\u00ab\u00bb\u2039\u203a\uff02\uff07]*"
)
_BREAKS = re.compile(r"[\t\r\n\v\f]")
# What spreadsheet programs write into a cell whose formula has failed: as good as blank.
ERROR = re.compile(r"#(?:N/A|NV|N/D|[\w¡¿/]{2,12}[!?])")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,()]*")
# What Excel takes in one cell.
CELL_AT_MOST = 32_767
# What XML cannot hold or a sheet that comes back is refused for, and halves of characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What programs that read workbooks take for a character: _x0041_ for A.
CODED = re.compile(r"_x[0-9A-Fa-f]{4}_")


def defuse(text: str) -> str:
    """Return a text as a spreadsheet can hold it without running it."""
    return _MARK + text if _is_risky(text) else text


def undo_defusing(cell: str) -> str:
    """Return the text from which `defuse` made this cell."""
    return cell[1:] if cell.startswith(_MARK) and _is_risky(cell[1:]) else cell


def _is_risky(text: str) -> bool:
    if not text or _NUMBER.fullmatch(text):
        return False
    if ERROR.fullmatch(text):
        return True
    start = _LOOKED_THROUGH.match(text)
    assert start is not None  # it matches nothing as well
    if _BREAKS.search(start.group()):
        return True
    first = unicodedata.normalize("NFKC", text[start.end() : start.end() + 1])
    return first[:1] in _STARTS_A_FORMULA


def cell_text(text: str) -> str:
    """Return a text as a cell can hold it: no illegal characters, plain line ends, not too long."""
    plain = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r\n", "\n")
    return shortened(plain.replace("\r", "\n"))


def shortened(text: str) -> str:
    """Return as much of a text as a cell can hold."""
    return text if len(text) <= CELL_AT_MOST else text[: CELL_AT_MOST - 1] + "…"


def coded(text: str) -> str:
    """Return a text as it is written into a workbook, so that it is read as it was."""
    return CODED.sub(r"_x005F\g<0>", text)
