"""The mentors whom a mentee could have, with what the whole matching would lose by each."""

from __future__ import annotations

from dataclasses import dataclass

from matching import engine
from matching.domain.proposals.inputs import Inputs
from matching.domain.proposals.solved import Solved, solved
from mentorship.models import Participant

# The search keeps eight bytes for each pair; a page should not wait for more than this many.
MOST_PAIRS = 4_000_000


@dataclass(frozen=True)
class NextMentor:
    """A mentor, and by how much each priority gets worse in the best matching with this pair."""

    mentor: Participant
    loss: dict[str, int]


@dataclass(frozen=True)
class Choices:
    """A mentee's mentor in the best matching, the loss by the present one, and the next best.

    `best` is None where the best matching leaves the mentee without a mentor; `present` is None
    where the mentee has no mentor now, or one with whom no matching can pair them.
    """

    best: Participant | None
    present: NextMentor | None
    others: list[NextMentor]


def next_mentors(
    inputs: Inputs, mentee: Participant, present: Participant | None, count: int = 5
) -> Choices | None:
    """Give the next best mentors for a mentee, the cheapest first, `count` at most.

    Losses are against the best matching of all, found for all mentors by one search. A pair of the
    mentee that is locked or announced counts as free for this; all others stay. None if the
    mentee is not among those whom the matcher places, or the program is too large to ask while a
    page waits.
    """
    keys = [person.pk for person in inputs.mentees]
    if mentee.pk not in keys or len(inputs.mentors) * len(keys) > MOST_PAIRS:
        return None
    column = keys.index(mentee.pk)
    result = solved(inputs)
    problem, solution = _free(result, column)
    found = [
        NextMentor(inputs.mentors[other.mentor], other.loss)
        for other in engine.alternatives(problem, solution, column)
    ]
    made = dict(solution.pairs[:, ::-1].tolist())
    best = inputs.mentors[made[column]] if column in made else None
    if best is not None:
        found.insert(0, NextMentor(best, dict.fromkeys(problem.priorities, 0)))
    return Choices(
        best,
        next((one for one in found if one.mentor == present), None),
        [one for one in found if one.mentor != present][:count],
    )


def _free(result: Solved, column: int) -> tuple[engine.Problem, engine.Solution]:
    """Give problem and solution without the lock on this mentee, if there is one."""
    problem = result.problem
    locked = [(i, j) for i, j in problem.locked.tolist() if j == column]
    if not locked:
        return problem, result.solution
    problem = engine.unlocked(problem, locked)
    return problem, engine.solve(problem)
