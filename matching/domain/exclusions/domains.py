"""The email domain that an employer registered."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

from mentorship.domain.text import cached_by_text


@cache
def _suffixes() -> PublicSuffixList:
    """Return the list of public suffixes that comes with the library; nothing is fetched."""
    # Those of registries, not those below which companies let others have names (github.io). In
    # Unicode alone: to encode each of them takes twice as long as to read the list.
    return PublicSuffixList(only_icann=True, accept_encoded_idn=False)


@cached_by_text(50_000)
def registrable_domain(address: str) -> str:
    """Return the domain that an address's employer registered: ox.ac.uk for cs.ox.ac.uk.

    By the Public Suffix List (publicsuffix.org). A name under no public suffix follows the list's
    own default rule: its last label is the suffix. "" for an address without a domain.
    """
    domain = _in_unicode(address.rpartition("@")[2].strip(".").casefold())
    if "@" not in address or not domain:
        return ""
    return _suffixes().privatesuffix(domain) or ".".join(domain.split(".")[-2:])


def _in_unicode(domain: str) -> str:
    """Return a domain as people write it, if it is encoded for machines (xn--…)."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna").casefold()
    except UnicodeError:
        return domain
