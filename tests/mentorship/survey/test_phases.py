"""Which page a personal link opens, by the day and by what the person has done."""

import datetime
import html

import pytest
from django.utils import timezone

from mentorship.domain.people.decisions import withdraw
from mentorship.domain.survey.window import Window, window_of
from mentorship.interfaces.personal.phases import Phase, phase_of
from mentorship.models import Source
from tests.factories import ParticipantFactory, ProgramFactory, SurveyResponseFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2083, 7, 1)


def days(number):
    return datetime.timedelta(days=number)


@pytest.fixture
def program():
    return ProgramFactory(survey_closes_on=DAY)


def test_answers_are_in_time_late_or_not_taken(program):
    found = [window_of(program, day) for day in (DAY, DAY + days(1), program.ends_on)]
    assert found == [Window.OPEN, Window.LATE, Window.LATE]
    assert window_of(program, program.ends_on + days(1)) == Window.CLOSED
    program.survey_closes_on = None
    assert window_of(program, program.ends_on) == Window.OPEN


def test_the_form_is_shown_until_it_closes_and_then_what_was_told(client, program):
    ana, ben = ParticipantFactory.create_batch(2, program=program)
    SurveyResponseFactory(participant=ana, role="mentor")
    found = {
        day: [phase_of(person, day) for person in (ana, ben)]
        for day in (DAY, DAY + days(1), program.ends_on, program.ends_on + days(1))
    }
    assert found == {
        DAY: [Phase.FORM, Phase.FORM],
        # Who has not answered is still asked.
        DAY + days(1): [Phase.WAITING, Phase.FORM],
        program.ends_on: [Phase.WAITING, Phase.FORM],
        program.ends_on + days(1): [Phase.OVER, Phase.OVER],
    }


def test_who_is_out_is_told_so_until_the_end(program):
    ana, ben = ParticipantFactory.create_batch(2, program=program)
    for person, source in ((ana, Source.SURVEY), (ben, Source.COMMITTEE)):
        withdraw(person, "Ill", by=source)
        person.refresh_from_db()
        found = [phase_of(person, day) for day in (DAY, DAY + days(1), program.ends_on + days(1))]
        assert found == [Phase.OUT, Phase.OUT, Phase.OVER]


def test_the_waiting_page_says_what_was_told_and_where_to_change_it(client, program):
    today = timezone.localdate(timezone=program.zone)
    program.survey_closes_on = today - days(1)
    program.starts_on = program.ends_on = today + days(5)
    program.save()
    ana = ParticipantFactory(program=program, name="Ana Lima", short_name="Ana")
    SurveyResponseFactory(
        participant=ana, role="mentor", notes="I like compilers", days_there=["2083-07-13"]
    )
    page = html.unescape(client.get(ana.personal_path).content.decode())
    for words in (
        "Thank you, <bdi>Ana</bdi>",
        "What you told us",
        "I like compilers",
        "Tue, Jul 13",
    ):
        assert words in page
    assert "Saved" not in page
    assert ana.answers_path in page
    form = client.get(ana.answers_path)
    assert form.context["form"]["notes"].value() == ""  # the row itself was not changed
