"""Emails to the committee: tests, to who asked for them, and reminders about people's data."""

from __future__ import annotations

import datetime

from django.contrib.auth import get_user_model

from mentorship.models import Program
from notifications.domain.reasons.candidates import Audience, Candidate
from notifications.models import RETENTION, TEST, EmailLog


def test_email(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Send each test to the account that asked for it, as long as it is on the committee.

    A test is about nobody in the program.
    """
    assert audience.email is not None
    return [
        Candidate(TEST, account, obstacle=_obstacle(program, account, audience.email))
        for account in audience.about
    ]


def retention(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Send each reminder as long as its account chairs the program and its day is the same.

    `which` of such an email begins with the day until which data is kept.
    """
    assert audience.email is not None
    return [
        Candidate(
            RETENTION,
            account,
            which=audience.email.which,
            obstacle=_chair_obstacle(program, account, audience.email),
        )
        for account in audience.about
    ]


def _chair_obstacle(program: Program, account: int, email: EmailLog) -> str:
    user = get_user_model().objects.filter(pk=account).first()
    if user is None or not Program.objects.chaired_by(user).filter(pk=program.pk).exists():
        return "the account does not chair the program any more"
    if email.recipients != [user.email]:
        return "the account has another address now"
    if not email.which.startswith(f"{program.kept_until} "):
        return "people’s data is kept until another day now"
    return ""


def _obstacle(program: Program, account: int, email: EmailLog) -> str:
    user = get_user_model().objects.filter(pk=account).first()
    if user is None or not Program.objects.run_by(user).filter(pk=program.pk).exists():
        return "the account that asked for this test is not on the committee any more"
    if email.recipients != [user.email]:
        return "the account that asked for this test has another address now"
    return ""
