"""Which machines a source may be read from: those that everyone can reach, by https.

An address is whatever a chair types, so it must not lead into the network that this site runs in.
The name is resolved once, what it resolves to is checked, and the connection goes to that very
machine: a name server that gives another answer the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.conf import settings

from mentorship.domain.sources.web.trouble import SourceTrouble

_PORTS = {"https": 443, "http": 80}
# What stands in a path as it is; anything else is written as %XX.
_IN_PATHS = "/%:=&?~+!$,;'@()*[]"
# Addresses of version 4 inside version 6, as gateways translate them (RFC 6052).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """Where a request goes: `machines` are the checked addresses of the host, in their order."""

    scheme: str
    host: str
    port: int
    path: str
    machines: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """Return where a request for this address goes. Raise SourceTrouble if it may not go there."""
    scheme, host, port, path = _parts(url)
    allowed = _is_allowed(host, port)
    if scheme != "https" and not allowed:
        raise SourceTrouble(
            f"The address of {host} does not start with https://, and the list has people’s "
            "names in it. Use an https address.",
            lasts=True,
        )
    machines = _resolve(host, port)
    if not allowed and any(is_inside(machine) for machine in machines):
        raise SourceTrouble(
            f"{host} is inside a private network, where this site reads nothing. Use an address "
            "that everyone can reach, or ask the person who hosts the site to allow it.",
            lasts=True,
        )
    return Target(scheme, host, port, path, machines)


def check_url(url: str) -> None:
    """Raise SourceTrouble if an address can be seen to be none to read from; nothing is asked."""
    scheme, host, port, _ = _parts(url)
    if scheme != "https" and not _is_allowed(host, port):
        raise SourceTrouble("The address has to start with https://.", lasts=True)


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except (ValueError, UnicodeError):
        host, port = "", 0
    if not host or not port or any(sign <= " " or sign == "\x7f" for sign in url):
        raise SourceTrouble("This is not the address of a web page or a file.", lasts=True)
    if parts.username or parts.password:
        raise SourceTrouble("Leave user name and password out of the address.", lasts=True)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port, quote(path, safe=_IN_PATHS)


def is_inside(machine: str) -> bool:
    """Return whether this IP address is not one that everyone on the internet can reach."""
    address = ipaddress.ip_address(machine.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_inside(str(inner))
        # To Python, the old private addresses and those that translate version 4 are global.
        if address.teredo or address.is_site_local or address.is_reserved:
            return True
    return not address.is_global or address.is_multicast


def _is_allowed(host: str, port: int) -> bool:
    """Return whether the host of this site allows what this name leads to, wherever that is."""
    return bool({host, f"{host}:{port}"} & {each.casefold() for each in settings.SOURCE_HOSTS})


def _resolve(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SourceTrouble(
            f"There is no {host} on the internet. Check the address for slips."
        ) from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
