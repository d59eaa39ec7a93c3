"""The committee's sign-in form."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

# How much of an IPv6 address a provider gives to a customer, in bits.
_A_VISITOR = 64


def client_address(request: HttpRequest) -> str:
    """Return whose failures are counted together: who is in front of the trusted proxy, if any.

    Behind a proxy everyone has its address, and a stranger could lock out all of a committee.
    What the proxy itself has added is the last one of the header; others anybody can make up.
    """
    if settings.TRUST_PROXY:
        last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        with suppress(ValueError):
            return _visitor(last)
    with suppress(ValueError):
        return _visitor(request.META.get("REMOTE_ADDR", ""))
    return ""


def _visitor(address: str) -> str:
    """Return an address, of IPv6 the network: a single visitor has all that are in it.

    Raise ValueError if this is no address.
    """
    said = ip_address(address)
    if isinstance(said, IPv6Address):
        if said.ipv4_mapped is None:
            return str(IPv6Network((int(said), _A_VISITOR), strict=False).network_address)
        said = said.ipv4_mapped
    return str(said)


class SignInForm(AuthenticationForm):
    """Unfold's form, with what it refuses said to a committee instead of to staff."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This username and password don’t match an account on a committee. "
        "Check both, capital letters too.",
    }
