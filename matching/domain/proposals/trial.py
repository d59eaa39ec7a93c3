"""What other criteria would propose, next to what the saved ones do. Nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.proposals.criteria import Criteria, validate_criteria
from matching.domain.proposals.problem import SolvedProblem, read_inputs, solve
from matching.engine.tiers import values
from mentorship.models import Program


@dataclass(frozen=True)
class Move:
    """A mentee who would have another mentor, by names; None for no mentor.

    Two people with the same name have their email addresses after it.
    """

    mentee: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class PriorityChange:
    """One priority as the matcher counts it (smaller is better), with the saved criteria and these.

    `recounted` is the value that today's pairs have by the new weights and minimum affinity.
    """

    name: str
    before: int
    after: int
    recounted: int


@dataclass(frozen=True)
class Trial:
    """What other criteria would do, against the `pairs` that the saved ones propose.

    `silent` are the parts of affinity that do not count here, `fixed` how many pairs stay anyway.
    """

    moves: list[Move]
    changes: list[PriorityChange]
    pairs: int
    fixed: int
    silent: list[str]


def try_criteria(program: Program, wanted: Criteria) -> Trial:
    """Return how the best matching by other criteria differs from the best by the saved ones.

    Both are solved, unless they were a moment ago. Mentees are in the order of their names,
    priorities in the wanted order. Raise ValidationError if criteria cannot be used.
    """
    validate_criteria(wanted)
    inputs = read_inputs(program)
    now, then = solve(inputs), solve(inputs.by(wanted))
    before, after = _mentors_of(now), _mentors_of(then)
    was = {tier.name: tier.value for tier in now.solution.tiers}
    becomes = {tier.name: tier.value for tier in then.solution.tiers}
    recounted = values(then.problem, now.solution.pairs)
    return Trial(
        moves=[
            Move(mentee, before.get(mentee), after.get(mentee))
            for mentee in sorted(now.named.mentees, key=str.casefold)
            if before.get(mentee) != after.get(mentee)
        ],
        changes=[
            PriorityChange(name, was[name], becomes[name], recounted[name])
            for name in wanted.priorities
        ],
        pairs=len(now.solution.pairs),
        fixed=len(inputs.fixed),
        silent=then.affinity.silent,
    )


def _mentors_of(result: SolvedProblem) -> dict[str, str]:
    mentors, mentees = result.named.mentors, result.named.mentees
    return {mentees[j]: mentors[i] for i, j in result.solution.pairs.tolist()}
