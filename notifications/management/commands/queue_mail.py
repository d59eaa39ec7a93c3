"""Queue a kind of email from the command line."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from mentorship.interfaces.commands import JsonCommand
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.reasons import kinds_by_hand, parse_kind


def _kind(name: str) -> str:
    try:
        return parse_kind(name)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(" ".join(error.messages)) from error


class Command(JsonCommand):
    help = "Queue an email for everyone it is due for. It is sent with the next sweep."

    def add_own_arguments(self, parser: CommandParser) -> None:
        kinds = ", ".join(kinds_by_hand())
        parser.add_argument(
            "kind", type=_kind, help=f"one of {kinds} (the last is both match emails)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def act(self, **options: Any) -> dict[str, Any]:
        return queue_mail(options["program"], options["kind"], dry_run=options["dry_run"]).as_dict()
