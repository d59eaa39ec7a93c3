"""The mentors a mentee could have, with what the whole matching would lose by each."""

from __future__ import annotations

from dataclasses import dataclass

from matching import engine
from matching.domain.proposals.problem import SolvedProblem, solve_now
from mentorship.models import Participant, Program

# The search takes eight bytes for each pair; a page should not wait for more than this many.
MOST_PAIRS = 4_000_000


@dataclass(frozen=True)
class MentorChoice:
    """A mentor, and by how much each priority gets worse in the best matching with this pair."""

    mentor: Participant
    loss: dict[str, int]


@dataclass(frozen=True)
class Alternatives:
    """A mentee's mentor in the best matching, the loss by the present one, and the next best.

    `best` is None where the best matching leaves the mentee unmatched; `present` is None where the
    mentee has no mentor now, or where no matching can have that pair.
    """

    best: Participant | None
    present: MentorChoice | None
    others: list[MentorChoice]


def find_alternatives(
    program: Program, mentee: int, present: int | None, count: int | None = 5
) -> Alternatives | None:
    """Return at most `count` alternative mentors for a mentee, those with the least loss first.

    `mentee` and `present` are the keys of the mentee and of the mentor now. Losses are against the
    best matching of all, found for all mentors by one search. If the mentee's own pair is locked or
    announced, it counts as unlocked here; all others stay. None if the matcher does not place this
    mentee, or the program is too large to ask while a page waits. Raise ValidationError if the
    program's priorities or weights cannot be used.
    """
    people = program.participants.taking_part()
    if people.mentors().count() * people.mentees().count() > MOST_PAIRS:
        return None
    result = solve_now(program)
    inputs = result.inputs
    keys = [person.pk for person in inputs.mentees]
    if mentee not in keys:
        return None
    column = keys.index(mentee)
    problem, solution = _unlocked(result, column)
    found = [
        MentorChoice(inputs.mentors[other.mentor], other.loss)
        for other in engine.alternatives(problem, solution, column)
    ]
    made = dict(solution.pairs[:, ::-1].tolist())
    best = inputs.mentors[made[column]] if column in made else None
    if best is not None:
        found.insert(0, MentorChoice(best, dict.fromkeys(problem.priorities, 0)))
    return Alternatives(
        best,
        next((one for one in found if one.mentor.pk == present), None),
        [one for one in found if one.mentor.pk != present][:count],
    )


def _unlocked(result: SolvedProblem, column: int) -> tuple[engine.Problem, engine.Solution]:
    """Return problem and solution without the lock on this mentee, if there is one."""
    problem = result.problem
    locked = [(i, j) for i, j in problem.locked.tolist() if j == column]
    if not locked:
        return problem, result.solution
    problem = engine.unlocked(problem, locked)
    return problem, engine.solve(problem)
