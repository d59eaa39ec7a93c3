"""A test email to oneself: how a text looks in one's own mail program."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.models import Program
from notifications.domain.content import samples
from notifications.domain.content.escaping import as_subject
from notifications.domain.content.rendering import render
from notifications.domain.content.templates import check
from notifications.domain.outbox.queueing import wake_worker
from notifications.domain.reasons import Candidate
from notifications.models import TEST, EmailLog

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AT_MOST = 5
WITHIN = datetime.timedelta(minutes=10)
NO_ADDRESS = (
    "Your account has no email address, so a test email has nowhere to go. "
    "Ask the person who manages this site’s accounts to enter it."
)


def queue_test(
    program: Program,
    user: User,
    kind: str,
    *,
    subject: str,
    body: str,
    sample: str = "",
    now: datetime.datetime | None = None,
) -> EmailLog:
    """Queue an email with this text of a kind, filled with sample people, to the user alone.

    It goes the way of every email, but is about nobody in the program, so it counts for nobody.
    Raises ValidationError if the text has a mistake, if the account has no address, or after
    five tests of this user within ten minutes.
    """
    now = now or timezone.now()
    check(kind, subject, body)
    if not user.email:
        raise ValidationError(NO_ADDRESS)
    rendered = render(subject, body, samples.values(program, kind, sample))
    with transaction.atomic():
        Program.objects.locked(program.pk)
        mine = EmailLog.objects.filter(kind=TEST, about=user.pk)
        recent = mine.filter(not_before__gt=now - WITHIN).order_by("not_before")
        if len(sent := recent.values_list("not_before", flat=True)) >= AT_MOST:
            again = program.formats.time(sent[len(sent) - AT_MOST] + WITHIN)
            raise ValidationError(
                f"You have sent yourself {AT_MOST} tests within ten minutes. "
                f"The next one can go at {again}."
            )
        mail = EmailLog.objects.create(
            program=program,
            kind=TEST,
            about=user.pk,
            recipients=[user.email],
            subject=as_subject(f"[Test] {rendered.subject}"),
            text_body=rendered.text,
            html_body=rendered.html,
            written_for=Candidate(TEST, user.pk).mark,
            reply_to=program.contact_email,
            not_before=now,
        )
        transaction.on_commit(wake_worker)
    return mail
