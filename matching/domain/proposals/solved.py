"""A program's matching problem with its best solution, kept in memory while nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.core.exceptions import ValidationError

from matching import engine
from matching.domain.affinity.compared import TABLE_CELLS, affinity_of
from matching.domain.affinity.recent import Recent
from matching.domain.affinity.score import Affinity
from matching.domain.proposals.inputs import Inputs, problem_of
from mentorship.models import Participant

# A page asks several times in a row about the same program; more than a few are never in use.
_recent: Recent[tuple[Affinity, engine.Problem, engine.Solution]] = Recent(4)


@dataclass
class Solved:
    """What went in and the best that came out."""

    inputs: Inputs
    affinity: Affinity
    problem: engine.Problem
    solution: engine.Solution

    @cached_property
    def named(self) -> engine.Problem:
        """The same problem with people under their names, for sentences."""
        return named(self.problem, self.inputs)

    @property
    def mentor_of(self) -> dict[int, Participant]:
        """Give the mentor of each mentee (by key) in the solution."""
        mentors, mentees = self.inputs.mentors, self.inputs.mentees
        return {mentees[j].pk: mentors[i] for i, j in self.solution.pairs.tolist()}


def solved(inputs: Inputs) -> Solved:
    """Solve, or give again what inputs of this fingerprint were solved to.

    Raises ValidationError if the program's priorities or weights cannot be used.
    """
    key = inputs.fingerprint
    known = _recent.get(key)
    if known:
        return Solved(inputs, *known)
    affinity = affinity_of(
        inputs.people.program,
        inputs.mentors,
        inputs.mentees,
        inputs.people.said,
        inputs.criteria.weights,
        inputs.likeness_fingerprint,
    )
    try:
        problem = problem_of(inputs, affinity)
        solution = engine.solve(problem)
    except engine.ProblemError as error:
        raise ValidationError(str(error)) from error
    if len(inputs.mentors) * len(inputs.mentees) <= TABLE_CELLS:
        _recent.keep(key, (affinity, problem, solution))
    return Solved(inputs, affinity, problem, solution)


def named(problem: engine.Problem, inputs: Inputs) -> engine.Problem:
    """Give a problem of these people with names in place of keys, so that sentences name people."""
    return replace(problem, mentors=_names(inputs.mentors), mentees=_names(inputs.mentees))


def _names(people: list[Participant]) -> tuple[str, ...]:
    """Give names, each with the address where two people have the same one."""
    seen: dict[str, int] = {}
    for person in people:
        seen[str(person)] = seen.get(str(person), 0) + 1
    return tuple(
        str(person) if seen[str(person)] == 1 else f"{person} ({person.email})" for person in people
    )
