"""Writing a waiting mail anew when what it says of its people is not true any more."""

from __future__ import annotations

import datetime

from notifications.domain.outbox.queueing import Renderer
from notifications.domain.reasons import Subject
from notifications.models import EmailLog


def rewrite_if_outdated(mail: EmailLog, subject: Subject, now: datetime.datetime) -> bool:
    """Write a mail anew for other addresses, links, hours or ways of attending; say whether it was.

    Saves nothing but what is written. The caller holds the row, or does not mind that a worker
    takes it meanwhile: the worker looks again itself. Raises ValidationError if the text of the
    kind cannot be used.
    """
    if mail.written_for == subject.mark:
        return False
    rendered = Renderer(mail.program).render(subject)
    written = {
        "kind": subject.kind,
        "recipients": [person.email for person in subject.people],
        "subject": rendered.subject,
        "text_body": rendered.text,
        "html_body": rendered.html,
        "calendar": subject.calendar(now),
        "written_for": subject.mark,
    }
    for name, value in written.items():
        setattr(mail, name, value)
    waiting = [EmailLog.State.QUEUED, EmailLog.State.HELD]
    if EmailLog.objects.filter(pk=mail.pk, state__in=waiting).update(**written):
        mail.matches.set(subject.group)
    return True
