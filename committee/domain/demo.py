"""A conference to try everything on: the sample sign-ups and answers, and two accounts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

import mentorship
from mentorship.domain.files.spreadsheets import read_file
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.responses import import_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.programs.create import create_program
from mentorship.models import Membership, Participant, Program
from mentorship.models.program import free_mail_domains

ACCOUNTS = {"chair": Membership.Level.CHAIR, "member": Membership.Level.MEMBER}
# The year of the samples, and the last day of the conference in it.
YEAR = 2027
LAST_DAY = datetime.date(YEAR, 7, 18)
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
    users, year = get_user_model().objects, _year()
    slug = f"scipy-{year}"
    if taken := users.filter(username__in=ACCOUNTS).values_list("username", flat=True).first():
        raise ValidationError(
            f"There is already an account “{taken}”. Load the demo into an empty database."
        )
    if Program.objects.filter(slug=slug).exists():
        raise ValidationError(
            f"There is already a program “{slug}”. Load the demo into an empty database."
        )
    program = create_program(
        slug=slug,
        is_demo=True,
        name=f"SciPy {year}",
        starts_on=datetime.date(year, 7, 12),
        ends_on=LAST_DAY.replace(year=year),
        time_zone="America/Los_Angeles",
        place="Tacoma",
        survey_opens_on=datetime.date(year, 6, 14),
        survey_closes_on=datetime.date(year, 7, 4),
        announce_on=datetime.date(year, 7, 8),
        contact_by=datetime.date(year, 7, 13),
        committee_name=f"SciPy {year} Activities Committee",
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
        (import_signups, f"signups-{YEAR}-06-12.csv"),
        (import_signups, f"signups-{YEAR}-07-01.csv"),
        (import_responses, f"survey-{YEAR}.csv"),
    ):
        take_over(program, _sample(sample, year))
    return program


def _year() -> int:
    """Return the year of the next conference whose last day is not over, from that of the samples.

    There is little to try on a program that is over.
    """
    today = timezone.now().date()
    return max(YEAR, today.year + (today > LAST_DAY.replace(year=today.year)))


def _sample(name: str, year: int) -> Table:
    """Return a sample as if it had been written in this year."""
    table = read_file(SAMPLES / name)
    rows = [
        replace(row, cells=[cell.replace(str(YEAR), str(year)) for cell in row.cells])
        for row in table.rows
    ]
    return replace(table, rows=rows)


def _password(name: str) -> str:
    """Return an account's password: the same at each start, another on each installation."""
    digest = salted_hmac("demo account", name, algorithm="sha256").hexdigest()
    return "-".join(digest[i : i + 4] for i in range(0, 12, 4))
