"""Proposals that a worker makes: one at a time for a program, and what the last ones found.

The run that is at work has no end yet. What ends it first, by a compare-and-set, decides what came
of it. So a run that was cancelled, or taken for dead and started again, saves nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from matching.domain.exclusions.wish_decisions import UnsettledWishes
from matching.domain.matches.kept import stamp_of
from matching.domain.meaning.model import phrase_vectors
from matching.domain.proposals.problem import fixed_rows
from matching.domain.proposals.propose import propose
from matching.domain.proposals.watch import Watch
from matching.models import Proposal, ProposalRun
from mentorship.domain.jobs import (
    WorkerProgress,
    acting_as,
    alive,
    leave_to_worker,
    progress_of,
    queue_answers,
    show_progress,
)
from mentorship.models import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Together = tuple[int, int] | None
# Of more people than this, a proposal takes longer than a page should.
PEOPLE_AT_ONCE = 1000
# A model takes 3 ms for each phrase that it has not seen since the process started.
PEOPLE_AT_ONCE_BY_MEANING = 100
# So many runs are kept of a program, for those who still have the page of one open.
KEPT = 5
FAILED = (
    "Something went wrong that should not have. Tell your host: the worker’s log has the details."
)
_FOUND = ("status", "why_not_proven", "priorities", "tiers", "pairs", "unmatched_mentees",
          "idle_mentors", "mentors", "mentees", "seconds", "fingerprint", "parts")  # fmt: skip
logger = logging.getLogger(__name__)


class _Ended(Exception):
    """Somebody has ended this run meanwhile."""


def is_large(program: Program) -> bool:
    """Return whether a program has more people than a page should match."""
    most = PEOPLE_AT_ONCE_BY_MEANING if phrase_vectors() else PEOPLE_AT_ONCE
    return program.participants.taking_part().count() > most


def run_at_work(program: Program) -> ProposalRun | None:
    """Return the program's run that has not ended, if there is one."""
    runs = program.proposal_runs.select_related("by", "program").filter(ended_at=None)
    return runs.first()


def found_now(program: Program, together: Together = None) -> ProposalRun | None:
    """Return the run that found what would be proposed now, if nothing has changed since."""
    runs = program.proposal_runs.filter(
        outcome=ProposalRun.Outcome.FOUND, stamp=_stamp(program, together)
    )
    return runs.select_related("by", "program").first()


def is_current(run: ProposalRun) -> bool:
    """Return whether nothing has changed since a run found what it did."""
    return run.stamp == _stamp(run.program, pair_of(run))


def pair_of(run: ProposalRun) -> Together:
    """Return the keys of the mentor and the mentee who are to be a pair, or None."""
    return (run.together[0], run.together[1]) if run.together else None


def proposal_of(run: ProposalRun) -> Proposal:
    """Return, unsaved, what a run found."""
    found = dict(run.result)
    parts = found.pop("parts")
    proposal = Proposal(program=run.program, created_by=run.by, **found)
    proposal.parts = parts
    return proposal


def start_run(
    program: Program, by: User, together: Together = None, *, saves: bool = False, seen: str = ""
) -> tuple[ProposalRun | None, bool]:
    """Have a worker find a program's best matching, and with `saves` save it as drafts.

    Return the run that is at work now, and whether it is this one: there is one at a time. Return
    no run if the queue does not answer.
    """
    if run := run_at_work(program):
        return run, False
    if not queue_answers():
        return None, False
    try:
        with transaction.atomic():
            run = ProposalRun.objects.create(
                program=program,
                by=by,
                together=together,
                saves=saves,
                seen=seen,
                asked_at=timezone.now(),
            )
            leave_to_worker("matching.tasks.run_proposal", run.pk)
    except IntegrityError:
        # Somebody else came first, and may be done by now.
        return run_at_work(program) or program.proposal_runs.first(), False
    kept = program.proposal_runs.values_list("pk", flat=True)[:KEPT]
    program.proposal_runs.exclude(pk__in=list(kept)).delete()
    return run, True


def cancel_run(run: ProposalRun, by: User) -> bool:
    """End a run with nothing changed; return whether it had not ended before."""
    return _end(run, ProposalRun.Outcome.CANCELLED, cancelled_by=by)


def start_again(run: ProposalRun, by: User) -> tuple[ProposalRun | None, bool]:
    """Start a run anew that has ended without a result, or whose worker is silent.

    Return what `start_run` does.
    """
    if run.ended_at is None and has_stopped(run):
        _end(run, ProposalRun.Outcome.STOPPED)
    return start_run(run.program, by, pair_of(run), saves=run.saves, seen=run.seen)


def has_stopped(run: ProposalRun) -> bool:
    """Return whether a worker has taken a run and has given no sign of life for a minute."""
    return run.ended_at is None and run.taken_at is not None and progress(run).silent


def progress(run: ProposalRun) -> WorkerProgress:
    """Return how far a worker is with a run, by its steps."""
    return progress_of(_name(run), run.taken_at or run.asked_at)


def work_on(pk: int) -> None:
    """Make the proposal of a run, in a worker; leave with it what came of it."""
    now = timezone.now()
    if not ProposalRun.objects.filter(pk=pk, ended_at=None, taken_at=None).update(taken_at=now):
        return  # cancelled before it began, or brought twice by the queue
    run = ProposalRun.objects.select_related("program", "by").get(pk=pk)
    try:
        with acting_as(run.by), alive(_name(run)):
            _save(run) if run.saves else _find(run)
    except _Ended:
        return
    except UnsettledWishes as error:
        _end(run, ProposalRun.Outcome.FAILED, why=error.sentence)
    except ValidationError as error:
        _end(run, ProposalRun.Outcome.FAILED, why=" ".join(error.messages))
    except Exception:  # whatever it is, somebody waits for an answer
        logger.exception("Cannot make proposal run %s", pk)
        _end(run, ProposalRun.Outcome.FAILED, why=FAILED)


def _find(run: ProposalRun) -> None:
    together = pair_of(run)
    # Whatever changes from here on makes another stamp, so that this one is of nothing newer.
    stamp = _stamp(run.program, together)
    proposal = propose(
        run.program, run.by, dry_run=True, together=together, watch=_Steps(run, _FINDING)
    )
    found = {name: getattr(proposal, name) for name in _FOUND}
    _end(
        run,
        ProposalRun.Outcome.FOUND,
        stamp=stamp,
        fingerprint=proposal.fingerprint,
        result=found,
    )


def _save(run: ProposalRun) -> None:
    last = run.program.proposal_runs.filter(outcome=ProposalRun.Outcome.FOUND).first()
    propose(
        run.program,
        run.by,
        together=pair_of(run),
        seen=run.seen,
        known=proposal_of(last) if last else None,
        watch=_Steps(run, _SAVING),
    )


def _end(run: ProposalRun, outcome: ProposalRun.Outcome, **what: Any) -> bool:
    """End a run, and return whether it had not ended before."""
    at_work = ProposalRun.objects.filter(pk=run.pk, ended_at=None)
    return at_work.update(ended_at=timezone.now(), outcome=outcome, **what) == 1


_FINDING = ("reading", "comparing", "solving", "proving")
_SAVING = (*_FINDING, "saving")


class _Steps(Watch):
    """Shows on the page of a run how far it is, and ends it if somebody has ended it there."""

    def __init__(self, run: ProposalRun, steps: tuple[str, ...]) -> None:
        self.run, self.steps = run, steps

    def reading(self) -> None:
        self._show("reading", "Reading people and responses")

    def comparing(self) -> None:
        self._show("comparing", "Comparing people")

    def solving(self, done: int, in_hand: int, of: int) -> None:
        # Priorities that nothing can change are not among them.
        which = f"priority {done + 1} of {of}"
        if in_hand == of:
            which = "all priorities at once"
        elif in_hand > 1:
            which = f"priorities {done + 1} to {done + in_hand} of {of}"
        self._show("solving", f"Finding the best pairs, {which}", done / of)

    def proving(self) -> None:
        self._show("proving", "Proving that they are the best")

    def saving(self) -> None:
        self._show("saving", "Saving the pairs")

    def saved(self, proposal: Proposal) -> None:
        # The last word: a run that somebody has cancelled by now takes the pairs back with it.
        if not _end(self.run, ProposalRun.Outcome.SAVED, proposal=proposal):
            raise _Ended

    def _show(self, step: str, words: str, part: float = 0) -> None:
        if not ProposalRun.objects.filter(pk=self.run.pk, ended_at=None).exists():
            raise _Ended
        at = self.steps.index(step)
        show_progress(
            _name(self.run),
            round(100 * (at + part)),
            100 * len(self.steps),
            f"Step {at + 1} of {len(self.steps)}: {words}",
        )


def _stamp(program: Program, together: Together) -> str:
    """Return a digest of all that decides about a proposal."""
    everything: tuple[Hashable, ...] = (stamp_of(program), fixed_rows(program), together)
    if vectors := phrase_vectors():
        everything += (vectors.stamp,)
    return hashlib.sha256(repr(everything).encode()).hexdigest()


def _name(run: ProposalRun) -> str:
    return f"proposal:{run.pk}"
