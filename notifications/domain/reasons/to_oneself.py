"""Test mails, which go to the member of the committee who asked for them."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from mentorship.models import Program
from notifications.domain.reasons.base import Subject
from notifications.models import TEST, EmailLog


def subject_of_test(key: str) -> Subject:
    """Give the subject of a test mail: it is about nobody in the program."""
    return Subject(TEST, key, ())


def look_at_test(mail: EmailLog) -> tuple[Subject, str]:
    """Give a test mail's subject, and why it must not leave ("" if it may)."""
    user = get_user_model().objects.filter(pk=int(mail.dedupe_key.split(":")[1])).first()
    if user is None or not Program.objects.of(user).filter(pk=mail.program_id).exists():
        why = "whoever asked for this test is not on the committee any more"
    elif mail.recipients != [user.email]:
        why = "whoever asked for this test has another address now"
    else:
        why = ""
    return subject_of_test(mail.dedupe_key), why
