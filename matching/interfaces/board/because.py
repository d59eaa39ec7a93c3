"""“Matched because …”: what speaks for a pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from matching.domain.affinity.meaning import met_in_meaning
from matching.domain.affinity.score import shares
from matching.domain.matches.people import People
from matching.engine.sentences import listed
from mentorship.models import Participant

# A part of the affinity is worth a word from half of what it can give.
_STRONG = 0.5
_WORDS = {
    "interests": "what they wrote about themselves has much in common",
    "meaning": "what they wrote is close in meaning",
    "hopes": "{mentor} offers what {mentee} hopes for",
    "sector": "they work in the same sector",
    "seniority": "{mentor} is further along in their career",
    "hours": "they share hours for a call",
    "questions": "they answered your questions alike",
    "wish": "one of them would like to meet the other",
}


def because(
    people: People, mentor: Participant, mentee: Participant, parts: Mapping[str, int]
) -> str:
    """Return what speaks for this pair as one sentence; “” if nothing does.

    `parts` are the points of its affinity, by part.
    """
    reasons = []
    if shared := people.shared_fields(mentor, mentee):
        named = [str(field) for field in shared if not field.is_other]
        if named:
            reasons.append(f"both are in {listed(named, 3)}")
    if mentor.attendance and mentor.is_virtual == mentee.is_virtual:
        reasons.append(f"both attend {'virtually' if mentor.is_virtual else 'in person'}")
    most = shares(people.program.affinity_weights, list(parts))
    strong = [
        name
        for name, points in sorted(parts.items(), key=lambda item: -item[1])
        if name in _WORDS and points and points >= _STRONG * most.get(name, 0)
    ]
    reasons += [_in_words(name, mentor, mentee) for name in strong]
    return f"Matched because {listed(reasons)}." if reasons else ""


def _in_words(part: str, mentor: Participant, mentee: Participant) -> str:
    met = met_in_meaning(mentor, mentee) if part == "meaning" else None
    if met:
        return "“{}” and “{}” are close in meaning".format(*met)
    return _WORDS[part].format(mentor=mentor, mentee=mentee)
