"""Who of those who could take either role takes which, so that as few as possible have no match.

One choice of roles is better than another if it leaves fewer people without a match; then if fewer
of them take the role that they like less; then if fewer change it at all; then if fewer of those
left are mentees: nobody changes only to be without a match on the other side. How many have none
is exact: a largest matching of who may be matched with somebody. Where there are few enough choices
all are compared, and the best is proven; otherwise one person after the other is changed as long as
that helps, which need not find the best.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from django.core.exceptions import ValidationError
from django.db import transaction

from matching.domain.matches.flexible import flexible_people
from matching.domain.matches.people import People, read_people
from mentorship.domain.people.decisions import decide_role
from mentorship.models import OtherRole, Participant, Program, Role

# How many pairs are looked at, all choices together: about two seconds.
WORK = 60_000_000


@dataclass(frozen=True)
class WithoutMatch:
    """How many mentees have no mentor, and how many mentors who take mentees have none."""

    mentees: int
    mentors: int


@dataclass(frozen=True)
class RoleChoice:
    """The best choice of roles that was found.

    `flexible` could take the other role, `changed` are those of them who should. `before` and
    `after` say who has no match then. `proven`: no other choice is better.
    """

    flexible: list[Participant]
    changed: list[Participant]
    before: WithoutMatch
    after: WithoutMatch
    proven: bool

    @property
    def mark(self) -> str:
        """The keys of those who should change, by which the same choice is known again."""
        return ",".join(str(person.pk) for person in self.changed)


def choose_roles(program: Program) -> RoleChoice:
    """Return the best choice of roles; locked and announced pairs stay, and so do their roles.

    A role that the committee has decided is no choice any more.
    """
    return _Choosing(read_people(program)).best()


def take_roles(program: Program, mark: str) -> list[Participant]:
    """Decide the roles as the choice with this mark says, and return the people changed.

    Raise ValidationError, with nothing saved, if another choice is the best by now.
    """
    with transaction.atomic():
        choice = choose_roles(Program.objects.locked(program.pk))
        if choice.mark != mark or not choice.changed:
            raise ValidationError("People or answers have changed since. Look at the choice again.")
        return [decide_role(person, other_role(person)) for person in choice.changed]


def other_role(person: Participant) -> str:
    """Return the role that is not this person's."""
    return str(Role.MENTEE if person.role == Role.MENTOR else Role.MENTOR)


class _Choosing:
    def __init__(self, people: People) -> None:
        fixed = people.program.matches.fixed()
        paired = {key for match in fixed for key in (match.mentor_id, match.mentee_id)}
        taken: dict[int, int] = {}
        for match in fixed:
            taken[match.mentor_id] = taken.get(match.mentor_id, 0) + 1
        keys = {person.pk for person in flexible_people(people.program)}
        self.flexible = [person for person in people.by_pk.values() if person.pk in keys]
        self.own = {person.pk: person.role for person in self.flexible}
        flexible = list(self.own)
        self.mentors = [p for p in people.mentors if p.pk not in self.own] + self.flexible
        self.mentees = [
            p for p in people.mentees if p.pk not in self.own and p.pk not in paired
        ] + self.flexible
        # Places that are left, and mentors who have a mentee for sure.
        self.places = np.array(
            [max(p.capacity - taken.get(p.pk, 0), 0) for p in self.mentors], dtype=np.int64
        )
        self.busy = np.array([p.pk in taken for p in self.mentors], dtype=bool)
        self.may = np.ones((len(self.mentors), len(self.mentees)), dtype=bool)
        for i, j in people.exclusions.pairs(self.mentors, self.mentees):
            self.may[i, j] = False
        self.mentor_row = {
            key: len(self.mentors) - len(flexible) + k for k, key in enumerate(flexible)
        }
        self.mentee_column = {
            key: len(self.mentees) - len(flexible) + k for k, key in enumerate(flexible)
        }
        self.spent = 0

    def best(self) -> RoleChoice:
        """Return the best choice that was found."""
        count = len(self.flexible)
        nobody: tuple[int, ...] = ()
        before = self._without(nobody)
        pairs = max(self.may.size, 1)
        if count <= 20 and 2**count * pairs <= WORK:
            chosen, proven = min(self._every(), key=self._rank), True
        else:
            chosen = self._climb(nobody)
            # Nobody is without a match, and nobody has to change: it cannot be better.
            proven = self._rank(chosen)[:3] == (0, 0, 0)
        return RoleChoice(
            self.flexible,
            [person for person in self.flexible if person.pk in chosen],
            before,
            self._without(chosen),
            proven,
        )

    def _every(self) -> Iterator[tuple[int, ...]]:
        for size in range(len(self.own) + 1):
            yield from combinations(self.own, size)

    def _climb(self, start: tuple[int, ...]) -> tuple[int, ...]:
        now = start
        while self.spent < WORK:
            near = [tuple(sorted(set(now) ^ {key})) for key in self.own if self.spent < WORK]
            best = min(near, key=self._rank, default=now)
            if self._rank(best) >= self._rank(now):
                break
            now = best
        return now

    def _rank(self, changed: tuple[int, ...]) -> tuple[int, int, int, int, tuple[int, ...]]:
        without = self._without(changed)
        rather_not = sum(
            person.pk in changed and person.other_role == OtherRole.IF_SHORT
            for person in self.flexible
        )
        left = without.mentees + without.mentors
        return left, rather_not, len(changed), without.mentees, changed

    def _without(self, changed: tuple[int, ...]) -> WithoutMatch:
        rows = np.ones(len(self.mentors), dtype=bool)
        columns = np.ones(len(self.mentees), dtype=bool)
        for key, own in self.own.items():
            is_mentor = (own == Role.MENTOR) != (key in changed)
            rows[self.mentor_row[key]] = is_mentor
            columns[self.mentee_column[key]] = not is_mentor
        self.spent += self.may.size
        return without_match(self.may[np.ix_(rows, columns)], self.places[rows], self.busy[rows])


def without_match(
    may: npt.NDArray[np.bool_], places: npt.NDArray[np.int64], busy: npt.NDArray[np.bool_]
) -> WithoutMatch:
    """Return how few mentees, and then how few mentors, have no match.

    `may` says which mentor (row) may be matched with which mentee (column), `places` how many
    mentees a mentor can still take, `busy` who has one already.
    """
    slots = np.minimum(places, may.shape[1])
    free = (places > 0) & ~busy
    # A largest matching that gives each of these one mentee can be extended to one of all places,
    # step by step without taking anybody's mentee away, so both numbers hold at once.
    return WithoutMatch(
        may.shape[1] - _largest(np.repeat(may, slots, axis=0)),
        int(free.sum()) - _largest(may[free]),
    )


def _largest(may: npt.NDArray[np.bool_]) -> int:
    """Return the size of a largest matching of rows with columns."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if not may.size:
        return 0
    return int((maximum_bipartite_matching(csr_matrix(may), perm_type="column") >= 0).sum())
