"""Why a proposal is as it is: who is unmatched, what would place them, the trade-offs."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from cachetools import LRUCache

from matching import engine
from matching.domain.proposals.problem import SolvedProblem
from matching.engine.sentences import counted, listed
from mentorship.models import Participant

# Each further mentor is found by solving again; after so many the answer helps nobody.
MOST_MISSING = 10


@dataclass(frozen=True)
class UnmatchedGroup:
    """Mentees who are unmatched in the best matching for the same reason."""

    mentees: list[Participant]
    sentence: str


@dataclass(frozen=True)
class MissingMentors:
    """Which additional mentors would place everyone, and what each of them changes."""

    sentence: str
    extras: list[engine.Extra]


def why_unmatched(result: SolvedProblem) -> list[UnmatchedGroup]:
    """Return why mentees are unmatched, by names.

    Mentees who compete for too few places with the same mentors are in one group.
    """
    found: dict[tuple[str, object], list[engine.Unmatched]] = {}
    for one in engine.explain_unmatched(result.named, result.solution):
        # A mentee who is unmatched for any other reason is a group alone.
        key = one.mentors or one.mentee
        found.setdefault((one.reason, key), []).append(one)
    return [_group(result, group) for group in found.values()]


def _group(result: SolvedProblem, group: list[engine.Unmatched]) -> UnmatchedGroup:
    first = group[0]
    people = [result.inputs.mentees[one.mentee] for one in group]
    if len(group) == 1:
        return UnmatchedGroup(people, first.sentence)
    names = result.named
    everyone = sorted({names.mentees[one] for other in group for one in other.mentees})
    mentors = [names.mentors[one] for one in first.mentors]
    sentence = (
        f"{counted(len(everyone), 'mentee')} ({listed(everyone)}) compete for the "
        f"{counted(first.places, 'place')} with {listed(mentors)}. Unmatched: "
        f"{listed([names.mentees[one.mentee] for one in group])}."
    )
    return UnmatchedGroup(people, sentence)


# The dashboard asks at every visit, and each further mentor takes a solution of its own.
_found: LRUCache[str, list[engine.Extra]] = LRUCache(16)
_found_lock = Lock()  # threads share the cache


def missing_mentors(result: SolvedProblem) -> MissingMentors | None:
    """Return which additional mentors would place everyone; None if nobody is unmatched."""
    left = len(result.problem.mentees) - len(result.solution.pairs)
    if not left:
        return None
    key = result.inputs.fingerprint
    with _found_lock:
        extras = _found.get(key)
    if extras is None:
        extras = engine.missing_mentors(result.named, result.solution, MOST_MISSING)
        with _found_lock:
            _found[key] = extras
    return MissingMentors(engine.summary(extras, left), extras)


def trade_offs(result: SolvedProblem) -> list[engine.PriorityCost]:
    """Return what each priority but the last costs those after it; solves once for each."""
    return engine.cost_of_priorities(result.named, result.solution)
