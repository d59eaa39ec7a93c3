"""Pages of the committee's lists on which something is only read."""

import datetime

import pytest
from django.urls import reverse

from mentorship.domain.people.decisions import decide_role
from mentorship.models import Participant, Region
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db


def read(client, name, row):
    """Return what a page shows to be read, by label."""
    page = client.get(reverse(f"admin:mentorship_{name}_change", args=[row.pk]))
    lines = [line for fieldset in page.context["adminform"] for row in fieldset for line in row]
    return {line.field["label"]: line.contents() for line in lines if line.is_readonly}


@pytest.mark.slow
def test_dates_are_written_as_the_program_writes_them(client):
    program = ProgramFactory(
        region=Region.EN_GB,
        time_zone="America/Los_Angeles",
        starts_on=datetime.date(2027, 7, 12),
        ends_on=datetime.date(2027, 7, 18),
        survey_opens_on=None,
    )
    person = ParticipantFactory(
        program=program, registered_at=datetime.datetime(2027, 2, 17, 20, 21, tzinfo=datetime.UTC)
    )
    decide_role(person, "mentor")
    Participant.history.update(
        history_date=datetime.datetime(2027, 3, 1, 20, 5, tzinfo=datetime.UTC)
    )
    user = MembershipFactory(program=program, level="member").user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    settings = read(client, "program", program)
    assert [settings[each] for each in ("first day", "last day", "survey goes out")] == [
        "12 July 2027",
        "18 July 2027",
        "-",
    ]
    assert read(client, "participant", person)["registered at"] == "17 February 2027, 12:21"
    history = client.get(reverse("admin:mentorship_participant_history", args=[person.pk]))
    shown = {
        (each.history_date, each.history_change_reason) for each in history.context["page_obj"]
    }
    assert shown == {("1 March 2027, 12:05", "")}
