"""Two proposals at once, and one while somebody works on the board: one outcome each."""

import datetime
import threading

import pytest
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from matching.domain.matches.changes import change_mentor, create_match
from matching.domain.proposals import propose as propose_module
from matching.domain.proposals.propose import Overtaken, outcome, propose
from matching.domain.proposals.runs import cancel_run, has_stopped, start_again, start_run, work_on
from matching.models import BoardStep, Match, Proposal, ProposalRun
from mentorship.domain import jobs
from mentorship.models import Program
from tests.conftest import until_somebody_waits_for_a_lock
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory
from tests.mentorship.imports.test_imports_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)


@pytest.fixture
def program():
    program = ProgramFactory()
    for name in "ABC":
        ParticipantFactory(program=program, name=f"Mentor {name}", fields=["Biology/Health"])
        ParticipantFactory(
            program=program, name=f"Mentee {name}", mentee=True, fields=["Biology/Health"]
        )
    return program


@pytest.fixture
def members(program):
    return [MembershipFactory(program=program).user for _ in range(3)]


def seen_of(program):
    """Return the digest of what the preview shows now."""
    live = program.matches.live().values_list("mentor", "mentee")
    return outcome(live, propose(program, dry_run=True))


def pairs():
    return set(Match.objects.live().values_list("mentor__name", "mentee__name"))


def test_of_three_members_who_start_one_at_once_one_does(program, members):
    started = at_once(*[lambda by=by: start_run(program, by) for by in members])
    run = ProposalRun.objects.get()
    assert {one for one, _ in started} == {run}
    assert [is_new for _, is_new in started].count(True) == 1
    assert run.by == members[[is_new for _, is_new in started].index(True)]


def test_one_preview_saved_twice_at_once_is_saved_once(program, members):
    seen = seen_of(program)
    saved = at_once(*[lambda by=by: propose(program, by, seen=seen) for by in members[:2]])
    assert {type(one) for one in saved} == {Proposal, Overtaken}
    winner = members[[type(one) for one in saved].index(Proposal)]
    assert Proposal.objects.get().created_by == winner
    assert (len(pairs()), BoardStep.objects.get().by) == (3, winner)


def test_a_task_brought_to_two_workers_at_once_is_done_by_one(program, members):
    run, _ = start_run(program, members[0], saves=True)
    at_once(*[lambda: work_on(run.pk)] * 2)
    assert (Proposal.objects.count(), len(pairs())) == (1, 3)
    assert Match.history.count() == 3


def test_a_run_is_saved_or_cancelled_never_both(program, members):
    for _ in range(4):
        run, _ = start_run(program, members[0], saves=True)
        _, cancelled = at_once(
            lambda run=run: work_on(run.pk), lambda run=run: cancel_run(run, members[1])
        )
        run.refresh_from_db()
        assert run.outcome == ("cancelled" if cancelled else "saved")
        assert len(pairs()) == (0 if cancelled else 3)
        assert Proposal.objects.count() == (0 if cancelled else 1)
        Match.objects.all().delete()
        Proposal.objects.all().delete()


# SQLite lets nobody write while somebody else does.
@pytest.mark.once
def test_cancelling_while_the_pairs_are_being_saved_takes_them_back(program, members, monkeypatch):
    run, _ = start_run(program, members[0], saves=True)
    cancelled = []

    def write_and_cancel(*args):
        real(*args)
        thread = threading.Thread(target=cancel)
        thread.start()
        thread.join()

    def cancel():
        try:
            cancelled.append(cancel_run(run, members[1]))
        finally:
            connection.close()

    real = propose_module._write
    monkeypatch.setattr(propose_module, "_write", write_and_cancel)
    work_on(run.pk)

    run.refresh_from_db()
    assert (cancelled, run.outcome, run.cancelled_by) == ([True], "cancelled", members[1])
    assert (pairs(), Proposal.objects.count(), BoardStep.objects.count()) == (set(), 0, 0)
    assert start_run(program, members[0])[1]


def test_a_pair_moved_at_the_same_moment_is_not_lost_unseen(program, members):
    propose(program, members[0])
    first, second = Match.objects.order_by("pk")[:2]
    mentor = second.mentor
    second.delete()
    proposed = {(str(m.mentor), str(m.mentee)) for m in (first, second)}
    seen = seen_of(program)
    saved, moved = at_once(
        lambda: propose(program, members[0], seen=seen),
        lambda: change_mentor(first, mentor, by=members[1]),
    )
    if isinstance(saved, Overtaken):
        assert not isinstance(moved, Exception)
        assert (mentor.name, first.mentee.name) in pairs()
        assert Proposal.objects.count() == 1
    else:
        # The proposal came first and gave the place to its own mentee.
        assert isinstance(moved, ValidationError)
        assert proposed <= pairs()


def test_a_pair_made_while_the_matcher_runs_is_kept_and_the_save_refused(
    program, members, monkeypatch
):
    mentor, mentee = program.participants.mentors()[0], program.participants.mentees()[0]
    run, _ = start_run(program, members[0], saves=True, seen=seen_of(program))
    made = []

    def run_and_pair(*args):
        result = real(*args)
        thread = threading.Thread(target=pair)
        thread.start()
        thread.join()
        return result

    def pair():
        try:
            made.append(create_match(mentor, mentee, by=members[1]))
        finally:
            connection.close()

    real = propose_module._run
    monkeypatch.setattr(propose_module, "_run", run_and_pair)
    work_on(run.pk)

    run.refresh_from_db()
    assert (run.outcome, run.why) == ("failed", propose_module.CHANGED_MEANWHILE)
    assert list(Match.objects.live()) == made
    assert Proposal.objects.count() == 0


@pytest.mark.once
def test_a_worker_killed_while_it_waits_to_save_saves_nothing(
    program, members, start_process, monkeypatch
):
    run, _ = start_run(program, members[0], saves=True)
    with transaction.atomic():
        Program.objects.locked(program.pk)
        code = (
            "import django; django.setup();"
            f"from matching.tasks import run_proposal; run_proposal({run.pk})"
        )
        worker = start_process("-c", code, DJANGO_SETTINGS_MODULE="mentorship.settings")
        until_somebody_waits_for_a_lock()
        worker.kill()
        worker.wait()
    run.refresh_from_db()
    assert (run.ended_at, has_stopped(run), pairs()) == (None, False, set())

    monkeypatch.setattr(jobs, "_SILENT_FOR", datetime.timedelta(0))
    again, is_new = start_again(run, members[1])
    work_on(again.pk)
    run.refresh_from_db()
    assert (is_new, run.outcome, len(pairs())) == (True, "stopped", 3)
    assert Proposal.objects.get().created_by == members[1]
