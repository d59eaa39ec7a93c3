"""Anonymize a program after its conference, from the command line."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from committee.domain.anonymise import (
    anonymise_program,
    what_is_in_the_way,
    would_anonymise,
)
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Remove who a finished program's people were. This cannot be undone."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--yes", action="store_true", help="do it, rather than only say what would be done"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        program = options["program"]
        if options["yes"]:
            return dict(anonymise_program(program).as_dict())
        if reasons := what_is_in_the_way(program):
            raise ValidationError(reasons)
        would = would_anonymise(program)
        raise CommandError(
            f"This would anonymize {program} (participants: {would.participants}, messages: "
            f"{would.messages}). Nothing was changed. It cannot be undone; add --yes to do it.",
            returncode=2,
        )
