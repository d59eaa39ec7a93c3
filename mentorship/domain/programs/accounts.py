"""Accounts of the committee: the first chair, invitations, and passwords set by their owners.

Nobody knows or types a password for another: an account starts without one, and a link by email
lets its owner set it.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from mentorship.domain.jobs import hand_over
from mentorship.domain.programs.create import create_program
from mentorship.models import Membership, Program

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)
_LOCK = 7_041_776  # any number that nothing else in this database locks


@dataclass(frozen=True)
class NewChair:
    """Who the first chair is: how they sign in, where they get email, and their password."""

    username: str
    email: str
    password: str


def has_accounts() -> bool:
    """Return whether anybody can sign in here already."""
    return get_user_model().objects.exists()


def first_chair_token() -> str:
    """Return the secret of the page that makes the first chair; worth nothing afterwards."""
    return salted_hmac("first chair", "", algorithm="sha256").hexdigest()[:40]


def first_chair_link() -> str:
    """Return the address of the page that makes the first chair; "" once there is an account."""
    if has_accounts():
        return ""
    return f"{settings.SITE_URL}{reverse('first_chair', args=[first_chair_token()])}"


def is_first_chair_token(token: str) -> bool:
    """Return whether this is the secret, and nobody has an account yet."""
    return constant_time_compare(token, first_chair_token()) and not has_accounts()


def make_first_chair(
    chair: NewChair,
    *,
    name: str,
    slug: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    time_zone: str,
) -> User:
    """Make the first account, which may do everything, and the program that it chairs.

    Raise ValidationError, with nothing saved, if there is an account by now or a value is not
    allowed.
    """
    users = get_user_model().objects
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # There is no row yet that two who come at once could wait for.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if has_accounts():
            raise ValidationError("There is an account already. Sign in with it.")
        program = create_program(
            slug=slug, name=name, starts_on=starts_on, ends_on=ends_on, time_zone=time_zone
        )
        user = users.create_superuser(chair.username, chair.email, chair.password)
        Membership.objects.create(program=program, user=user, level=Membership.Level.CHAIR)
    return user


def account_for(email: str) -> User:
    """Return the account with this email address; a new one, without a password, if none has it.

    Raise ValidationError if several have it.
    """
    users = get_user_model().objects
    found = list(users.filter(email__iexact=email, is_active=True)[:2])
    if len(found) > 1:
        raise ValidationError(f"Several accounts have the address {email}. Type the username.")
    if found:
        return found[0]
    taken = users.filter(username__iexact=email).exists()
    if taken:
        raise ValidationError(f"The account {email} cannot sign in any more. Ask your host.")
    user = users.create_user(email[:150], email, is_staff=True)
    user.set_unusable_password()
    user.save()
    return user


def password_link(user: User) -> str:
    """Return the address at which this account's owner sets a password; good for some days, once.

    It ends with the next password and with the next sign-in.
    """
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("set_password", args=[key, default_token_generator.make_token(user)])
    return f"{settings.SITE_URL}{path}"


def invite(user: User, program: Program | None, by: str) -> None:
    """Email somebody that they are on a committee, with a link to set a password if they have none.

    Raise ValidationError if the email cannot be handed to the mail server.
    """
    where = f"the mentorship committee of {program}" if program else "the mentorship committee"
    if user.has_usable_password():
        how = f"Sign in with your account {user.username}: {settings.SITE_URL}{_first_page()}"
    else:
        how = (
            f"Set your password here: {password_link(user)}\n\n"
            f"The link works for {_days()}. Your username is {user.username}."
        )
    _send(user.email, f"You’re on {where}", f"Hello,\n\n{by} has added you to {where}.\n\n{how}\n")


def email_password_link(user: User) -> None:
    """Email somebody a link to set a new password. Raise ValidationError if that fails."""
    _send(
        user.email,
        "Set a new password",
        "Hello,\n\nsomebody, hopefully you, asked to set a new password for the account "
        f"{user.username}.\n\nSet it here: {password_link(user)}\n\nThe link works for {_days()}. "
        "If you did not ask for it, you need not do anything.\n",
    )


def have_password_link_emailed(user: User) -> None:
    """Have a worker email the link; without a queue, do it now.

    Who asks for it is answered at once and alike, whether there is such an account or not, and
    whether the mail server answers or not.
    """
    if hand_over("mentorship.tasks.email_password_link", user.pk):
        return
    try:
        email_password_link(user)
    except ValidationError:
        logger.warning("A password link could not be sent: the mail server does not take it")


def accounts_with(email: str) -> list[User]:
    """Return the accounts that get a link when this address asks for one."""
    users = get_user_model().objects.filter(email__iexact=email, is_active=True, is_staff=True)
    return list(users.order_by("pk"))


def _first_page() -> str:
    return reverse("admin:index")


def _days() -> str:
    return f"{settings.PASSWORD_RESET_TIMEOUT // 86_400} days"


def _send(address: str, subject: str, text: str) -> None:
    # A trial's emails all go to one address, these too.
    message = EmailMessage(subject, text, None, [settings.MAIL_REDIRECT_TO or address])
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise ValidationError(
            f"The email to {address} could not be sent: {error}. Try again later, or ask the "
            "person who hosts this site."
        ) from error
