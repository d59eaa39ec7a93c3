"""A pair's card: both people in their own words, and the reasons for and against the pair."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matching.domain.affinity.meaning import met_in_meaning
from matching.domain.affinity.score import shares
from matching.domain.matches.asked import Asked, asked_about
from matching.domain.matches.bins import bins_for
from matching.domain.matches.checks import Finding, check_pair
from matching.domain.matches.people import People
from matching.interfaces.board.because import because
from matching.models import Match
from mentorship.models import Field, OtherRole, Participant

PART_NAMES = {
    "interests": "Interests and notes",
    "meaning": "Same meaning",
    "hopes": "Hopes and offers",
    "sector": "Sector",
    "seniority": "Seniority",
    "hours": "Shared hours",
    "questions": "Your questions",
    "wish": "Wish to meet",
}


@dataclass(frozen=True)
class Bar:
    """One part of an affinity: its points, and the most that the part can give.

    `phrases` are the two that met, the mentor's first, where the part compares phrases.
    """

    name: str
    points: int
    most: int
    phrases: tuple[str, str] | None = None


@dataclass(frozen=True)
class PersonCard:
    person: Participant
    role: str
    fields: str
    wants_to_meet: str
    would_not_meet: str = ""
    not_met_by: str = ""

    @property
    def facts(self) -> list[str]:
        """What is known about this person, in a few words each."""
        person = self.person
        stage = person.get_career_stage_display() if person.career_stage else ""
        sector = person.sector.name if person.sector else ""
        facts = (person.attendance_words, stage, sector, person.affiliation, self.flexibility)
        return [fact for fact in facts if fact]

    @property
    def flexibility(self) -> str:
        """Whether this person could take the other role, or has been given it; "" if neither."""
        person = self.person
        if not person.other_role:
            return ""
        if person.decided_role and person.decided_role != (
            person.survey_role or person.signup_role
        ):
            return f"helps as a {person.role}, as they offered"
        either = person.other_role == OtherRole.EITHER
        return "either role is fine" if either else "could take the other role if you’re short"

    @property
    def words(self) -> list[tuple[str, str]]:
        """What this person wrote, each text with its heading."""
        person = self.person
        texts = (
            ("Would like to talk about", person.topics_wanted),
            ("Offers to talk about", person.topics_offered),
            ("Notes", person.notes),
            ("Would like to meet", self.wants_to_meet),
            ("Would rather not be matched with", self.would_not_meet),
            ("Would rather not be matched with this person", self.not_met_by),
        )
        return [(heading, text) for heading, text in texts if text.strip()]


@dataclass(frozen=True)
class PairCard:
    mentor: PersonCard
    mentee: PersonCard
    affinity: int | None
    bars: list[Bar]
    findings: list[Finding]
    bins: list[Field]
    because: str
    asked: Asked | None = None


def for_readers(card: PairCard) -> PairCard:
    """Return a card without what only those see who match people: wishes and warnings."""
    mentor, mentee = (
        replace(one, would_not_meet="", not_met_by="") for one in (card.mentor, card.mentee)
    )
    return replace(card, mentor=mentor, mentee=mentee, findings=[])


def person_card(people: People, person: Participant, role: str) -> PersonCard:
    """Return the card of one person; `role` is “mentor” or “mentee”."""
    fields = ", ".join(field.name for field in people.fields_of(person)) or "not given"
    exclusions = people.exclusions
    would_not = exclusions.would_not_meet.get(person.pk, "")
    if person.pk in exclusions.open_wishes:
        would_not += "\nThis wish needs a decision."
    return PersonCard(
        person,
        role,
        fields,
        exclusions.wants_to_meet.get(person.pk, ""),
        would_not,
        ", ".join(sorted(exclusions.not_met_by.get(person.pk, []))),
    )


def pair_card(people: People, match: Match) -> PairCard:
    """Return the card of a match whose people are among `people`."""
    mentor, mentee = people.by_pk[match.mentor_id], people.by_pk[match.mentee_id]
    parts: dict[str, int] = match.affinity_parts or {}
    most = shares(people.program.affinity_weights, list(parts))
    return PairCard(
        person_card(people, mentor, "mentor"),
        person_card(people, mentee, "mentee"),
        match.affinity,
        # The weights may have changed since these points were given.
        [
            Bar(
                words,
                parts[name],
                max(most[name], parts[name], 1),
                met_in_meaning(mentor, mentee) if name == "meaning" else None,
            )
            for name, words in PART_NAMES.items()
            if name in parts
        ],
        check_pair(people, mentor, mentee) if match.is_live else [],
        bins_for(people, mentor, mentee) if match.is_live else [],
        because(people, mentor, mentee, parts),
        asked_about(people.program, [match]).get(match.pk),
    )
