"""What other criteria would propose, beside what the saved ones do. Nothing of it is saved."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.proposals.criteria import Criteria, validate_criteria
from matching.domain.proposals.inputs import read_inputs
from matching.domain.proposals.solved import Solved, solved
from matching.engine.tiers import values
from mentorship.models import Program


@dataclass(frozen=True)
class Move:
    """A mentee whose mentor would be another, by names; None where there is none.

    Two people of the same name have their addresses behind it.
    """

    mentee: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    """One priority as the matcher counts it (smaller is better), with the saved criteria and these.

    `recounted` is the value that the pairs of now have by the new weights and floor.
    """

    name: str
    before: int
    after: int
    recounted: int


@dataclass(frozen=True)
class Trial:
    """What other criteria would do, against the `pairs` that the saved ones propose.

    `silent` are the parts of affinity that say nothing here.
    """

    moves: list[Move]
    changes: list[Change]
    pairs: int
    kept: int
    silent: list[str]


def try_criteria(program: Program, wanted: Criteria) -> Trial:
    """Compare the best matching by other criteria with the best by the saved ones.

    Both are solved, unless they were a moment ago. Mentees are in the order of their names,
    priorities in the wanted order. Raises ValidationError if criteria cannot be used.
    """
    validate_criteria(wanted)
    inputs = read_inputs(program)
    now, then = solved(inputs), solved(inputs.by(wanted))
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
            Change(name, was[name], becomes[name], recounted[name]) for name in wanted.priorities
        ],
        pairs=len(now.solution.pairs),
        kept=len(inputs.kept),
        silent=then.affinity.silent,
    )


def _mentors_of(result: Solved) -> dict[str, str]:
    mentors, mentees = result.named.mentors, result.named.mentees
    return {mentees[j]: mentors[i] for i, j in result.solution.pairs.tolist()}
