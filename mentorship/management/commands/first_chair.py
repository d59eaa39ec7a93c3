"""Print the link by which the first chair gets an account."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mentorship.domain.programs.accounts import first_chair_link


class Command(BaseCommand):
    help = "Print the link that makes the first chair, while nobody has an account."

    def handle(self, *args: Any, **options: Any) -> None:
        link = first_chair_link()
        self.stdout.write(
            f"Make the first chair: {link}" if link else "There are accounts already."
        )
