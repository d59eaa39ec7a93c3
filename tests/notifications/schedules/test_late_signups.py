"""What the preview of an import says about inviting people who sign up late."""

import pytest

from mentorship.domain.signals import asked_what_follows
from mentorship.models import Import
from notifications.domain.schedules.late_signups import invites_as_they_come
from tests.factories import ProgramFactory
from tests.notifications.schedules.conftest import DATES, SURVEY, invited, local, schedule

pytestmark = pytest.mark.django_db

NOBODY = ""
AT_ONCE = "2 new people will be invited to the survey right away, by its schedule."
BY_HAND = (
    "2 new people will not be invited to the survey automatically, as the others were. Send the "
    "survey again after the import, or turn its schedule on."
)


def later(when):
    return f"2 new people will be invited to the survey on {when}, by its schedule."


@pytest.mark.parametrize(
    ("details", "others_were", "now", "sentence"),
    [
        ({"keeps_on": True}, True, local(6, 20, 10), AT_ONCE),
        ({"keeps_on": True}, True, local(6, 20, 22), later("Mon, Jun 21, 9:00 AM")),
        ({"keeps_on": True}, False, local(6, 1, 10), later("Mon, Jun 14, 9:00 AM")),
        ({"keeps_on": True, "is_on": False}, True, local(6, 20, 10), BY_HAND),
        ({"keeps_on": True, "is_on": False}, False, local(6, 20, 10), NOBODY),
        ({"keeps_on": True, "is_on": False}, True, local(7, 19, 10), NOBODY),
    ],
)
def test_says_when_late_sign_ups_are_invited(details, others_were, now, sentence):
    program = ProgramFactory(**DATES)
    schedule(program, SURVEY, **details)
    if others_were:
        invited(program, "Ann", local(6, 14, 9))
    assert invites_as_they_come(program, 2, now) == sentence


def test_the_preview_asks():
    program = ProgramFactory(**DATES)
    answers = asked_what_follows.send(Import, program=program, joining=1)
    assert [answer for _, answer in answers] == [""]
