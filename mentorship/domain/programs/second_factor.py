"""The second step of signing in: a code from an app, or one of ten recovery codes.

The session says how far somebody is. A sign-in with the password alone opens nothing but the
second step, if the account has an app or the host asks everyone for one.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.utils.crypto import pbkdf2
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from mentorship.domain.programs.security_log import log_security

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CODES = 10
# How often a recovery code is hashed (PBKDF2 with SHA-256). Another number ends all codes.
ROUNDS = 600_000
# As much of that as django-otp keeps of a code.
_KEPT = 16
WRONG = "This code is not right, or it has been used. Wait a moment, then type the next one."
# Where the session keeps it: nothing (the account has no app), or one of these.
_STEP = "second_step"
_DUE, _DONE = "due", "done"


def has_app(user: User) -> bool:
    """Return whether this account signs in with codes from an app."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


@receiver(user_logged_in)
def begin(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    """Have a new session wait for the second step, if there is one."""
    request.session.pop(_STEP, None)
    if has_app(user):
        request.session[_STEP] = _DUE


def is_due(session: SessionBase, user: User) -> bool:
    """Return whether this session waits for a code."""
    if settings.SECOND_FACTOR_REQUIRED and session.get(_STEP) is None and has_app(user):
        session[_STEP] = _DUE  # from before the host asked for it
    return bool(session.get(_STEP) == _DUE)


def is_wanted(session: SessionBase) -> bool:
    """Return whether the host asks for an app, and this session has shown no code."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and session.get(_STEP) is None


def pass_step(session: SessionBase, user: User, code: str) -> None:
    """Take a code and open the session. Raise ValidationError if it is not right.

    After a wrong one the next is taken a second later, then two, then four.
    """
    if not _is_right(user, code):
        raise ValidationError(WRONG)
    session.cycle_key()
    session[_STEP] = _DONE
    log_security("signed in with a code", user)


def new_app(user: User) -> TOTPDevice:
    """Return the app that somebody is setting up: the same one until it is confirmed."""
    device, _ = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "app"}
    )
    return device


def confirm_app(session: SessionBase, user: User, code: str) -> list[str]:
    """Turn the second step on, by a first code from the app, and return the recovery codes.

    Raise ValidationError if the code is not right, or it is on already.
    """
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None or has_app(user):
            raise ValidationError("Two-step sign-in is on already.")
        right = device.verify_token(code)
        if right:
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            codes = _new_codes(user)
    if not right:
        log_security("wrong code", user, warns=True)
        raise ValidationError(WRONG)
    session.cycle_key()
    session[_STEP] = _DONE
    log_security("turned two-step sign-in on", user)
    return codes


def renew_codes(user: User, code: str) -> list[str]:
    """Return new recovery codes, which end the old ones. Raise ValidationError without a code."""
    if not _is_right(user, code):
        raise ValidationError(WRONG)
    log_security("made new recovery codes", user)
    with transaction.atomic():
        return _new_codes(user)


def turn_off(session: SessionBase, user: User, code: str) -> None:
    """Turn the second step off. Raise ValidationError without a code, or if the host wants it."""
    if settings.SECOND_FACTOR_REQUIRED:
        raise ValidationError("This site asks everyone for two-step sign-in.")
    if not _is_right(user, code):
        raise ValidationError(WRONG)
    forget_app(user)
    session.pop(_STEP, None)


def forget_app(user: User) -> None:
    """Delete the app and the recovery codes of an account, as for somebody who lost both."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
    log_security("two-step sign-in is off", user)


def codes_left(user: User) -> int:
    """Return how many recovery codes this account has left."""
    return StaticToken.objects.filter(device__user=user).count()


def _is_right(user: User, code: str) -> bool:
    code = "".join(code.split()).lower()
    devices: Any = TOTPDevice if code.isdecimal() else StaticDevice
    with transaction.atomic():
        # Held, so that of two who send the same code at once only one gets in.
        device = devices.objects.select_for_update().filter(user=user, confirmed=True).first()
        right = device is not None and _verify(device, code)
    if not right:
        log_security("wrong code", user, warns=True)
    return right


def _verify(device: TOTPDevice | StaticDevice, code: str) -> bool:
    if isinstance(device, StaticDevice):
        if not device.verify_is_allowed()[0]:
            return False  # what takes so long is not done for who may not try
        code = hash_code(code, device.name)
    return bool(device.verify_token(code))


def hash_code(code: str, salt: str) -> str:
    """Return what is kept of a recovery code, from which it cannot be found: 96 bits as text."""
    return base64.b64encode(pbkdf2(code, salt, ROUNDS)).decode()[:_KEPT]


def _new_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    # The name is the salt of all ten, so that a code that is tried is hashed once.
    device = StaticDevice.objects.create(user=user, name=secrets.token_urlsafe())
    codes = [StaticToken.random_token() for _ in range(CODES)]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=hash_code(code, device.name)) for code in codes
    )
    return codes
