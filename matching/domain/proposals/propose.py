"""Proposals: the best pairs, found by the matcher, proved, and saved as drafts.

What a proposal keeps: locked pairs and announced ones. Both people of an announced pair have been
told, so no proposal moves them; the committee dissolves the match or gives its mentee another
mentor first. All other drafts are replaced, those that the matcher finds again staying the same
rows. A locked or announced pair with somebody who is no longer taking part, or has another role
now, stays as it is: it takes up the mentor's place and its mentee, and `check_matches` reports it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from matching import engine
from matching.domain.exclusions.wish_decisions import refuse_unsettled
from matching.domain.matches.kept import kept
from matching.domain.matches.steps import name_of, step
from matching.domain.proposals.problem import (
    Inputs,
    fixed_rows,
    read_inputs,
    solve,
    state_of,
)
from matching.domain.proposals.watch import UNWATCHED, Watch
from matching.models import BoardStep, Match, Proposal
from mentorship.models import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User


CHANGED_MEANWHILE = (
    "Somebody changed people or pairs after you opened the preview, so nothing was saved. Review "
    "the pairs again."
)


class Overtaken(ValidationError):
    """Somebody else was first, and nothing is saved; the message says what they did."""


@dataclass
class MatcherResult:
    """What the matcher found: places in `mentors` and `mentees`, each pair with its details."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    bins: list[str] = field(default_factory=list)
    parts: list[dict[str, int]] = field(default_factory=list)
    tiers: list[dict[str, Any]] = field(default_factory=list)
    why_not_proven: str = ""


def propose(
    program: Program,
    by: User | None = None,
    *,
    dry_run: bool = False,
    together: tuple[int, int] | None = None,
    seen: str = "",
    known: Proposal | None = None,
    watch: Watch = UNWATCHED,
) -> Proposal:
    """Find the best matching, prove it, and save it as draft matches.

    With `together` (keys of a mentor and a mentee) it is the best of those that pair these two,
    and their pair is locked.

    Return the Proposal (unsaved on a dry run, which saves nothing). The matcher runs before the
    program is locked, so that others can work meanwhile; if anything that matters changed until
    then, it runs again while the program is locked. It does not run if `known`, the Proposal of a
    dry run, is of the same inputs.

    Raise ValidationError if the program's priorities or weights cannot be used, the two cannot be
    a pair, or a wish not to meet somebody waits for a decision; Overtaken if somebody else saved a
    proposal meanwhile, or the outcome is no longer the one that was `seen`.
    """
    start = time.perf_counter()
    newest = None if dry_run else program.proposals.values_list("pk", flat=True).first()
    before = None if dry_run else state_of(program)
    refuse_unsettled(program)
    watch.reading()
    inputs = read_inputs(program, together)
    if known and known.fingerprint == inputs.fingerprint:
        found = _found_before(inputs, known)
    else:
        found = _run(inputs, watch)
    if dry_run:
        return _proposal(inputs, found, by, time.perf_counter() - start)
    with transaction.atomic():
        now, locked = inputs, Program.objects.locked(program.pk)
        if changed := state_of(locked) != before:
            now = read_inputs(locked, together)
            refuse_unsettled(program)
        _refuse_second(program, newest)
        if changed and now.fingerprint != inputs.fingerprint:
            found = _run(now, watch)
        proposal = _proposal(now, found, by, time.perf_counter() - start)
        if seen and seen != outcome(((m.mentor_id, m.mentee_id) for m in now.live), proposal):
            raise Overtaken(CHANGED_MEANWHILE)
        watch.saving()
        proposal.save()
        with step(program.pk, BoardStep.Kind.PROPOSAL, by, Q(status__in=Match.LIVE)):
            _write(proposal, now, found, by)
        watch.saved(proposal)
    return proposal


def outcome(now: Iterable[tuple[int, int]], proposal: Proposal) -> str:
    """Return a digest of which pairs (mentor, mentee) there are now, and which there would be."""
    then = sorted((pair["mentor"], pair["mentee"]) for pair in proposal.pairs)
    return hashlib.sha256(repr([sorted(now), then]).encode()).hexdigest()


@kept(fixed_rows)
def proposal_now(program: Program) -> Proposal:
    """Return, unsaved, what would be proposed now. Raise as `propose` does."""
    return propose(program, dry_run=True)


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as `propose_matches` prints it: people by their email addresses."""
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


def _refuse_second(program: Program, newest: int | None) -> None:
    """Raise Overtaken if there is a newer proposal than this one."""
    newer = program.proposals.filter(pk__gt=newest or 0).select_related("created_by").first()
    if newer:
        who = name_of(newer.created_by) if newer.created_by else "A command"
        raise Overtaken(
            f"{who} saved a proposal while this one was being made, so this one was not saved."
        )


def _run(inputs: Inputs, watch: Watch) -> MatcherResult:
    result = solve(inputs, watch)
    watch.proving()
    problem, solution = result.problem, result.solution
    certificate = engine.certify(problem, solution)
    rows, columns = solution.pairs[:, 0], solution.pairs[:, 1]
    names = {f.pk: f.name for f in inputs.people.fields}
    bins_to_keep = {
        pair: names[match.bin_id]
        for pair, match in inputs.fixed.items()
        if match.locked and match.bin_id
    }
    bins = engine.assign_bins(problem, solution.pairs, bins_to_keep)
    return MatcherResult(
        pairs=[(int(i), int(j)) for i, j in solution.pairs],
        bins=list(bins.pairs),
        parts=result.affinity.of_pairs(rows, columns),
        # The bound that the certificate recomputed, not the one that the solver states. Where the
        # hard rules are broken it computes none, and nothing is proven.
        tiers=[
            {"name": t.name, "value": t.value, "bound": certificate.bounds.get(t.name, t.bound)}
            for t in solution.tiers
        ],
        why_not_proven=" ".join(certificate.problems),
    )


def _found_before(inputs: Inputs, known: Proposal) -> MatcherResult:
    """Return what a dry run with the same inputs found."""
    row = {mentor.pk: i for i, mentor in enumerate(inputs.mentors)}
    column = {mentee.pk: j for j, mentee in enumerate(inputs.mentees)}
    return MatcherResult(
        pairs=[(row[pair["mentor"]], column[pair["mentee"]]) for pair in known.pairs],
        bins=[pair["bin"] for pair in known.pairs],
        parts=known.parts or [],
        tiers=known.tiers,
        why_not_proven=known.why_not_proven,
    )


def _proposal(inputs: Inputs, found: MatcherResult, by: User | None, seconds: float) -> Proposal:
    people = inputs.people
    matched = {inputs.mentees[j].pk for _, j in found.pairs}
    busy = {m.mentor_id for m in inputs.live if m.is_fixed}
    busy |= {inputs.mentors[i].pk for i, _ in found.pairs}
    proven = not found.why_not_proven
    proposal = Proposal(
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
    proposal.parts = found.parts
    return proposal


def _pair(inputs: Inputs, found: MatcherResult, k: int) -> dict[str, Any]:
    i, j = found.pairs[k]
    mentor, mentee = inputs.mentors[i], inputs.mentees[j]
    fixed = inputs.fixed.get((i, j))
    return {
        "mentor": mentor.pk,
        "mentee": mentee.pk,
        "bin": found.bins[k],
        "affinity": sum(found.parts[k].values()),
        "mixed": mentor.is_virtual != mentee.is_virtual,
        "cross_field": inputs.people.cross_field(mentor, mentee),
        "locked": bool(fixed and fixed.locked),
    }


def _write(proposal: Proposal, inputs: Inputs, found: MatcherResult, by: User | None) -> None:
    """Save the pairs found as the live matches; a pair that was there stays the same row."""
    there = {(m.mentor_id, m.mentee_id): m for m in inputs.live}
    field_named = {f.name: f for f in inputs.people.fields}
    notes = {m.mentee_id: m.note for m in inputs.live}
    staying, coming = [], []
    for (i, j), bin_name, parts in zip(found.pairs, found.bins, found.parts, strict=True):
        mentor, mentee = inputs.mentors[i], inputs.mentees[j]
        match = there.pop((mentor.pk, mentee.pk), None)
        known = match is not None
        match = match or Match(program=proposal.program, mentor=mentor, mentee=mentee)
        before = (match.bin_id, match.affinity, match.affinity_parts, match.locked)
        match.bin = field_named.get(bin_name)
        match.affinity, match.affinity_parts = sum(parts.values()), parts
        wanted = inputs.fixed.get((i, j))
        match.locked = bool(wanted and wanted.locked)
        if not known:
            match.proposal, match.note = proposal, notes.get(mentee.pk)
            coming.append(match)
        elif before != (match.bin_id, match.affinity, match.affinity_parts, match.locked):
            staying.append(match)
    going = [match.pk for match in there.values() if not match.is_fixed]
    Match.objects.filter(pk__in=going).delete()
    bulk_update_with_history(
        staying,
        Match,
        ["bin", "affinity", "affinity_parts", "locked"],
        batch_size=500,
        default_user=by,
    )
    bulk_create_with_history(coming, Match, batch_size=500, default_user=by)
