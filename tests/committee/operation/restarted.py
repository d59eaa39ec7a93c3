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
    """Make a program with people; write their pages and addresses, a field and a sector."""
    program = ProgramFactory(starts_on=DAY, ends_on=DAY)
    people = ParticipantFactory.create_batch(PEOPLE, program=program)
    chosen = {"expertise": program.fields.first().pk, "sector": program.sectors.first().pk}
    emails = [person.email for person in people]
    paths = [person.answers_path for person in people]
    file.write_text(json.dumps({"paths": paths, "emails": emails, "chosen": chosen}))


write_people(settings.VAR_DIR / "people.json")
connection.close()  # none is shared with the processes that are forked from this one
