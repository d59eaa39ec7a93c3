"""The email domain that an employer registered."""

from __future__ import annotations

from functools import lru_cache

import tldextract

# The public-suffix list that comes with the library: nothing is fetched, nothing is cached on disk.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=50_000)
def registrable_domain(address: str) -> str:
    """Return the domain that an address's employer registered: ox.ac.uk for cs.ox.ac.uk.

    By the Public Suffix List (publicsuffix.org). A name under no public suffix follows the list's
    own default rule: its last label is the suffix. "" for an address without a domain.
    """
    domain = address.rpartition("@")[2].strip(".").casefold()
    if "@" not in address or not domain:
        return ""
    registrable = _extract(domain).top_domain_under_public_suffix
    if registrable:
        return registrable
    labels = domain.split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 else domain
