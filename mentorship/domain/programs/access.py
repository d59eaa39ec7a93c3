"""Who may do what in a program: the rule that every page, form and job asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.models import Membership, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


def level_of(user: User | AnonymousUser, program: Program | None) -> str:
    """Return what this user is in the program: a Membership.Level, "" for nothing at all.

    A superuser, who hosts the site, may do what a chair may.
    """
    if program is None or not (user.is_authenticated and user.is_active):
        return ""
    if user.is_superuser:
        return Membership.Level.CHAIR
    mine = Membership.objects.filter(program=program, user=user)
    return mine.values_list("level", flat=True).first() or ""


def may_change(user: User | AnonymousUser, program: Program | None) -> bool:
    """Return whether this user works on the program, and does not only read it."""
    return level_of(user, program) in Membership.WORKING


def check_may_change(user: User, program: Program) -> None:
    """Raise ValidationError if this user does not work on the program, or does no more.

    What is done in somebody's name later than they asked for it calls this first.
    """
    if not may_change(user, program):
        raise ValidationError(
            f"Nothing was done: {user} asked for it, and does not work on {program} any more."
        )


def programs_only_chaired_by(user: User) -> list[Program]:
    """Return the programs that nobody would chair if this account ended."""
    chaired = user.memberships.filter(level=Membership.Level.CHAIR).select_related("program")
    return [membership.program for membership in chaired if is_only_chair(membership)]


def is_chair(user: User | AnonymousUser, program: Program | None) -> bool:
    """Return whether this user may change the program's settings and its committee."""
    return level_of(user, program) == Membership.Level.CHAIR


def is_only_chair(membership: Membership) -> bool:
    """Return whether nobody who can sign in would chair the program if this member did not.

    Called inside a transaction: the program's row is locked to its end, so that two chairs cannot
    both leave because each saw the other.
    """
    if membership.level != Membership.Level.CHAIR:
        return False
    chairs = Membership.objects.filter(
        program=membership.program_id, level=Membership.Level.CHAIR, user__is_active=True
    )
    with transaction.atomic():
        Program.objects.locked(membership.program_id)
        return not chairs.exclude(pk=membership.pk).exists()
