"""Send from the command line what is due."""

from __future__ import annotations

import time
from typing import Any

from mentorship.interfaces.commands import JsonCommand
from notifications.domain.outbox.worker import deliver_due


class Command(JsonCommand):
    help = "Send the program's emails that are due, within its limit of emails a minute."

    def act(self, **options: Any) -> dict[str, Any]:
        def wait(seconds: float) -> None:
            self.stderr.write(
                f"The limit of emails a minute is reached; continuing in {seconds:.0f} s."
            )
            time.sleep(seconds)

        tally = deliver_due(program=options["program"], wait=wait)
        if tally.trouble:
            self.stderr.write(tally.trouble)
        return tally.as_dict()
