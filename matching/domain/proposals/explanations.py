"""Why a proposal is as it is: who is left, what would place them, what each priority costs."""

from __future__ import annotations

from dataclasses import dataclass

from matching import engine
from matching.domain.proposals.solved import Solved
from matching.engine.sentences import counted, listed
from mentorship.models import Participant

# Each further mentor is found by solving again; after so many the answer no longer helps anyone.
MOST_MISSING = 10


@dataclass(frozen=True)
class Left:
    """Mentees whom the best matching leaves for one and the same reason."""

    mentees: list[Participant]
    sentence: str


@dataclass(frozen=True)
class Missing:
    """Which more mentors would place everyone, and what each of them buys."""

    sentence: str
    extras: list[engine.Extra]


def why_left(result: Solved) -> list[Left]:
    """Say why mentees are left without a mentor, by names.

    Mentees who compete for the places of the same mentors, which are fewer, are told of together.
    """
    found: dict[tuple[str, object], list[engine.Unmatched]] = {}
    for one in engine.explain_unmatched(result.named, result.solution):
        # Whoever has no place for any other reason than these mentors is told of alone.
        key = one.mentors or one.mentee
        found.setdefault((one.reason, key), []).append(one)
    return [_left(result, group) for group in found.values()]


def _left(result: Solved, group: list[engine.Unmatched]) -> Left:
    first = group[0]
    people = [result.inputs.mentees[one.mentee] for one in group]
    if len(group) == 1:
        return Left(people, first.sentence)
    names = result.named
    everyone = sorted({names.mentees[one] for other in group for one in other.mentees})
    mentors = [names.mentors[one] for one in first.mentors]
    sentence = (
        f"{counted(len(everyone), 'mentee')} ({listed(everyone)}) compete for the "
        f"{counted(first.places, 'place')} of {listed(mentors)}. Without one: "
        f"{listed([names.mentees[one.mentee] for one in group])}."
    )
    return Left(people, sentence)


def missing_mentors(result: Solved) -> Missing | None:
    """Say which more mentors would place everyone; None where nobody is left."""
    left = len(result.problem.mentees) - len(result.solution.pairs)
    if not left:
        return None
    extras = engine.missing_mentors(result.named, result.solution, MOST_MISSING)
    return Missing(engine.summary(extras, left), extras)


def priority_costs(result: Solved) -> list[engine.PriorityCost]:
    """Say of each priority but the last what it costs those after it; solves once for each."""
    return engine.cost_of_priorities(result.named, result.solution)
