"""Who are colleagues: they share an employer's email domain, or an affiliation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from matching.domain.exclusions.affiliations import similar
from matching.domain.exclusions.domains import registrable_domain
from mentorship.models import Participant


class Colleagues:
    """Which of the people given look like colleagues, and why."""

    def __init__(self, people: Collection[Participant], free_mail_domains: Sequence[str]) -> None:
        free = {domain.strip().casefold() for domain in free_mail_domains}
        free |= {registrable_domain(f"@{domain}") for domain in free}
        self._domains = {p.pk: registrable_domain(p.email) for p in people}
        self._domains = {pk: d for pk, d in self._domains.items() if d not in free}
        self._affiliations = {p.pk: p.affiliation.strip() for p in people}
        self._similar = similar(self._affiliations.values())

    def why(self, one: Participant, other: Participant) -> str:
        """Return the reason as a phrase (“both @eastport.example”), or "" if there is none."""
        domain = self._domains.get(one.pk, "")
        if domain and domain == self._domains.get(other.pk, ""):
            return f"both @{domain}"
        mine, theirs = self._affiliations[one.pk], self._affiliations[other.pk]
        if theirs not in self._similar.get(mine, ()):
            return ""
        return f"both {mine}" if mine == theirs else f"{mine} ~ {theirs}"

    def pairs(
        self, mentors: Sequence[Participant], mentees: Sequence[Participant]
    ) -> Iterator[tuple[int, int]]:
        """Yield each pair of colleagues as (place in `mentors`, place in `mentees`)."""
        by_domain: dict[str, list[int]] = {}
        by_affiliation: dict[str, list[int]] = {}
        for j, mentee in enumerate(mentees):
            by_domain.setdefault(self._domains.get(mentee.pk, ""), []).append(j)
            by_affiliation.setdefault(self._affiliations[mentee.pk], []).append(j)
        by_domain.pop("", None)
        for i, mentor in enumerate(mentors):
            found = set(by_domain.get(self._domains.get(mentor.pk, ""), ()))
            for affiliation in self._similar.get(self._affiliations[mentor.pk], ()):
                found.update(by_affiliation.get(affiliation, ()))
            for j in sorted(found):
                yield i, j
