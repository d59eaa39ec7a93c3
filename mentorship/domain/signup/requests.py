"""What somebody may ask for without an account: to sign up, or for their own personal link.

Nothing here tells whether an address is known: who asks is answered at the address alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.jobs import hand_over
from mentorship.domain.people.decisions import add_person, renew_link
from mentorship.domain.signals import link_wanted, signup_wanted
from mentorship.domain.signup.limits import may_ask
from mentorship.domain.signup.tokens import signup_token
from mentorship.models import (
    Participant,
    Program,
    ProgramAnonymised,
    Source,
    normalise_address,
)

_EMAILS_AN_ADDRESS = 3


def signup_is_open(program: Program, today: datetime.date | None = None) -> bool:
    """Return whether people can sign up on the program's public page today."""
    today = today or timezone.localdate(timezone=program.zone)
    return bool(program.open_signup and not program.anonymised_at and today <= program.ends_on)


def ask_to_sign_up(program: Program, address: str) -> None:
    """Have a worker email a link to this address, as `email_signup_link` does.

    An address gets three emails from here an hour at most; then nothing happens.
    """
    _have_emailed(email_signup_link, address, program.pk)


def ask_for_links(address: str) -> None:
    """Have a worker email the personal links of everyone with this address.

    An address gets three emails from here an hour at most; then nothing happens.
    """
    _have_emailed(email_links, address)


def _have_emailed(task: Callable[..., None], address: str, *more: int) -> None:
    """Have a worker do this for an address unless it was too often; without a queue, do it now.

    Whether the address is known is looked up only there: by the time that it takes, who waits for
    the page would be told.
    """
    email = normalise_address(address)
    if not may_ask("email", email, _EMAILS_AN_ADDRESS):
        return
    if not hand_over(f"mentorship.tasks.{task.__name__}", email, *more):
        task(email, *more)


def email_signup_link(email: str, program: int) -> None:
    """Email a link to go on signing up, or the personal link of the person with this address.

    Does nothing if sign-up is not open any more.
    """
    into = Program.objects.filter(pk=program).first()
    if into is None or not signup_is_open(into):
        return
    with suppress(ProgramAnonymised), transaction.atomic():
        known = Participant.objects.filter(program=into, email=email).first()
        if known:
            link_wanted.send(Participant, person=known)
        else:
            token = signup_token(into, email)
            signup_wanted.send(Participant, program=into, email=email, token=token)


def email_links(email: str) -> None:
    """Email the personal links of everyone with this address, each in an email of its program.

    Programs whose pages are over are left out.
    """
    people = Participant.objects.filter(email=email, program__anonymised_at=None)
    with suppress(ProgramAnonymised), transaction.atomic():
        for person in people.select_related("program").order_by("pk"):
            program = person.program
            if timezone.localdate(timezone=program.zone) <= program.feedback_until:
                link_wanted.send(Participant, person=person)


def send_link(participant: Participant) -> Participant:
    """Make a new personal link, which ends the old one, email it, and return the saved row."""
    with transaction.atomic():
        person = renew_link(participant)
        link_wanted.send(Participant, person=person)
        return person


def sign_up(program: Program, email: str, *, name: str, role: str, attendance: str) -> Participant:
    """Add the person with this confirmed address, marked as signed up openly, and return the row.

    Somebody who is in the program already is returned as they are. Raise ValidationError if
    sign-up is not open (any more).
    """
    with transaction.atomic():
        program = Program.objects.locked(program.pk)
        if not signup_is_open(program):
            raise ValidationError("Sign-up is not open any more.")
        known = Participant.objects.filter(program=program, email=normalise_address(email)).first()
        if known:
            return known
        person = Participant(
            program=program,
            email=email,
            name=name,
            signup_role=role,
            signup_attendance=attendance,
            signed_up_openly_at=timezone.now(),
            detail_sources={"name": Source.SURVEY.value},
        )
        person.full_clean(exclude=["role", "attendance"])
        add_person(person)
        return person
