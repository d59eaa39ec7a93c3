"""Who else somebody could be matched with during the conference, with few pairs changed.

Nobody who was told of a pair is moved, but for the two whose match ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from matching import engine
from matching.domain.matches.checks import Finding, check_pair
from matching.domain.matches.people import People, read_people
from matching.domain.proposals.criteria import criteria_of
from matching.domain.proposals.problem import Inputs, problem_with
from matching.models import Match
from mentorship.models import Participant, Program, Role


@dataclass(frozen=True)
class RematchMove:
    """A mentee who gets this mentor, and the mentor whose draft they are until then, if any."""

    mentee: Participant
    mentor: Participant
    leaves: Participant | None = None


@dataclass(frozen=True)
class RematchOption:
    """One way out: the new pair first, then those who make room for it, in this order.

    `change` is by how much each priority gets larger (worse); `findings` are what to read before.
    """

    moves: tuple[RematchMove, ...]
    change: dict[str, int]
    findings: list[Finding] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The moves as they stand in an address."""
        return "_".join(f"{move.mentee.pk}-{move.mentor.pk}" for move in self.moves)

    @property
    def first(self) -> RematchMove:
        """The pair that is asked for."""
        return self.moves[0]

    @property
    def makes_room(self) -> tuple[RematchMove, ...]:
        """The drafts that change, so that there is a place."""
        return self.moves[1:]


def find_rematches(
    program: Program, person: Participant, ending: Match | None
) -> list[RematchOption]:
    """Return who a person could be matched with in place of the match that ends, the best first.

    For a mentee: mentors with room, then mentors whose drafts make room. For a mentor:
    unmatched mentees. `ending` may be dissolved already, or None. Pairs that an exclusion
    forbids are left out. Empty for somebody who does not take part.
    """
    people = read_people(program)
    person = people.by_pk.get(person.pk, person)
    if not person.takes_part:
        return []
    table = _Table(people, program, ending)
    find = table.mentors_for if person.role == Role.MENTEE else table.mentees_for
    chains = find(person)
    return [table.option(chain) for chain in chains]


class _Table:
    """The mentees that may be concerned, as the matcher wants them, with all mentors."""

    def __init__(self, people: People, program: Program, ending: Match | None) -> None:
        self.people = people
        live = [m for m in program.matches.live().order_by("pk") if m.mentor_id in people.by_pk]
        self.ending = next((m for m in live if ending and m.pk == ending.pk), None)
        self.apart = {ending.mentor_id} if ending else set()
        rows = {mentor.pk: i for i, mentor in enumerate(people.mentors)}
        # A pair that ends is nobody's any more where one of its people has left.
        matched = {match.mentee_id for match in live if match != self.ending}
        may_move = {
            match.mentee_id: match
            for match in live
            if match.mentor_id in rows and (match == self.ending or not match.is_fixed)
        }
        self.mentees = [p for p in people.mentees if p.pk not in matched or p.pk in may_move]
        columns = {mentee.pk: j for j, mentee in enumerate(self.mentees)}
        self.draft_of = {pk: match for pk, match in may_move.items() if pk in columns}
        pairs = [(rows[m.mentor_id], columns[pk]) for pk, m in self.draft_of.items()]
        self.pairs = np.array(pairs, np.int64).reshape(-1, 2)
        stays = [m for m in live if m.mentee_id not in self.draft_of and m != self.ending]
        taken = Counter(match.mentor_id for match in stays)
        self.taken = np.array([taken[mentor.pk] for mentor in people.mentors], np.int64)
        self.rows, self.columns = rows, columns
        self.problem = self._problem(program)

    def _problem(self, program: Program) -> engine.Problem:
        people = self.people
        inputs = Inputs(
            people=people,
            criteria=criteria_of(program),
            live=[],
            mentors=people.mentors,
            mentees=self.mentees,
            capacities=[mentor.capacity for mentor in people.mentors],
            fixed={},
            excluded=list(people.exclusions.pairs(people.mentors, self.mentees)),
            affinity_fingerprint="",
        )
        problem = problem_with(inputs, self._affinity())
        if self.ending is None or self.ending.mentee_id not in self.draft_of:
            return problem
        announced = [[self.rows[self.ending.mentor_id], self.columns[self.ending.mentee_id]]]
        return replace(problem, announced=np.array(announced, np.int64))

    def _affinity(self) -> engine.AffinityBlocks:
        """Return the affinity of all mentors with these mentees, and compare no others."""
        n, m = len(self.people.mentors), len(self.mentees)
        if not n or not m:
            return engine.from_matrix(np.zeros((n, m), np.int16))
        place = {mentee.pk: k for k, mentee in enumerate(self.people.mentees)}
        columns = np.array([place[mentee.pk] for mentee in self.mentees], np.int64)
        grid = np.repeat(np.arange(n), m), np.tile(columns, n)
        parts = self.people.affinity.parts(*grid)
        total = sum(np.maximum(points, 0) for points in parts.values())
        return engine.from_matrix(np.asarray(total, np.int64).reshape(n, m))

    def mentors_for(self, mentee: Participant) -> list[engine.Chain]:
        if mentee.pk not in self.columns:
            return []
        apart = [self.rows[pk] for pk in self.apart if pk in self.rows]
        column = self.columns[mentee.pk]
        return engine.mentors_for(self.problem, self.taken, self.pairs, column, apart)

    def mentees_for(self, mentor: Participant) -> list[engine.Chain]:
        if mentor.pk not in self.rows:
            return []
        column = self.columns.get(self.ending.mentee_id) if self.ending else None
        row = self.rows[mentor.pk]
        return engine.mentees_for(self.problem, self.taken, self.pairs, row, column)

    def option(self, chain: engine.Chain) -> RematchOption:
        moves, findings = [], []
        for j, i in chain.moves:
            mentee, mentor = self.mentees[j], self.people.mentors[i]
            draft = self.draft_of.get(mentee.pk)
            leaves = self.people.by_pk[draft.mentor_id] if draft and draft != self.ending else None
            moves.append(RematchMove(mentee, mentor, leaves))
            findings += check_pair(self.people, mentor, mentee)
        return RematchOption(tuple(moves), chain.change, findings)
