"""Send one email to see whether the mail server takes it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from notifications.domain.transport.smtp import ServerUnreachable, send_test_mail


class Command(BaseCommand):
    help = "Send a test email, and say what the mail server answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="who gets it")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        try:
            validate_email(address)
            taken_for = send_test_mail(address)
        except ValidationError as error:
            raise CommandError(f"“{address}” is not an email address.") from error
        except ServerUnreachable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The mail server took the test email for {taken_for}.")
