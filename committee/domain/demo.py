"""A conference to try everything on: the sample sign-ups and answers, and two accounts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac

import mentorship
from mentorship.domain.files.spreadsheets import read_file
from mentorship.domain.imports.responses import import_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.programs.create import create_program
from mentorship.models import Membership, Participant, Program
from mentorship.models.program import free_mail_domains

ACCOUNTS = {"chair": Membership.Level.CHAIR, "member": Membership.Level.MEMBER}
SLUG = "scipy-2027"
SAMPLES = Path(mentorship.__file__).parent / "demo"


@dataclass(frozen=True)
class Demo:
    """What was loaded: `passwords` by username (None once changed), and a person to try as.

    That person has not answered if there is one; None if no invented person is left.
    """

    program: Program
    passwords: dict[str, str | None]
    participant: Participant | None


def load_demo() -> Demo:
    """Load the demo unless it is there, and return it; a second call changes nothing.

    No email is sent. Raises ValidationError, with nothing saved, if an account or a program has a
    name that the demo needs.
    """
    with transaction.atomic():
        program = Program.objects.filter(is_demo=True).first() or _load()
    users = get_user_model().objects.in_bulk(list(ACCOUNTS), field_name="username")
    passwords = {name: _password(name) for name in ACCOUNTS}
    # Whoever else was added to the demo may be a real person, whose link is nobody's business.
    people = Participant.objects.filter(program=program, email__endswith=".example").order_by("pk")
    return Demo(
        program=program,
        passwords={
            name: password if name in users and users[name].check_password(password) else None
            for name, password in passwords.items()
        },
        participant=people.not_answered().first() or people.first(),
    )


def _load() -> Program:
    users = get_user_model().objects
    if taken := users.filter(username__in=ACCOUNTS).values_list("username", flat=True).first():
        raise ValidationError(
            f"There is already an account “{taken}”. Load the demo into an empty database."
        )
    if Program.objects.filter(slug=SLUG).exists():
        raise ValidationError(
            f"There is already a program “{SLUG}”. Load the demo into an empty database."
        )
    program = create_program(
        slug=SLUG,
        is_demo=True,
        name="SciPy 2027",
        starts_on=datetime.date(2027, 7, 12),
        ends_on=datetime.date(2027, 7, 18),
        time_zone="America/Los_Angeles",
        place="Tacoma",
        survey_opens_on=datetime.date(2027, 6, 14),
        survey_closes_on=datetime.date(2027, 7, 4),
        announce_on=datetime.date(2027, 7, 8),
        contact_by=datetime.date(2027, 7, 13),
        committee_name="SciPy 2027 Activities Committee",
        contact_email="mentors@scipy.example",
        # Some of the invented people have their mailbox at a provider, as real ones do.
        free_mail_domains=[*free_mail_domains(), "freemail.example"],
    )
    for name, level in ACCOUNTS.items():
        user = users.create_user(
            name, email=f"{name}@scipy.example", password=_password(name), is_staff=True
        )
        Membership(program=program, user=user, level=level).save()
    for take_over, sample in (
        (import_signups, "signups-2027-06-12.csv"),
        (import_signups, "signups-2027-07-01.csv"),
        (import_responses, "survey-2027.csv"),
    ):
        take_over(program, read_file(SAMPLES / sample))
    return program


def _password(name: str) -> str:
    """Return an account's password: the same at each start, another on each installation."""
    digest = salted_hmac("demo account", name, algorithm="sha256").hexdigest()
    return "-".join(digest[i : i + 4] for i in range(0, 12, 4))
