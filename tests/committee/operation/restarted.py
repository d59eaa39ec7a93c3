"""The application, on a database that is new and gets a program: for `gunicorn --preload`."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from django.conf import settings
from django.db import connection

from mentorship.wsgi import application as application
from tests.factories import ParticipantFactory, ProgramFactory

PEOPLE = 40
DAY = datetime.date(2090, 7, 10)


def write_people(file: Path) -> None:
    """Make a program with people, and write their pages and a field and a sector to choose."""
    program = ProgramFactory(starts_on=DAY, ends_on=DAY)
    people = ParticipantFactory.create_batch(PEOPLE, program=program)
    chosen = {"expertise": program.fields.first().pk, "sector": program.sectors.first().pk}
    file.write_text(json.dumps({"paths": [p.answers_path for p in people], "chosen": chosen}))


write_people(settings.VAR_DIR / "people.json")
connection.close()  # none is shared with the processes that are forked from this one
