"""Test emails, which go to the member of the committee who asked for them."""

from __future__ import annotations

import datetime

from django.contrib.auth import get_user_model

from mentorship.models import Program
from notifications.domain.reasons.candidates import Audience, Candidate
from notifications.models import TEST, EmailLog


def test_email(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Send each test to the account that asked for it, as long as it is on the committee.

    A test is about nobody in the program.
    """
    assert audience.email is not None
    return [
        Candidate(TEST, account, obstacle=_obstacle(program, account, audience.email))
        for account in audience.about
    ]


def _obstacle(program: Program, account: int, email: EmailLog) -> str:
    user = get_user_model().objects.filter(pk=account).first()
    if user is None or not Program.objects.of(user).filter(pk=program.pk).exists():
        return "the account that asked for this test is not on the committee any more"
    if email.recipients != [user.email]:
        return "the account that asked for this test has another address now"
    return ""
