"""Reading what one row of a survey's export says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from mentorship.domain.imports.cells import (
    NotUnderstood,
    read_attendance,
    read_capacity,
    read_career_stage,
    read_choice,
    read_choices,
    read_role,
    read_time_zone,
    read_yes_no,
)
from mentorship.domain.survey.responses import ASKED, Answers
from mentorship.models import Field, Program, Sector

SHOWN_AT_MOST = 200


class AnswerReader:
    """Reads the answers of one program's survey, from tables with these columns."""

    def __init__(self, program: Program, columns: Collection[str]) -> None:
        self.asked = ASKED & set(columns)
        self.fields: dict[str, Field] = {row.name: row for row in program.fields.all()}
        self.sectors: dict[str, Sector] = {row.name: row for row in program.sectors.all()}
        # Of fifty thousand answers most choose what others have chosen too.
        self._read_fields = lru_cache(maxsize=5000)(lambda text: read_choices(text, self.fields))
        self._read_sector = lru_cache(maxsize=5000)(lambda text: read_choice(text, self.sectors))

    def read(self, cells: Mapping[str, str]) -> Answers:
        """Give what these cells (key of the column → text) answer, and what they leave in doubt."""
        doubts: list[dict[str, str]] = []

        def doubt(key: str, value: str) -> None:
            doubts.append({"field": key.replace("_", " "), "value": value[:SHOWN_AT_MOST]})

        def understood(key: str, read: Callable[[str], Any], nothing: Any) -> Any:
            if not (text := cells.get(key, "")):
                return nothing
            try:
                return read(text)
            except NotUnderstood:
                doubt(key, text)
                return nothing

        def text(key: str) -> str:
            return cells.get(key, "")

        role = understood("role", read_role, "")
        fields, rest = self._read_fields(text("fields"))
        for piece in rest:
            doubt("fields", piece)
        typed = text("capacity")
        return Answers(
            # A role that reads as a no, where nothing at all would be a blank cell.
            taking_part=role is not None and understood("taking_part", read_yes_no, True),
            role=role or "",
            attendance=understood("attendance", read_attendance, ""),
            fields=fields,
            sector=understood("sector", self._read_sector, None),
            career_stage=understood("career_stage", read_career_stage, ""),
            affiliation=" ".join(text("affiliation").split()),
            capacity=understood("capacity", read_capacity, None),
            capacity_as_typed="" if typed.isdecimal() else typed[:SHOWN_AT_MOST],
            time_zone=understood("time_zone", read_time_zone, ""),
            topics_wanted=text("topics_wanted"),
            topics_offered=text("topics_offered"),
            notes=text("notes"),
            doubts=doubts,
            asked=self.asked,
        )
