"""Load the demo from the command line."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from committee.domain.demo import load_demo
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Load a sample conference with two accounts, once, and print how to sign in."
    needs_program = False

    def act(self, **options: Any) -> dict[str, Any]:
        demo = load_demo()
        return {
            "program": demo.program.slug,
            "users": [
                {"username": name, "password": password}
                for name, password in demo.passwords.items()
            ],
            "links": {
                "cockpit": settings.SITE_URL + reverse("admin:index"),
                "intake": demo.participant and settings.SITE_URL + demo.participant.personal_path,
            },
        }
