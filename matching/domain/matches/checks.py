"""What is wrong with matches: with one pair, and with all live pairs of a program."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import ngettext

from matching.domain.matches.people import People, read_people
from matching.models import Match
from mentorship.models import Participant, Program, Role

# A person who has read these may still make the pair by hand.
WARNINGS = ("mixed_attendance", "cross_field")
TITLES = {
    "colleagues": "Colleagues",
    "kept_apart": "Do not match",
    "wish_open": "Wish to settle",
    "withdrawn": "Not taking part",
    "role_changed": "Role changed",
    "mentor_over_capacity": "Too many mentees",
    "mixed_attendance": "Mixed attendance",
    "cross_field": "No shared field",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a pair, or with a mentor (`mentee` is None then)."""

    kind: str
    mentor: Participant
    mentee: Participant | None
    detail: str

    @property
    def warning(self) -> bool:
        """Whether this is shown only, and does not count as a problem."""
        return self.kind in WARNINGS

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}"


def check_pair(people: People, mentor: Participant, mentee: Participant) -> list[Finding]:
    """Return what is wrong with this mentor and this mentee as a pair, worst first."""

    def finding(kind: str, detail: str) -> Finding:
        return Finding(kind, mentor, mentee, detail)

    found = []
    for person, role in ((mentor, Role.MENTOR), (mentee, Role.MENTEE)):
        if not person.takes_part:
            why = f" ({person.withdrawn_why})" if person.withdrawn_why else ""
            found.append(finding("withdrawn", f"{person} is no longer taking part{why}"))
        elif person.role != role:
            found.append(
                finding("role_changed", f"{person} is now a {person.role}, not a {role.value}")
            )
    if reason := people.exclusions.why(mentor, mentee):
        found.append(finding(reason.kind, reason.detail))
    elif wish := people.exclusions.open_wish(mentor, mentee):
        found.append(finding("wish_open", wish))
    if mentor.is_virtual != mentee.is_virtual:
        virtual, present = (mentor, mentee) if mentor.is_virtual else (mentee, mentor)
        found.append(
            finding("mixed_attendance", f"{virtual} attends virtually, {present} in person")
        )
    if people.cross_field(mentor, mentee):
        fields = [
            f"{person}: {', '.join(f.name for f in people.fields_of(person)) or 'unknown'}"
            for person in (mentor, mentee)
        ]
        found.append(finding("cross_field", "; ".join(fields)))
    return found


def check_matches(program: Program) -> tuple[list[Finding], list[Match]]:
    """Return what is wrong with a program's live matches, and these matches with their people.

    Both are in the order of names. The number of queries does not grow with the number of people.
    """
    matches = list(program.matches.live())
    people = read_people(program)
    with_people(people, matches)
    matches.sort(key=lambda m: (m.mentor.name.casefold(), m.mentee.name.casefold(), m.pk))
    return find_problems(people, matches), matches


def findings_by_match(people: People, matches: list[Match]) -> dict[int, list[Finding]]:
    """Return what is wrong with each of these live matches, by its key; no entry if nothing is."""
    with_people(people, matches)
    problems = find_problems(people, matches)
    of_mentor: dict[int, list[Match]] = {}
    for match in matches:
        of_mentor.setdefault(match.mentor_id, []).append(match)
    found: dict[int, list[Finding]] = {}
    for finding in problems:
        for match in of_mentor[finding.mentor.pk]:
            if finding.mentee is None or finding.mentee.pk == match.mentee_id:
                found.setdefault(match.pk, []).append(finding)
    return found


def with_people(people: People, matches: list[Match]) -> None:
    """Set the people of these matches to those of `people`."""
    for match in matches:
        match.mentor, match.mentee = people.by_pk[match.mentor_id], people.by_pk[match.mentee_id]


def find_problems(people: People, matches: list[Match]) -> list[Finding]:
    """Return what is wrong with these live matches, in their order; they have their people."""
    found = []
    taken = Counter(match.mentor_id for match in matches)
    for pk, number in taken.items():
        mentor = people.by_pk[pk]
        if number > mentor.capacity:
            mentees = ngettext("%d mentee", "%d mentees", number) % number
            detail = f"{mentees}, but {mentor} takes at most {mentor.capacity}"
            found.append(Finding("mentor_over_capacity", mentor, None, detail))
    for match in matches:
        pair = (match.mentor_id, match.mentee_id)
        if pair not in people.checked:
            people.checked[pair] = check_pair(people, match.mentor, match.mentee)
        found.extend(people.checked[pair])
    return found
