"""Every address that the resolver knows, and what fills the blanks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from django.urls import URLResolver, get_resolver, reverse

# `<int:pk>` of a path, and the groups of a pattern of Django's admin.
_BLANK = re.compile(r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>[^)]*\)|\(\[\^/\]\+\)")


def routes(patterns=None, before: str = "") -> Iterator[str]:
    """Yield each route of the site, from its first part on; Django's own patterns included."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def readable(route: str) -> str:
    """Return a route as a person reads it: /people/<pk>/decide/."""
    names = iter(("object_id", "version"))
    words = _BLANK.sub(lambda m: f"<{m['name'] or m['group'] or next(names)}>", route)
    return "/" + words.replace("^", "").replace("$", "")


def blanks(address: str) -> list[str]:
    """Return what an address takes, as `readable` writes it."""
    return re.findall(r"<(\w+)>", address)


def filled(address: str, values: Mapping[str, object]) -> str:
    """Return an address with its blanks filled; fails for a blank that nobody has thought of."""
    special = next((words for start, words in _MEANT.items() if address.startswith(start)), {})
    known = {**_WORDS, **values, **{name: values[meant] for name, meant in special.items()}}
    return re.sub(r"<(\w+)>", lambda found: str(known[found[1]]), address)


def all_addresses() -> list[str]:
    """Return each address of the site once, in the order of the resolver."""
    return list(dict.fromkeys(readable(route) for route in routes()))


def named(patterns=None, space=(), converters=()) -> Iterator[tuple[str, dict]]:
    """Yield the name of each address that has one, with the names and kinds of what it takes."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        taken = (*converters, *pattern.pattern.converters.items())
        if isinstance(pattern, URLResolver):
            inner = (*space, pattern.namespace) if pattern.namespace else space
            yield from named(pattern.url_patterns, inner, taken)
        elif pattern.name:
            yield ":".join((*space, pattern.name)), dict(taken)


def personal() -> dict[str, dict]:
    """Return the addresses that a participant's link opens, by name, with what they take."""
    return {
        name: taken
        for name, taken in named()
        if "key" in taken
        and reverse(name, kwargs={word: _WORDS.get(word, 1) for word in taken}).startswith("/p/")
    }


# What an address takes besides keys of rows.
_WORDS = {
    "choice": "accept",
    "what": "cannot-reach",
    "page": "matching",
    "app_label": "mentorship",
    "digits": "a1b2c3",
    "url": "nothing-here",
}
# Where a name does not mean what it means elsewhere.
_MEANT = {
    "/committee/decisions/": {"kind": "case", "key": "case_key"},
    "/committee/sources/connect/": {"kind": "source"},
    "/hooks/": {"key": "hook"},
    "/committee/password/": {"key": "account"},
    "/committee/people/imports/": {"pk": "draft"},
    "/committee/help/": {"pk": "concern"},
}
