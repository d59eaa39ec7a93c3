"""Where to look a person up: addresses that the committee's own browser opens."""

from __future__ import annotations

from urllib.parse import quote_plus

from mentorship.models import Participant

# The name of a search, and the address that it begins with.
_BY_ALL = {
    "Search the web": "https://duckduckgo.com/?q=",
    "LinkedIn": "https://duckduckgo.com/?q=site%3Alinkedin.com%2Fin+",
    "Papers": "https://scholar.google.com/scholar?q=",
}
_BY_NAME = {
    "GitHub": "https://github.com/search?type=users&q=",
    "ORCID": "https://orcid.org/orcid-search/search?searchQuery=",
}
# The searches that fit everyone; a sheet has a column for each.
SEARCHES = tuple(_BY_ALL)
# A link in a workbook holds 2,079 characters, and one character may become twelve.
_SEARCHED_AT_MOST = 150


def search_links(person: Participant) -> dict[str, str]:
    """Return the addresses at which to look for a person, by the name of the search."""
    everything = _query(f'"{person.name}" {person.affiliation}')
    name = _query(person.name)
    links = {title: f"{address}{everything}" for title, address in _BY_ALL.items()}
    links |= {title: f"{address}{name}" for title, address in _BY_NAME.items()}
    domain = person.email.rpartition("@")[2]
    if domain not in person.program.free_mail_domains:
        links["Employer’s site"] = f"https://{quote_plus(domain)}/"
    return links


def _query(words: str) -> str:
    readable = words.encode("utf-8", "replace").decode()
    return quote_plus(" ".join(readable[:_SEARCHED_AT_MOST].split()))
