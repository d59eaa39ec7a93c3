"""Lines in the log about signing in: what happened to which account, and no name or address."""

from __future__ import annotations

import logging
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

_logger = logging.getLogger("mentorship.security")


def log_security(what: str, account: Any, *, warns: bool = False) -> None:
    """Log what happened to an account, by its number; None is somebody without one."""
    number = getattr(account, "pk", None)
    _logger.log(
        logging.WARNING if warns else logging.INFO,
        "%s, %s",
        what,
        f"account {number}" if number else "no account",
        extra={"account": number} if number else {},
    )


@receiver(user_logged_in)
def _log_sign_in(sender: Any, user: Any, **kwargs: Any) -> None:
    log_security("signed in with the password", user)


@receiver(user_logged_out)
def _log_sign_out(sender: Any, user: Any, **kwargs: Any) -> None:
    log_security("signed out", user)


@receiver(user_login_failed)
def _log_failure(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    # What was typed is not logged: it may be a password in the wrong place.
    log_security("wrong password", _account(credentials.get("username")), warns=True)


@receiver(user_locked_out)
def _log_lock(sender: Any, username: str = "", **kwargs: Any) -> None:
    log_security("locked out after too many wrong passwords", _account(username), warns=True)


def _account(name: str | None) -> Any:
    if not name or "\0" in name:
        return None
    return get_user_model().objects.filter(username=name).first()
