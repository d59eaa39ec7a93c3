"""Signed words that need no table: whose address was confirmed, and when a form was opened."""

from __future__ import annotations

import datetime

from django.core import signing

from mentorship.models import Program, normalise_address

HOURS = 48
_SIGNUP, _OPENED = "mentorship.signup", "mentorship.form"
# A form that is sent sooner was not filled in by a person; one that is older is opened again.
_QUICKEST = datetime.timedelta(seconds=2)
_OLDEST = datetime.timedelta(hours=12)


def signup_token(program: Program, email: str) -> str:
    """Return what confirms that this address is somebody’s own, for HOURS hours."""
    return signing.dumps([program.pk, normalise_address(email)], salt=_SIGNUP)


def read_signup_token(token: str) -> tuple[int, str] | None:
    """Return the program's key and the address of a token; None if it is forged or too old."""
    try:
        program, email = signing.loads(token, salt=_SIGNUP, max_age=HOURS * 3600)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return program, email


def opened_token(now: datetime.datetime) -> str:
    """Return what says, signed, that a form was opened at this moment."""
    return signing.dumps(now.timestamp(), salt=_OPENED)


def was_filled_in(token: str, now: datetime.datetime) -> bool:
    """Return whether a form with this token was open for as long as a person needs."""
    try:
        opened = float(signing.loads(token, salt=_OPENED))
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return _QUICKEST.total_seconds() <= now.timestamp() - opened <= _OLDEST.total_seconds()
