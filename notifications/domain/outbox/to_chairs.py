"""The emails that remind chairs of the day until which people's data is kept."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mentorship.models import Membership, Program
from notifications.domain.content.escaping import Link, Trusted, as_subject
from notifications.domain.content.rendering import render
from notifications.domain.outbox.queueing import wake_worker
from notifications.domain.reasons import Candidate
from notifications.models import RETENTION, EmailLog

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_SUBJECT = "{{ program.name }}: {{ about.what }}"
_BODY = """\
Hi,

{{ about.sentence }}

{{ about.then }}

[Anonymize {{ program.name }}]({{ about.link }})

First download what you still need, and copy the program for next year, so that it knows this \
year's pairs. If the day is wrong, change it in the program's settings.

You get this email because you chair {{ program.name }}.
"""


def remind_chairs(
    program: Program, which: str, now: datetime.datetime, *, what: str, sentence: str, then: str
) -> int:
    """Queue an email to each chair with an address, unless there is one; return how many.

    `which` tells one reminder from another: the day until which data is kept, a space, a word.
    `what` ends the subject; `sentence` says how things are, `then` what will happen.
    """
    link = f"{settings.SITE_URL}{reverse('anonymise_program', args=[program.slug])}"
    about = {
        "what": Trusted(what),
        "sentence": Trusted(sentence),
        "then": Trusted(then),
        "link": Link(link),
    }
    rendered = render(_SUBJECT, _BODY, {"program": {"name": Trusted(program.name)}, "about": about})
    queued = 0
    with transaction.atomic():
        Program.objects.locked(program.pk)
        for user in chairs_of(program):
            # A chair of several programs has an email of each.
            this = f"{which} {program.pk}"
            if EmailLog.objects.like(RETENTION, [user.pk]).filter(which=this).exists():
                continue
            EmailLog.objects.create(
                program=program,
                kind=RETENTION,
                about=user.pk,
                which=this,
                recipients=[user.email],
                subject=as_subject(rendered.subject),
                text_body=rendered.text,
                html_body=rendered.html,
                written_for=Candidate(RETENTION, user.pk).mark,
                reply_to=program.contact_email,
                not_before=now,
            )
            queued += 1
        if queued:
            transaction.on_commit(wake_worker)
    return queued


def reminded_at(program: Program, which: str) -> datetime.datetime | None:
    """Return when the first chair was sent this reminder; None if nobody was."""
    emails = EmailLog.objects.told().filter(kind=RETENTION, which=f"{which} {program.pk}")
    sent = emails.filter(state=EmailLog.State.SENT).order_by("sent_at")
    return sent.values_list("sent_at", flat=True).first()


def chairs_of(program: Program) -> list[User]:
    """Return the chairs who can be emailed."""
    chairs = Membership.objects.filter(program=program, level=Membership.Level.CHAIR)
    chairs = chairs.filter(user__is_active=True).exclude(user__email="").select_related("user")
    return [chair.user for chair in chairs.order_by("user")]
