"""Writing a waiting mail anew when what it says of its people is not true any more."""

from __future__ import annotations

from notifications.domain.occasions import Subject, is_outdated
from notifications.domain.queueing import Renderer
from notifications.models import EmailLog


def rewrite_if_outdated(mail: EmailLog, subject: Subject) -> bool:
    """Write a mail anew for another address, link or way of attending; say whether it was.

    Saves nothing but what is written. The caller holds the row, or does not mind that a worker
    takes it meanwhile: the worker looks again itself. Raises ValidationError if the text of the
    kind cannot be used.
    """
    if not is_outdated(mail, subject):
        return False
    rendered = Renderer(mail.program).render(subject)
    written = {
        "kind": subject.kind,
        "recipients": [person.email for person in subject.people],
        "subject": rendered.subject,
        "text_body": rendered.text,
        "html_body": rendered.html,
    }
    for name, value in written.items():
        setattr(mail, name, value)
    waiting = [EmailLog.State.QUEUED, EmailLog.State.HELD]
    EmailLog.objects.filter(pk=mail.pk, state__in=waiting).update(**written)
    return True
