"""Proposals: who should meet whom, found by the matcher, proved, and written as drafts.

What a proposal keeps: locked pairs and announced ones. Both people of an announced pair have been
told, so no proposal moves them; the committee dissolves the match or gives its mentee another
mentor first. All other drafts are replaced, those that the matcher finds again staying the same
rows. A kept pair of which somebody does not take part any more, or has another role now, stays as
it is: it takes up the mentor's place and its mentee, and `check_matches` reports it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from matching import engine
from matching.domain.affinity import Affinity
from matching.domain.matches import hold
from matching.domain.people import People, read_people
from matching.domain.texts import Ints
from matching.models import Match, Proposal
from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# The matcher asks for single rows many times; up to this many pairs (two bytes each) a table of
# all affinities answers faster than counting them anew.
TABLE_CELLS = 25_000_000
BLOCK_CELLS = 1 << 20


@dataclass
class Inputs:
    """What a proposal rests on. Two of the same fingerprint have the same result."""

    people: People
    live: list[Match]
    mentors: list[Participant]
    mentees: list[Participant]
    places: list[int]
    kept: dict[tuple[int, int], Match]  # by places in `mentors` and `mentees`
    apart: list[tuple[int, int]]
    fingerprint: str


@dataclass
class Found:
    """What the matcher found: places in `mentors` and `mentees`, each pair with its details."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    bins: list[str] = field(default_factory=list)
    parts: list[dict[str, int]] = field(default_factory=list)
    tiers: list[dict[str, Any]] = field(default_factory=list)
    why_not_proven: str = ""


def propose(program: Program, by: User | None = None, *, dry_run: bool = False) -> Proposal:
    """Find the best matching, prove it, and write it as draft matches.

    Gives the Proposal (unsaved on a dry run, on which nothing is written). The matcher runs before
    the program is held, so that others can work meanwhile; if anything that matters changed until
    then, it runs again while the program is held. Raises ValidationError if the program's
    priorities or weights cannot be used.
    """
    start = time.perf_counter()
    inputs = _read(program)
    found = _solve(inputs)
    if dry_run:
        return _proposal(inputs, found, by, time.perf_counter() - start)
    with transaction.atomic():
        now = _read(hold(program.pk))
        if now.fingerprint != inputs.fingerprint:
            found = _solve(now)
        proposal = _proposal(now, found, by, time.perf_counter() - start)
        proposal.save()
        _write(proposal, now, found, by)
    return proposal


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Give a proposal as `propose_matches` prints it: people by their addresses."""
    addresses = dict(proposal.program.participants.values_list("pk", "email"))
    return {
        "status": str(proposal.status),
        "tiers": proposal.tiers,
        "mentors": proposal.mentors,
        "mentees": proposal.mentees,
        "pairs": [
            pair | {"mentor": addresses[pair["mentor"]], "mentee": addresses[pair["mentee"]]}
            for pair in proposal.pairs
        ],
        "unmatched_mentees": [addresses[pk] for pk in proposal.unmatched_mentees],
        "idle_mentors": [addresses[pk] for pk in proposal.idle_mentors],
        "seconds": round(proposal.seconds, 3),
    }


def _read(program: Program) -> Inputs:
    people = read_people(program)
    live = list(Match.objects.live().filter(program=program).order_by("pk"))
    kept = _kept(live)
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
    inputs = Inputs(people, live, people.mentors, mentees, places, inside, apart, "")
    inputs.fingerprint = _fingerprint(inputs)
    return inputs


def _kept(live: list[Match]) -> list[Match]:
    return [m for m in live if m.locked or m.status == Match.Status.ANNOUNCED]


def _fingerprint(inputs: Inputs) -> str:
    """Give the SHA-256 of everything that decides about the result."""
    program = inputs.people.program

    def about(person: Participant) -> list[Any]:
        fields = [f.pk for f in person.fields.all()]
        return [
            person.pk, person.is_virtual, fields, person.sector_id, person.career_stage,
            person.time_zone, person.notes, person.topics_wanted, person.topics_offered,
        ]  # fmt: skip

    everything = [
        program.matching_priorities, program.affinity_weights, program.affinity_floor,
        program.time_zone, program.starts_on.isoformat(),
        [[f.pk, f.name, f.is_other] for f in inputs.people.fields],
        [about(p) for p in inputs.mentors], [about(p) for p in inputs.mentees], inputs.places,
        inputs.apart,
        sorted([m.mentor_id, m.mentee_id, m.status, m.locked] for m in _kept(inputs.live)),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def _problem(inputs: Inputs, affinity: Affinity) -> engine.Problem:
    people = inputs.people
    program = people.program
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
        keep_apart=_as_array(inputs.apart),
        locked=_as_array(inputs.kept),
        announced=_as_array(announced),
        priorities=tuple(program.matching_priorities),
        floor=program.affinity_floor,
        **other,
    )


def _blocks(affinity: Affinity, mentors: int, mentees: int) -> engine.AffinityBlocks:
    """Give the affinity as the matcher reads it: kept as a table unless that would be large."""
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


def _solve(inputs: Inputs) -> Found:
    affinity = Affinity(inputs.people.program, inputs.mentors, inputs.mentees)
    try:
        problem = _problem(inputs, affinity)
        solution = engine.solve(problem)
        certificate = engine.certify(problem, solution)
    except engine.ProblemError as error:
        raise ValidationError(str(error)) from error
    rows, columns = solution.pairs[:, 0], solution.pairs[:, 1]
    return Found(
        pairs=[(int(i), int(j)) for i, j in solution.pairs],
        bins=list(engine.assign_bins(problem, solution.pairs).pairs),
        parts=affinity.of_pairs(rows, columns),
        tiers=[{"name": t.name, "value": t.value, "bound": t.bound} for t in solution.tiers],
        why_not_proven=_why_not_proven(certificate, solution),
    )


def _why_not_proven(certificate: Any, solution: engine.Solution) -> str:
    if not certificate.valid:
        return " ".join(certificate.problems)
    open_tiers = [tier.name for tier in solution.tiers if tier.value != tier.bound]
    return f"Not proven best in: {', '.join(open_tiers)}." if open_tiers else ""


def _proposal(inputs: Inputs, found: Found, by: User | None, seconds: float) -> Proposal:
    people = inputs.people
    matched = {inputs.mentees[j].pk for _, j in found.pairs}
    busy = {m.mentor_id for m in _kept(inputs.live)}
    busy |= {inputs.mentors[i].pk for i, _ in found.pairs}
    proven = not found.why_not_proven
    return Proposal(
        program=people.program,
        created_by=by,
        fingerprint=inputs.fingerprint,
        status=Proposal.Status.OPTIMAL if proven else Proposal.Status.NOT_PROVEN,
        why_not_proven=found.why_not_proven,
        priorities=list(people.program.matching_priorities),
        tiers=found.tiers,
        pairs=[_pair(inputs, found, k) for k in range(len(found.pairs))],
        unmatched_mentees=[p.pk for p in inputs.mentees if p.pk not in matched],
        idle_mentors=[p.pk for p in inputs.mentors if p.capacity and p.pk not in busy],
        mentors=len(inputs.mentors),
        mentees=len(inputs.mentees),
        seconds=seconds,
    )


def _pair(inputs: Inputs, found: Found, k: int) -> dict[str, Any]:
    i, j = found.pairs[k]
    mentor, mentee = inputs.mentors[i], inputs.mentees[j]
    kept = inputs.kept.get((i, j))
    return {
        "mentor": mentor.pk,
        "mentee": mentee.pk,
        "bin": found.bins[k],
        "affinity": sum(found.parts[k].values()),
        "mixed": mentor.is_virtual != mentee.is_virtual,
        "cross_field": inputs.people.cross_field(mentor, mentee),
        "locked": bool(kept and kept.locked),
    }


def _write(proposal: Proposal, inputs: Inputs, found: Found, by: User | None) -> None:
    """Make the live matches those that were found; a pair that was there stays the same row."""
    there = {(m.mentor_id, m.mentee_id): m for m in inputs.live}
    field_named = {f.name: f for f in inputs.people.fields}
    staying, coming = [], []
    for (i, j), bin_name, parts in zip(found.pairs, found.bins, found.parts, strict=True):
        mentor, mentee = inputs.mentors[i], inputs.mentees[j]
        match = there.pop((mentor.pk, mentee.pk), None)
        known = match is not None
        match = match or Match(program=proposal.program, mentor=mentor, mentee=mentee)
        before = (match.bin_id, match.affinity, match.affinity_parts)
        match.bin = field_named.get(bin_name)
        match.affinity, match.affinity_parts = sum(parts.values()), parts
        if not known:
            match.proposal = proposal
            coming.append(match)
        elif before != (match.bin_id, match.affinity, match.affinity_parts):
            staying.append(match)
    kept = {m.pk for m in _kept(inputs.live)}
    going = [m.pk for m in there.values() if m.pk not in kept]
    Match.objects.filter(pk__in=going).delete()
    bulk_update_with_history(
        staying, Match, ["bin", "affinity", "affinity_parts"], batch_size=500, default_user=by
    )
    bulk_create_with_history(coming, Match, batch_size=500, default_user=by)
