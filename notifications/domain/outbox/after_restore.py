"""The outbox of a site that was restored from a backup: held until somebody has looked at it.

What was waiting when the backup was made may have been sent since, and what was queued since is
unknown here. So each waiting email becomes uncertain, every schedule is paused, and no email of a
program leaves before a person lets it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from mentorship.models import Program
from notifications.domain.transport.message import message_id
from notifications.models import EmailLog
from notifications.models.states import Actor, named

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WHY = (
    "It was waiting when the backup was made from which this site was restored, and may have been "
    "sent since. Find out whether it arrived, then say so or send it again."
)


def statements(made_at: datetime.datetime, zone: str) -> list[str]:
    """Return the SQL that holds the outboxes of a database restored from a backup of `made_at`.

    It is SQL because it belongs into the transaction that restores the data: a worker must not
    find the data without it. `zone` is what the database wants behind a moment in UTC.
    """
    moment = f"'{made_at.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S.%f}{zone}'"
    steps = named("doubt", Actor.HOST)
    waiting = ", ".join(f"'{step.source.value}'" for step in steps)
    return [
        f"UPDATE notifications_emaillog SET state = '{steps[0].target.value}',"  # noqa: S608
        f" state_reason = '{WHY}', claimed_at = {moment} WHERE state IN ({waiting})",
        "UPDATE notifications_schedule SET is_on = false WHERE is_on",
        f"UPDATE mentorship_program SET restored_to = {moment}",  # noqa: S608
    ]


def name_messages() -> None:
    """Note the Message-ID of each uncertain email, by which it is found in the mailbox."""
    uncertain = EmailLog.objects.filter(state=EmailLog.State.UNCERTAIN, message_id="")
    for email in uncertain.select_related("program"):
        EmailLog.objects.filter(pk=email.pk).update(message_id=message_id(email))


@dataclass(frozen=True)
class HeldOutbox:
    """What a person has to look at before email leaves: emails, and schedules that are off."""

    made_at: datetime.datetime
    uncertain: int
    paused: int


def held_outbox(program: Program) -> HeldOutbox | None:
    """Return what there is to look at; None if the program's email leaves as usual."""
    if program.restored_to is None:
        return None
    return HeldOutbox(
        program.restored_to,
        uncertain=program.emails.filter(state=EmailLog.State.UNCERTAIN).count(),
        paused=program.schedules.filter(is_on=False).count(),
    )


@transaction.atomic
def let_email_leave(program: Program, *, by: User) -> bool:
    """Let a program's email leave again; return False if somebody else has done so already."""
    program = Program.objects.locked(program.pk)
    if program.restored_to is None:
        return False
    program.restored_to = None
    program._history_user = by  # type: ignore[attr-defined]
    program.save(update_fields=["restored_to"])
    return True
