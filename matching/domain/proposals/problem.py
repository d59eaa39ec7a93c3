"""A program's matching problem: what is read for it, as the matcher wants it, and its solution.

A solved problem is kept in memory while nothing changes that decides about its solution.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache
from django.core.exceptions import ValidationError

from matching import engine
from matching.domain.affinity.score import TABLE_CELLS, Affinity, cached_affinity, fingerprint
from matching.domain.affinity.text_similarity import Ints
from matching.domain.matches.kept import kept, stamp_of
from matching.domain.matches.people import People, read_people
from matching.domain.proposals.criteria import Criteria, criteria_of
from matching.domain.proposals.watch import UNWATCHED, Watch
from matching.models import Match
from mentorship.models import Participant, Program

BLOCK_CELLS = 1 << 20


@dataclass
class Inputs:
    """What a proposal depends on. Two with the same fingerprint have the same result."""

    people: People
    criteria: Criteria
    live: list[Match]
    mentors: list[Participant]
    mentees: list[Participant]
    capacities: list[int]
    fixed: dict[tuple[int, int], Match]  # by places in `mentors` and `mentees`
    excluded: list[tuple[int, int]]  # places in `mentors` and `mentees`
    affinity_fingerprint: str
    fingerprint: str = ""

    def __post_init__(self) -> None:
        self.fingerprint = _fingerprint(self)

    def by(self, criteria: Criteria) -> Inputs:
        """Return the same with other criteria."""
        return replace(self, criteria=criteria)


def read_inputs(program: Program, together: tuple[int, int] | None = None) -> Inputs:
    """Read what the matcher needs.

    `together` is a pair (keys of mentor and mentee) that is kept as if it were locked already.
    Raise ValidationError if these two cannot be a pair.
    """
    people = read_people(program)
    live = list(Match.objects.live().filter(program=program).order_by("pk"))
    fixed = [match for match in live if match.is_fixed]
    if together:
        fixed = [*fixed, _wanted(people, fixed, *together)]
    row = {mentor.pk: i for i, mentor in enumerate(people.mentors)}
    column = {mentee.pk: j for j, mentee in enumerate(people.mentees)}
    # The matcher is not told of a fixed pair that breaks the rules by now: it only takes its place.
    outside = [m for m in fixed if m.mentor_id not in row or m.mentee_id not in column]
    gone = {m.mentee_id for m in outside}
    lost = Counter(m.mentor_id for m in outside)
    mentees = [mentee for mentee in people.mentees if mentee.pk not in gone]
    column = {mentee.pk: j for j, mentee in enumerate(mentees)}
    inside = {(row[m.mentor_id], column[m.mentee_id]): m for m in fixed if m not in outside}
    taken = Counter(i for i, _ in inside)
    capacities = [
        # A capacity that was lowered later does not end a fixed pair.
        max(mentor.capacity - lost[mentor.pk], taken[i])
        for i, mentor in enumerate(people.mentors)
    ]
    excluded = people.exclusions.pairs(people.mentors, mentees)
    return Inputs(
        people=people,
        criteria=criteria_of(program),
        live=live,
        mentors=people.mentors,
        mentees=mentees,
        capacities=capacities,
        fixed=inside,
        excluded=[pair for pair in excluded if pair not in inside],
        affinity_fingerprint=fingerprint(program, people.mentors, mentees, people.answers),
    )


def state_of(program: Program) -> Hashable:
    """Return what changes with each row that `read_inputs` reads; much quicker than reading them.

    To learn later whether anything has changed, ask for it before you read.
    """
    columns = [column.attname for column in Match._meta.concrete_fields]
    live = program.matches.live().order_by("pk").values_list(*columns)
    return stamp_of(program), tuple(map(repr, live))


def _wanted(people: People, fixed: list[Match], mentor_pk: int, mentee_pk: int) -> Match:
    """Return a locked pair, unsaved, of two people; raise ValidationError if it cannot be."""
    mentor, mentee = people.by_pk.get(mentor_pk), people.by_pk.get(mentee_pk)
    if mentor not in people.mentors or mentee not in people.mentees or not mentor or not mentee:
        raise ValidationError("Choose a mentor and a mentee who are taking part.")
    if any(match.mentee_id == mentee_pk for match in fixed):
        raise ValidationError(
            f"{mentee}’s pair is locked or announced. Unlock or dissolve it on the board first."
        )
    if sum(match.mentor_id == mentor_pk for match in fixed) >= mentor.capacity:
        raise ValidationError(f"All places of {mentor} are locked or announced.")
    if exclusion := people.exclusions.why(mentor, mentee):
        raise ValidationError(f"Do not match {mentor} and {mentee}: {exclusion.detail}.")
    return Match(program=people.program, mentor=mentor, mentee=mentee, locked=True)


def _fingerprint(inputs: Inputs) -> str:
    """Return the SHA-256 (in hex) of everything that decides about the result."""
    persons = [*inputs.mentors, *inputs.mentees]
    everything = [
        inputs.criteria.digest, inputs.affinity_fingerprint,
        [[f.pk, f.name, f.is_other] for f in inputs.people.fields],
        [[f.pk for f in p.fields.all()] for p in persons], inputs.capacities, inputs.excluded,
        sorted(
            [i, j, m.status, m.locked, m.bin_id or 0] for (i, j), m in inputs.fixed.items()
        ),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def problem_of(inputs: Inputs, affinity: Affinity) -> engine.Problem:
    """Return the inputs as the matcher wants them, people under their keys."""
    return problem_with(inputs, _blocks(affinity, len(inputs.mentors), len(inputs.mentees)))


def problem_with(inputs: Inputs, affinity: engine.AffinityBlocks) -> engine.Problem:
    """Return the same with this affinity of the inputs' mentors and mentees."""
    people = inputs.people
    column = {f.pk: k for k, f in enumerate(people.fields)}

    def fields_table(persons: list[Participant]) -> npt.NDArray[np.bool_]:
        table = np.zeros((len(persons), len(column)), dtype=bool)
        for i, person in enumerate(persons):
            table[i, [column[f.pk] for f in person.fields.all()]] = True
        return table

    announced = [p for p, m in inputs.fixed.items() if m.status == Match.Status.ANNOUNCED]
    other = {"other": people.other.name} if people.other else {}
    # The matcher puts people in the order of these words, which is to be the order of the numbers:
    # of equally good results it then finds the same, however many people there were before.
    mentors, mentees = (
        tuple(f"{person.pk:012}" for person in side) for side in (inputs.mentors, inputs.mentees)
    )
    return engine.Problem(
        mentors=mentors,
        mentees=mentees,
        capacity=np.array(inputs.capacities, dtype=np.int64),
        mentor_virtual=np.array([p.is_virtual for p in inputs.mentors], dtype=bool),
        mentee_virtual=np.array([p.is_virtual for p in inputs.mentees], dtype=bool),
        mentor_fields=fields_table(inputs.mentors),
        mentee_fields=fields_table(inputs.mentees),
        fields=tuple(f.name for f in people.fields),
        affinity=affinity,
        exclusions=_as_array(inputs.excluded),
        locked=_as_array(inputs.fixed),
        announced=_as_array(announced),
        priorities=inputs.criteria.priorities,
        floor=inputs.criteria.minimum_affinity,
        **other,
    )


def _blocks(affinity: Affinity, mentors: int, mentees: int) -> engine.AffinityBlocks:
    """Return the affinity as the matcher reads it: as a table of two bytes a pair.

    To find and to prove the pairs, it is read more than once, and everyone is compared only once.
    """
    table = np.empty((mentors, mentees), np.int16)
    step = max(1, BLOCK_CELLS // max(mentees, 1))
    for start in range(0, mentors if mentees else 0, step):
        stop = min(start + step, mentors)
        table[start:stop] = affinity.block(start, stop)
    return engine.from_matrix(table)


def _as_array(pairs: Any) -> Ints:
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


@dataclass
class SolvedProblem:
    """What went in and the best solution of it."""

    inputs: Inputs
    affinity: Affinity
    problem: engine.Problem
    solution: engine.Solution

    @cached_property
    def named(self) -> engine.Problem:
        """The same problem with people under their names, for sentences."""
        inputs = self.inputs
        return replace(self.problem, mentors=_names(inputs.mentors), mentees=_names(inputs.mentees))

    @property
    def mentor_of(self) -> dict[int, Participant]:
        """The mentor of each mentee (by key) in the solution."""
        mentors, mentees = self.inputs.mentors, self.inputs.mentees
        return {mentees[j].pk: mentors[i] for i, j in self.solution.pairs.tolist()}


# A page asks several times in a row about the same program; more than a few are never in use.
_recent: LRUCache[str, tuple[Affinity, engine.Problem, engine.Solution]] = LRUCache(4)
_recent_lock = Lock()  # threads share the cache


def solve(inputs: Inputs, watch: Watch = UNWATCHED) -> SolvedProblem:
    """Return the best solution; inputs of a fingerprint that was solved lately have it at once.

    Raise ValidationError if the program's priorities or weights cannot be used.
    """
    key = inputs.fingerprint
    with _recent_lock:
        known = _recent.get(key)
    if known:
        return SolvedProblem(inputs, *known)
    watch.comparing()
    affinity = cached_affinity(
        inputs.people.program,
        inputs.mentors,
        inputs.mentees,
        inputs.people.answers,
        inputs.criteria.weights,
        inputs.affinity_fingerprint,
    )
    try:
        problem = problem_of(inputs, affinity)
        solution = engine.solve(problem, watch.solving)
    except engine.ProblemError as error:
        raise ValidationError(str(error)) from error
    if len(inputs.mentors) * len(inputs.mentees) <= TABLE_CELLS:
        with _recent_lock:
            _recent[key] = (affinity, problem, solution)
    return SolvedProblem(inputs, affinity, problem, solution)


def fixed_rows(program: Program) -> tuple[Any, ...]:
    """Return what decides about a solution of the matches that no proposal changes."""
    rows = program.matches.fixed().order_by("pk")
    return tuple(rows.values_list("pk", "mentor_id", "mentee_id", "status", "locked", "bin_id"))


@kept(fixed_rows)
def solve_now(program: Program) -> SolvedProblem:
    """Return the best solution for a program as it is; its drafts may have changed since.

    Raise ValidationError if the program's priorities or weights cannot be used.
    """
    return solve(read_inputs(program))


def _names(people: list[Participant]) -> tuple[str, ...]:
    """Return names, each with the email address where two people have the same one."""
    seen = Counter(str(person) for person in people)
    return tuple(
        str(person) if seen[str(person)] == 1 else f"{person} ({person.email})" for person in people
    )
