"""Bars: one row for each thing that is counted, with a bar for each of up to two columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from committee.domain.report import ReportTable
from committee.interfaces.plots.axes import WIDTH

_BAR, _GAP, _WORDS = 11, 3, 14
_LONGEST = 330
_LETTERS = 62


@dataclass(frozen=True)
class BarPlot:
    """A table drawn as bars. Every number stands at the end of its bar."""

    table: ReportTable

    @property
    def words(self) -> str:
        """The plot in words: what it shows, and its numbers."""
        columns = self.table.columns
        rows = [
            f"{label}: "
            + ", ".join(
                f"{number or 0} {column.lower()}" if len(columns) > 1 else str(number or 0)
                for column, number in zip(columns, numbers, strict=True)
            )
            for label, numbers in self.table.rows
        ]
        return f"{self.table.title}. {'; '.join(rows)}."

    def drawing(self) -> dict[str, Any]:
        """Return what the template draws, in units of the drawing."""
        highest = max((n or 0 for _, numbers in self.table.rows for n in numbers), default=0) or 1
        row_height = _WORDS + len(self.table.columns) * (_BAR + _GAP) + 4
        return {
            "plot": self,
            "width": WIDTH,
            "height": row_height * len(self.table.rows),
            "rows": [
                {
                    "words": label if len(label) <= _LETTERS else f"{label[:_LETTERS]}…",
                    "words_at": place * row_height + 11,
                    "bars": [
                        {
                            "at": place * row_height + _WORDS + column * (_BAR + _GAP),
                            "width": round(_LONGEST * (number or 0) / highest, 1),
                            "end": round(_LONGEST * (number or 0) / highest + 5, 1),
                            "number": number or 0,
                        }
                        for column, number in enumerate(numbers)
                    ],
                }
                for place, (label, numbers) in enumerate(self.table.rows)
            ],
        }
