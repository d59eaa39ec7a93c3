"""Read the mailbox for bounced emails, as beat has it done every five minutes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.domain.bounces.mailbox import read_mailbox
from notifications.domain.transport.smtp import ServerUnreachable


class Command(BaseCommand):
    help = "Read what is new in BOUNCE_IMAP_URL, and note which emails bounced."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BOUNCE_IMAP_URL:
            raise CommandError("BOUNCE_IMAP_URL is not set.")
        try:
            looked = read_mailbox()
        except ServerUnreachable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"messages looked at: {looked.messages}")
        self.stdout.write(f"reports about our emails: {looked.reports}")
