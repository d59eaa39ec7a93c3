"""Where somebody is signed in: their sessions, to look at and to end."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils import timezone

from mentorship.domain.programs.security_log import log_security

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# A session ends after so long even if it is used; without use, after SESSION_COOKIE_AGE.
AT_MOST = datetime.timedelta(days=7)
# So long after the password somebody changes how they sign in without typing it again.
FRESH_FOR = datetime.timedelta(minutes=10)
# What each use would write is written so often.
_NOTED_EVERY = datetime.timedelta(minutes=10)
_SINCE, _WITH = "signed_in_at", "signed_in_with"
_USED, _CONFIRMED = "used_at", "confirmed_at"
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
             ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True)
class SignedIn:
    """One session: since when, with what, and a name that does not open it."""

    name: str
    since: datetime.datetime | None
    browser: str
    until: datetime.datetime
    is_this: bool


@receiver(user_logged_in)
def note_sign_in(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    """Keep with a new session what its owner knows it by."""
    request.session[_SINCE] = timezone.now().isoformat()
    request.session[_WITH] = _called(request.META.get("HTTP_USER_AGENT", ""))


def is_over(session: SessionBase) -> bool:
    """Return whether a session has lasted as long as one may."""
    since = _moment(session, _SINCE)
    return since is None or timezone.now() - since > AT_MOST


def note_use(session: SessionBase) -> None:
    """Have a session end so much later, because somebody uses it."""
    last = _moment(session, _USED) or _moment(session, _SINCE)
    if last is None or timezone.now() - last > _NOTED_EVERY:
        session[_USED] = timezone.now().isoformat()


def is_fresh(session: SessionBase) -> bool:
    """Return whether the password was typed a short while ago."""
    typed = [each for name in (_SINCE, _CONFIRMED) if (each := _moment(session, name))]
    return bool(typed) and timezone.now() - max(typed) <= FRESH_FOR


def confirm(session: SessionBase, user: User) -> None:
    """Note that somebody has typed their password once more; what opened the session ends."""
    session.cycle_key()
    session[_CONFIRMED] = timezone.now().isoformat()
    log_security("typed the password again", user)


def _moment(session: SessionBase | dict[str, Any], name: str) -> datetime.datetime | None:
    kept = session.get(name)
    return datetime.datetime.fromisoformat(kept) if kept else None


def sessions_of(user: User, current: str | None) -> list[SignedIn]:
    """Return where this account is signed in, the newest first; `current` is a session key."""
    found = []
    for session, kept in _of(user):
        found.append(
            SignedIn(
                _name(session),
                _moment(kept, _SINCE),
                str(kept.get(_WITH) or "A browser"),
                session.expire_date,
                session.session_key == current,
            )
        )
    return sorted(found, key=lambda each: each.until, reverse=True)


def end_session(user: User, name: str) -> bool:
    """End the one of this account's sessions that has this name; return whether there was one."""
    keys = [session.pk for session, _ in _of(user) if _name(session) == name]
    return Session.objects.filter(pk__in=keys).delete()[0] > 0


def end_other_sessions(user: User, current: str | None) -> int:
    """End all sessions of this account but the current one, and return how many there were."""
    keys = [session.pk for session, _ in _of(user) if session.pk != current]
    return Session.objects.filter(pk__in=keys).delete()[0]


def _of(user: User) -> Iterator[tuple[Session, dict[str, Any]]]:
    # Participants have none, so these are few.
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        kept = session.get_decoded()
        if kept.get(SESSION_KEY) == str(user.pk):
            yield session, kept


def _name(session: Session) -> str:
    # Whoever has the key itself is signed in.
    return hashlib.sha256(session.session_key.encode()).hexdigest()[:32]


def _called(agent: str) -> str:
    browser = next((called for mark, called in _BROWSERS if mark in agent), "A browser")
    system = next((called for mark, called in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
