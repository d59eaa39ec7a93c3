"""What goes into the matcher: who takes part, what stays as it is, and what is asked for."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError

from matching import engine
from matching.domain.affinity.compared import TABLE_CELLS, fingerprint
from matching.domain.affinity.score import Affinity
from matching.domain.affinity.text_similarity import Ints
from matching.domain.matches.people import People, read_people
from matching.domain.proposals.criteria import Criteria, criteria_of
from matching.models import Match
from mentorship.models import Participant, Program

BLOCK_CELLS = 1 << 20


@dataclass
class Inputs:
    """What a proposal rests on. Two of the same fingerprint have the same result."""

    people: People
    criteria: Criteria
    live: list[Match]
    mentors: list[Participant]
    mentees: list[Participant]
    places: list[int]
    kept: dict[tuple[int, int], Match]  # by places in `mentors` and `mentees`
    apart: list[tuple[int, int]]
    likeness_fingerprint: str
    fingerprint: str = ""

    def __post_init__(self) -> None:
        self.fingerprint = _fingerprint(self)

    def by(self, criteria: Criteria) -> Inputs:
        """Give the same with other criteria."""
        return replace(self, criteria=criteria)


def read_inputs(program: Program, together: tuple[int, int] | None = None) -> Inputs:
    """Read what the matcher needs.

    `together` is a pair (keys of mentor and mentee) that is kept as if it were locked already.
    Raises ValidationError if these two cannot be a pair.
    """
    people = read_people(program)
    live = list(Match.objects.live().filter(program=program).order_by("pk"))
    kept = kept_matches(live)
    if together:
        kept = [*kept, _wanted(people, kept, *together)]
    row = {mentor.pk: i for i, mentor in enumerate(people.mentors)}
    column = {mentee.pk: j for j, mentee in enumerate(people.mentees)}
    # A kept pair that the rules no longer allow is not the matcher's: it only takes up its people.
    standing = [m for m in kept if m.mentor_id not in row or m.mentee_id not in column]
    gone = {m.mentee_id for m in standing}
    lost = Counter(m.mentor_id for m in standing)
    mentees = [mentee for mentee in people.mentees if mentee.pk not in gone]
    column = {mentee.pk: j for j, mentee in enumerate(mentees)}
    inside = {(row[m.mentor_id], column[m.mentee_id]): m for m in kept if m not in standing}
    taken = Counter(i for i, _ in inside)
    places = [
        # A capacity that was lowered later does not end a pair that is kept.
        max(mentor.capacity - lost[mentor.pk], taken[i])
        for i, mentor in enumerate(people.mentors)
    ]
    apart = [pair for pair in people.rulings.pairs(people.mentors, mentees) if pair not in inside]
    return Inputs(
        people=people,
        criteria=criteria_of(program),
        live=live,
        mentors=people.mentors,
        mentees=mentees,
        places=places,
        kept=inside,
        apart=apart,
        likeness_fingerprint=fingerprint(program, people.mentors, mentees, people.said),
    )


def _wanted(people: People, kept: list[Match], mentor_pk: int, mentee_pk: int) -> Match:
    """Give a locked pair, unsaved, of two people who can be one; else raise ValidationError."""
    mentor, mentee = people.by_pk.get(mentor_pk), people.by_pk.get(mentee_pk)
    if mentor not in people.mentors or mentee not in people.mentees or not mentor or not mentee:
        raise ValidationError("Choose a mentor and a mentee who take part.")
    if any(match.mentee_id == mentee_pk for match in kept):
        raise ValidationError(f"{mentee} has a locked or announced pair; free it on the board.")
    if sum(match.mentor_id == mentor_pk for match in kept) >= mentor.capacity:
        raise ValidationError(f"{mentor} has no place that is not locked or announced.")
    if reason := people.rulings.why(mentor, mentee):
        raise ValidationError(f"{mentor} and {mentee} are kept apart: {reason.detail}.")
    return Match(program=people.program, mentor=mentor, mentee=mentee, locked=True)


def kept_matches(live: list[Match]) -> list[Match]:
    """Give the matches that no proposal moves: those that are locked or announced."""
    return [m for m in live if m.locked or m.status == Match.Status.ANNOUNCED]


def _fingerprint(inputs: Inputs) -> str:
    """Give the SHA-256 of everything that decides about the result."""
    persons = [*inputs.mentors, *inputs.mentees]
    everything = [
        inputs.criteria.digest, inputs.likeness_fingerprint,
        [[f.pk, f.name, f.is_other] for f in inputs.people.fields],
        [[f.pk for f in p.fields.all()] for p in persons], inputs.places, inputs.apart,
        sorted(
            [i, j, m.status, m.locked, m.bin_id or 0] for (i, j), m in inputs.kept.items()
        ),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def problem_of(inputs: Inputs, affinity: Affinity) -> engine.Problem:
    """Put the inputs as the matcher wants them, people under their keys."""
    people = inputs.people
    column = {f.pk: k for k, f in enumerate(people.fields)}

    def knowing(persons: list[Participant]) -> Any:
        table = np.zeros((len(persons), len(column)), dtype=bool)
        for i, person in enumerate(persons):
            table[i, [column[f.pk] for f in person.fields.all()]] = True
        return table

    announced = [p for p, m in inputs.kept.items() if m.status == Match.Status.ANNOUNCED]
    other = {"other": people.other.name} if people.other else {}
    return engine.Problem(
        mentors=tuple(str(p.pk) for p in inputs.mentors),
        mentees=tuple(str(p.pk) for p in inputs.mentees),
        capacity=np.array(inputs.places, dtype=np.int64),
        mentor_virtual=np.array([p.is_virtual for p in inputs.mentors], dtype=bool),
        mentee_virtual=np.array([p.is_virtual for p in inputs.mentees], dtype=bool),
        mentor_fields=knowing(inputs.mentors),
        mentee_fields=knowing(inputs.mentees),
        fields=tuple(f.name for f in people.fields),
        affinity=_blocks(affinity, len(inputs.mentors), len(inputs.mentees)),
        exclusions=_as_array(inputs.apart),
        locked=_as_array(inputs.kept),
        announced=_as_array(announced),
        priorities=inputs.criteria.priorities,
        floor=inputs.criteria.floor,
        **other,
    )


def _blocks(affinity: Affinity, mentors: int, mentees: int) -> engine.AffinityBlocks:
    """Give the affinity as the matcher reads it: kept as a table unless that would be large.

    The matcher asks for single rows many times; a table (two bytes a pair) answers faster than
    counting them anew.
    """
    if not 0 < mentors * mentees <= TABLE_CELLS:
        return affinity.block
    step = max(1, BLOCK_CELLS // mentees)
    blocks = [
        affinity.block(start, min(start + step, mentors)).astype(np.int16)
        for start in range(0, mentors, step)
    ]
    return engine.from_matrix(np.vstack(blocks))


def _as_array(pairs: Any) -> Ints:
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
