"""The meeting that a match mail proposes, as it arrives."""

import datetime

import pytest
from icalendar import Calendar

from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.domain.receivers import review
from notifications.models import EmailLog
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory, SurveyResponseFactory
from tests.notifications.conftest import NOON

pytestmark = pytest.mark.django_db
FIRST_HOUR = datetime.datetime(2083, 7, 12, 13, tzinfo=datetime.UTC)
PROPOSED = (
    "You both told us when you're free, and the first hour that works for both of you is Monday, "
    "July 12, 3:00 PM to 4:00 PM in Berlin, which is 9:00 AM to 10:00 AM in New York."
)


def says(person, *hours):
    SurveyResponseFactory(
        participant=person, free_hours=hours, submitted_at=datetime.datetime.now(datetime.UTC)
    )
    review(person.program_id, [person.pk])


@pytest.fixture
def match():
    """Robin in Berlin and Kim in New York, both virtual."""
    program = ProgramFactory(name="Conf 2083", mails_per_minute=0)
    return MatchFactory(
        program=program,
        mentor=ParticipantFactory(
            program=program, name="Robin; Ray", virtual=True, time_zone="Europe/Berlin"
        ),
        mentee=ParticipantFactory(
            program=program, name="Kim", virtual=True, mentee=True, time_zone="America/New_York"
        ),
    )


def queue(match):
    queue_mail(match.program, "match", now=NOON)
    return EmailLog.objects.get()


def entries(message):
    """What a mail program makes of the attachments: (name, type, method, entries)."""
    return [
        (part.get_filename(), part.get_content_type(), part.get_param("method"), [
            {name: str(entry.decoded(name)) if name.startswith("dt") else str(entry[name])
             for name in ("uid", "dtstart", "dtend", "summary", "status", "organizer")}
            for entry in Calendar.from_ical(part.get_content()).walk("VEVENT")
        ])
        for part in message.iter_attachments()
    ]  # fmt: skip


def test_arrives_as_an_entry_that_calendars_can_take(match, moody, settings):
    settings.DEFAULT_FROM_EMAIL = "mentors@conf.example"
    says(match.mentor, 14, 15)
    says(match.mentee, 9)
    mail = queue(match)
    deliver_due(clock=lambda: NOON)
    (message,) = moody.messages
    ((name, kind, method, (entry,)),) = entries(message)
    assert (name, kind, method) == ("meeting.ics", "text/calendar", "PUBLISH")
    assert entry.pop("uid").startswith(f"match-{match.pk}-")
    assert entry == {
        "dtstart": "2083-07-12 13:00:00+00:00",
        "dtend": "2083-07-12 14:00:00+00:00",
        "summary": "Conf 2083 mentorship: Robin; Ray and Kim",
        "status": "TENTATIVE",
        "organizer": "mailto:mentors@conf.example",
    }
    assert PROPOSED in " ".join(mail.text_body.split())
    assert "Propose some times" not in mail.text_body


def test_mail_to_two_who_have_no_hour_in_common_has_a_link_to_propose_times(match, moody):
    says(match.mentor, 14)
    mail = queue(match)
    deliver_due(clock=lambda: NOON)
    assert entries(moody.messages[0]) == []
    both = f"{match.mentor.email}, {match.mentee.email}"
    assert f"Propose some times ({both}) by email" in mail.text_body
    start = f'<a href="mailto:{match.mentor.email},{match.mentee.email}?subject=When%20can'
    assert start in mail.html_body


def test_waiting_mail_is_written_anew_when_hours_change_and_keeps_its_uid(match):
    says(match.mentor, 14, 15)
    says(match.mentee, 9)
    first = queue(match)
    says(match.mentee, 8)
    second = EmailLog.objects.get()
    before, after = (
        Calendar.from_ical(mail.calendar).walk("VEVENT")[0] for mail in (first, second)
    )
    assert before["uid"] == after["uid"]
    assert (before.decoded("dtstart"), after.decoded("dtstart")) == (
        FIRST_HOUR,
        FIRST_HOUR - datetime.timedelta(hours=1),
    )
    says(match.mentee)
    assert EmailLog.objects.get().calendar == ""
    assert "Propose some times" in EmailLog.objects.get().text_body


def test_mentor_of_two_has_both_meetings_and_each_mentee_their_own(match, moody):
    match.program.one_mail_a_mentor = True
    match.program.save()
    match.mentor.capacity = 2
    match.mentor.save()
    other = MatchFactory(
        program=match.program,
        mentor=match.mentor,
        mentee__signup_attendance="virtual",
        mentee__time_zone="America/New_York",
    )
    for person, hours in ((match.mentor, (15, 16)), (match.mentee, (9,)), (other.mentee, (9, 10))):
        says(person, *hours)
    queue_mail(match.program, "match", now=NOON)
    deliver_due(clock=lambda: NOON)
    starts = [
        [entry["dtstart"] for _, _, _, found in entries(message) for entry in found]
        for message in moody.messages
    ]
    nine, ten = "2083-07-12 13:00:00+00:00", "2083-07-12 14:00:00+00:00"
    assert starts == [[nine, ten], [nine], [ten]]


def test_neither_a_city_nor_a_call_service_is_a_room(match):
    match.program.place = "Tacoma"
    match.program.save()
    for person in (match.mentor, match.mentee):
        type(person).objects.filter(pk=person.pk).update(signup_attendance="in_person")
        says(person, 12)
    mail = queue(match)
    (entry,) = Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert ("location" in entry, entry.decoded("dtstart")) == (
        False,
        FIRST_HOUR + datetime.timedelta(hours=6),
    )
