"""Fill the SQLite database in DATABASE_URL, move it to the one named, and print what is there."""

import io
import json
import os
import sys

import django
import environ
from django.core.management import call_command


def moved(url):
    """Return what the command says of the move, or why it refuses."""
    from django.core.management.base import CommandError

    printed = io.StringIO()
    try:
        call_command("move_database", url, json=True, stdout=printed)
    except CommandError as error:
        return str(error)
    return json.loads(printed.getvalue())


def main(url):
    os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings"
    django.setup()
    from django.db import connections

    from committee.domain.demo import load_demo
    from mentorship.models import Participant, Program
    from notifications.domain.outbox.queueing import queue_mail
    from notifications.models import EmailLog
    from tests.committee.backups.rows import changed, every_row

    connections.databases["there"] = connections.configure_settings(
        {"default": {}, "there": environ.Env.db_url_config(url)}
    )["there"]
    load_demo()
    queued = queue_mail(Program.objects.get(), "survey").queued
    person = Participant.objects.latest("pk")
    seen = {"queued": queued, "with_nul": "", "last_key": Program.objects.get().pk}
    if connections["there"].vendor == "postgresql":  # which takes no such letter
        Participant.objects.filter(pk=person.pk).update(notes="a\0b")
        seen["with_nul"] = moved(url)
        Participant.objects.filter(pk=person.pk).update(notes="")
    seen["after_nul"] = Participant.objects.using("there").count()
    seen["said"] = moved(url)
    here, there = every_row(), every_row("there")
    seen["different"] = [str(place) for place in changed(here, there)]
    seen["rows"] = sum(len(rows) for rows in there.values())
    seen["people"] = Participant.objects.using("there").count()
    seen["emails"] = EmailLog.objects.using("there").count()
    day = Program.objects.get().starts_on
    program = Program(slug="next", name="Next", starts_on=day, ends_on=day)
    program.save(using="there")
    seen["next_key"] = program.pk
    seen["again"] = moved(url)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
