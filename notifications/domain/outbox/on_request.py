"""Emails that one person asks for: the personal link, and the confirmation of a sign-up."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from mentorship.models import Participant, Program
from notifications.domain.outbox.queueing import Renderer, Writer, wake_worker
from notifications.domain.reasons import Candidate
from notifications.models import EmailLog, Kind


def queue_link(person: Participant) -> EmailLog:
    """Queue an email with this person's link, due at once, and return it."""
    now = timezone.now()
    candidate = Candidate(Kind.LINK.value, person.pk, (person,), now.isoformat())
    writer = Writer(person.program, now, None, None, Kind.LINK)
    [mail] = writer.write([candidate])
    transaction.on_commit(wake_worker)
    return mail


def queue_signup(program: Program, email: str, token: str) -> EmailLog:
    """Queue an email with the link that goes on with a sign-up, due at once, and return it.

    It is about nobody in the program: until the address is confirmed there is nobody.
    """
    now = timezone.now()
    candidate = Candidate(Kind.SIGNUP.value, program.pk, which=now.isoformat(), token=token)
    rendered = Renderer(program).render(candidate)
    Program.objects.in_use(program.pk)
    mail = EmailLog.objects.create(
        program=program,
        kind=candidate.kind,
        about=candidate.about,
        which=candidate.which,
        recipients=[email],
        subject=rendered.subject,
        text_body=rendered.text,
        html_body=rendered.html,
        written_for=candidate.mark,
        reply_to=program.contact_email,
        not_before=now,
    )
    transaction.on_commit(wake_worker)
    return mail
