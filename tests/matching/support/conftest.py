"""A pair that is announced, in a conference that is on."""

import datetime

import pytest
from django.utils import timezone


@pytest.fixture
def program(db):
    """A conference that began yesterday and lasts for five more days."""
    from tests.factories import ProgramFactory

    today = timezone.localdate(timezone=datetime.UTC)
    return ProgramFactory(
        name="Conf",
        time_zone="UTC",
        starts_on=today - datetime.timedelta(days=1),
        ends_on=today + datetime.timedelta(days=5),
        contact_by=today + datetime.timedelta(days=1),
        meeting_places="Mentoring table in the lobby, 12:30\nCafé",
        place="Tacoma",
    )


@pytest.fixture
def pair(program):
    """Dee mentors Chi; both have been told."""
    from tests.factories import MatchFactory, ParticipantFactory

    dee = ParticipantFactory(
        program=program,
        name="Dee Marsh",
        short_name="Dee",
        email="dee@freemail.example",
        topics_offered="Packaging compilers, and secret plans",
        notes="Dee's own note",
    )
    chi = ParticipantFactory(
        program=program,
        name="Chi Okafor",
        short_name="Chi",
        email="chi@freemail.example",
        mentee=True,
        topics_wanted="How to package compilers; my own doubts",
    )
    match = MatchFactory(program=program, mentor=dee, mentee=chi)
    announce_now(match)
    match.refresh_from_db()
    return match


def announce_now(match):
    """Announce a match and count its introduction as sent."""
    from matching.domain.matches.changes import announce
    from notifications.domain.outbox.queueing import queue_mail
    from notifications.models import EmailLog

    queue_mail(match.program, "match")
    announce([match])
    EmailLog.objects.filter(match=match, state="queued").update(
        state="sent", sent_at=timezone.now()
    )
