"""What all the project's commands share: `--program`, `--json`, and the exit codes.

Exit 0: done. 1: the input is at fault (a sentence on standard error, nothing saved). 2: wrong
usage. With `--json` one object is printed on standard output, and nothing else there.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentorship.models import Program


class Refused(CommandError):
    """The input is at fault; the message says what and where."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=1)


class JsonCommand(BaseCommand):
    """A command that does one thing and says what it did, in words or as JSON.

    Subclasses implement `act(**options) -> dict` and, if the words are to be better than the
    JSON itself, `words(result) -> str`. A ValidationError from the domain becomes exit 1.
    """

    needs_program = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        if self.needs_program:
            parser.add_argument("--program", required=True, metavar="SLUG")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what only this command takes."""

    def act(self, **options: Any) -> dict[str, Any]:
        """Do it and give the result, ready for JSON."""
        raise NotImplementedError("every command implements act()")

    def words(self, result: dict[str, Any]) -> str:
        """Return the result as a person reads it."""
        return "\n".join(f"{key}: {_in_words(value)}" for key, value in result.items())

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return the exit code that belongs to this result."""
        return 0

    def handle(self, *args: Any, **options: Any) -> None:
        if self.needs_program:
            options["program"] = find_program(options["program"])
        try:
            result = self.act(**options)
        except ValidationError as error:
            raise Refused(_sentences(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        else:
            self.stdout.write(self.words(result))
        if code := self.exit_code(result):
            raise SystemExit(code)


def find_program(slug: str) -> Program:
    """Return the program with this slug. Raise Refused, naming the slugs there are, if none."""
    program = Program.objects.filter(slug=slug).first()
    if program is None:
        known = ", ".join(Program.objects.values_list("slug", flat=True)) or "none yet"
        raise Refused(f"There is no program “{slug}”. Programs: {known}.")
    return program


def _sentences(error: ValidationError) -> str:
    """Return what is wrong, with the name of the column where it is about one."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        message if name == NON_FIELD_ERRORS else f"{name}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    )


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n  {_in_words(item)}" for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return str(value)
