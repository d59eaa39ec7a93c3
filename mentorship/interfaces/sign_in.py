"""The committee's sign-in form."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from unfold.forms import AuthenticationForm


def client_address(request: HttpRequest) -> str:
    """Return whose failures are counted together: who is in front of the trusted proxy, if any.

    Behind a proxy everyone has its address, and a stranger could lock out all of a committee.
    What the proxy itself has added is the last one of the header; others anybody can make up.
    """
    if settings.TRUST_PROXY:
        last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        try:
            return str(ip_address(last))
        except ValueError:
            pass
    return str(request.META.get("REMOTE_ADDR", ""))


class SignInForm(AuthenticationForm):
    """Unfold's form, with what it refuses said to a committee instead of to staff."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This username and password don’t match an account on a committee. "
        "Check both, capital letters too.",
    }
