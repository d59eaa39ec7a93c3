"""The data log: who of a committee read, downloaded, changed or removed people's data, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver
from django.utils import timezone
from simple_history.signals import post_create_historical_record

from mentorship.models import DataAccess, Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


def log_access(
    program: Program | int,
    user: User | AnonymousUser | None,
    what: str,
    which: str,
    number: int | None = None,
    *,
    about: int | None = None,
) -> DataAccess:
    """Note in a program's data log what somebody did.

    `what` is a DataAccess.What, `which` names the list or the file, `number` its rows, `about` the
    key of the one person that it was about. No name or address may be in them. `user` is None for
    what the program does by itself.
    """
    return DataAccess.objects.create(
        program_id=program.pk if isinstance(program, Program) else program,
        user_id=user.pk if user else None,
        what=what,
        which=which,
        number=number,
        about=about,
    )


def log_export(
    program: Program, user: Any, which: str, number: int | None = None, *, about: int | None = None
) -> None:
    """Note that somebody downloaded people's data: a list, or what is kept of one person."""
    log_access(program, user, DataAccess.What.EXPORTED, which, number, about=about)


@receiver(post_create_historical_record)
def log_change(
    sender: Any, instance: Any, history_instance: Any, history_user: Any = None, **kwargs: Any
) -> None:
    """Note that a member changed what is kept of a person; what people say themselves is none."""
    if history_user is not None and isinstance(instance, Participant):
        log_access(
            instance.program_id,
            history_user,
            DataAccess.What.CHANGED,
            "a person",
            about=instance.pk,
        )


def log_once_a_day(program: Program, user: Any, which: str) -> None:
    """Note that somebody opened a list of people: once for each list and each of its days."""
    today = program.local(timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    known = {"program": program, "user": user, "what": DataAccess.What.READ, "which": which}
    # Of two pages at once both may note it, which does no harm and costs every other page nothing.
    if not DataAccess.objects.filter(**known, at=today).exists():
        DataAccess.objects.create(**known, at=today)
