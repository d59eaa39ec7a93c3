"""Create a program from the command line."""

from __future__ import annotations

import argparse
import datetime
from typing import Any

from django.core.management.base import CommandParser

from mentorship.domain.programs.create import create_program
from mentorship.interfaces.commands import JsonCommand


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not a date; write it like 2027-07-12"
        ) from error


class Command(JsonCommand):
    help = "Create a program with the usual fields and sectors."
    needs_program = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--start", required=True, type=_date)
        parser.add_argument("--end", required=True, type=_date)
        parser.add_argument("--timezone", required=True)

    def act(self, **options: Any) -> dict[str, Any]:
        program = create_program(
            slug=options["slug"],
            name=options["name"],
            starts_on=options["start"],
            ends_on=options["end"],
            time_zone=options["timezone"],
        )
        return {"slug": program.slug}
