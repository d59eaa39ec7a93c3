"""Proposals that a worker makes: started, watched, cancelled, found again, saved."""

import datetime

import pytest
from celery import current_app
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from matching.apps import forget_found
from matching.domain.matches.changes import create_match
from matching.domain.proposals import propose as propose_module
from matching.domain.proposals import runs
from matching.domain.proposals.runs import FAILED, cancel_run, start_run, work_on
from matching.models import BoardStep, Match, Proposal, ProposalRun
from matching.tasks import run_proposal
from mentorship.domain import jobs
from mentorship.models import Participant, Program
from tests.factories import (
    MembershipFactory,
    ParticipantFactory,
    ProposalRunFactory,
    SurveyResponseFactory,
)

BOARD, PROPOSE = reverse("matching_board"), reverse("propose_matches")
BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"


@pytest.fixture(autouse=True)
def large(monkeypatch):
    """Let a program of two people be one that a worker has to match."""
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE_BY_MEANING", 1)


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What is sent to the workers, none of which is there."""
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, arguments, **_: sent.append((name, *arguments))
    )
    return sent


@pytest.fixture
def people(program):
    return {
        name: ParticipantFactory(program=program, name=name, mentee=mentee, fields=[field])
        for name, mentee, field in (
            ("Ada", False, BIOLOGY),
            ("Cy", False, PHYSICS),
            ("Ben", True, BIOLOGY),
            ("Di", True, PHYSICS),
        )
    }


@pytest.fixture
def ann(program):
    user = MembershipFactory(program=program).user
    user.first_name, user.last_name = "Ann", "Lee"
    user.save()
    return user


def as_member(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def at_work():
    return ProposalRun.objects.get(ended_at=None)


def pairs():
    return sorted(
        f"{mentor} {mentee}"
        for mentor, mentee in Match.objects.live().values_list("mentor__name", "mentee__name")
    )


def words(response):
    text = response.content.decode()
    return " ".join(text[text.index('<section class="cm-card cm-narrow">') :].split())


def of_run(name, run):
    return reverse(name, args=[run.pk])


@pytest.fixture
def matched(monkeypatch):
    """The fingerprints of what the matcher has solved."""
    solved = []

    def run(inputs, watch):
        solved.append(inputs.fingerprint)
        return real(inputs, watch)

    real = propose_module._run
    monkeypatch.setattr(propose_module, "_run", run)
    return solved


class TestPages:
    def test_a_worker_finds_the_pairs_and_the_page_leads_to_them(
        self, client, ann, people, sent, django_capture_on_commit_callbacks
    ):
        as_member(client, ann)
        with django_capture_on_commit_callbacks(execute=True):
            pressed = client.get(PROPOSE)
        run = at_work()
        progress = of_run("proposal_progress", run)
        assert (pressed.url, sent) == (
            of_run("proposal_run", run),
            [(run_proposal.name, run.pk)],
        )
        shown = client.get(pressed.url)
        assert "You started this at" in words(shown)
        assert "Waiting for a worker." in words(shown)
        assert client.get(progress, {"shown": shown.context["shown"]}).status_code == 204

        run_proposal(run.pk)
        assert client.get(progress).headers["HX-Redirect"] == pressed.url
        assert client.get(pressed.url).url == PROPOSE
        preview = client.get(PROPOSE)
        assert [f"{a} {b}" for a, b in preview.context["coming"]] == ["Ada Ben", "Cy Di"]
        assert "Nothing that decides about it has changed since." in preview.content.decode()
        assert (pairs(), Proposal.objects.count()) == ([], 0)

    def test_what_was_found_comes_at_once_until_something_changes(
        self, client, ann, people, matched
    ):
        as_member(client, ann)
        client.get(PROPOSE)
        first = at_work()
        work_on(first.pk)
        for _ in range(2):
            assert client.get(PROPOSE).context["run"] == first
        create_match(people["Ada"], people["Di"])  # a draft, which a proposal replaces
        assert [f"{a} {b}" for a, b in client.get(PROPOSE).context["going"]] == ["Ada Di"]
        assert len(matched) == 1

        SurveyResponseFactory(participant=people["Ben"], notes="genomes")
        old = client.get(of_run("proposal_run", first))
        assert "have changed since this was found" in old.content.decode()
        assert client.get(PROPOSE).url == of_run("proposal_run", at_work())
        assert at_work() != first
        Match.objects.all().delete()
        people["Di"].delete()
        assert "<li>somebody who is not here any more with Cy</li>" in (
            client.get(of_run("proposal_run", first)).content.decode()
        )

    def test_the_pairs_are_saved_by_a_worker_which_need_not_find_them_again(
        self, client, ann, people, matched
    ):
        as_member(client, ann)
        client.get(PROPOSE)
        work_on(at_work().pk)
        form = {"seen": client.get(PROPOSE).context["seen"]}

        saving = client.post(PROPOSE, form).url
        run = at_work()
        assert "All pairs are saved, or none." in words(client.get(saving))
        assert client.get(PROPOSE).url == client.post(PROPOSE, form).url == saving
        work_on(run.pk)

        saved = client.get(saving, follow=True)
        assert saved.redirect_chain == [(BOARD, 302)]
        assert [str(message) for message in saved.context["messages"]] == [
            "Saved 2 pairs. Every mentee has a mentor. "
            "This is proven to be the best possible matching."
        ]
        assert (pairs(), len(matched)) == (["Ada Ben", "Cy Di"], 1)
        [proposal] = Proposal.objects.all()
        assert (proposal.created_by, BoardStep.objects.get().by) == (ann, ann)
        for match in Match.objects.all():
            assert (match.proposal, sum(match.affinity_parts.values())) == (
                proposal,
                match.affinity,
            )
            assert match.history.get().history_user == ann

    def test_saving_refuses_pairs_that_nobody_has_seen(self, client, ann, people):
        as_member(client, ann)
        client.get(PROPOSE)
        work_on(at_work().pk)
        seen = client.get(PROPOSE).context["seen"]
        create_match(people["Ada"], people["Di"])
        client.post(PROPOSE, {"seen": seen})
        run = at_work()
        work_on(run.pk)

        shown = words(client.get(of_run("proposal_run", run)))
        assert "Nothing was saved" in shown
        assert propose_module.CHANGED_MEANWHILE in shown
        assert (pairs(), Proposal.objects.count()) == (["Ada Di"], 0)

    def test_another_member_sees_that_one_is_running_and_whose(self, client, ann, member, people):
        as_member(client, ann)
        client.get(PROPOSE)
        run = at_work()

        as_member(client, member)
        assert client.get(PROPOSE).url == of_run("proposal_run", run)
        assert "Ann Lee started this at" in words(client.get(of_run("proposal_run", run)))
        answer = client.post(PROPOSE, {"seen": "x"}, follow=True)
        assert [str(message) for message in answer.context["messages"]] == [
            "Nothing is saved: Ann Lee has a proposal running. Wait until it is done."
        ]
        assert ProposalRun.objects.get() == run

    def test_anybody_cancels_it_and_nothing_is_changed(self, client, ann, member, people, matched):
        as_member(client, ann)
        client.get(PROPOSE)
        run = at_work()
        as_member(client, member)
        client.post(of_run("cancel_proposal", run))
        work_on(run.pk)

        as_member(client, ann)
        progress = client.get(of_run("proposal_progress", run))
        assert progress.headers["HX-Redirect"] == of_run("proposal_run", run)
        shown = words(client.get(of_run("proposal_run", run)))
        assert f"{member.username} canceled this proposal" in shown
        assert (matched, pairs()) == ([], [])

    def test_cancelling_too_late_says_how_to_take_it_back(self, client, ann, people):
        as_member(client, ann)
        run, _ = start_run(people["Ada"].program, ann, saves=True)
        work_on(run.pk)
        answer = client.post(of_run("cancel_proposal", run), follow=True)
        assert "It was too late to cancel." in str(next(iter(answer.context["messages"])))
        assert pairs() == ["Ada Ben", "Cy Di"]

    def test_what_keeps_it_from_being_made_is_said_in_words(
        self, client, ann, program, people, monkeypatch
    ):
        as_member(client, ann)
        Program.objects.update(affinity_weights={"hopes": "much"})
        client.get(PROPOSE)
        first = at_work()
        work_on(first.pk)
        assert "The weight of “hopes” is &#x27;much&#x27;" in words(
            client.get(of_run("proposal_run", first))
        )

        def fail(*args):
            raise MemoryError

        monkeypatch.setattr(propose_module, "_run", fail)
        client.get(PROPOSE)
        second = at_work()
        work_on(second.pk)
        shown = client.get(of_run("proposal_run", second))
        assert FAILED in words(shown)
        assert f'href="{PROPOSE}">Propose again</a>' in words(shown)

    def test_nobody_takes_it_and_the_page_says_so(self, client, ann, program, people):
        as_member(client, ann)
        client.get(PROPOSE)
        run = at_work()
        progress = of_run("proposal_progress", run)
        shown = client.get(of_run("proposal_run", run))
        assert "No worker has started" not in words(shown)
        ago = timezone.now() - datetime.timedelta(seconds=11)
        ProposalRun.objects.update(asked_at=ago)
        said = client.get(progress, {"shown": shown.context["shown"]}).content.decode()
        assert "No worker has started on this yet." in said
        assert "ask your host whether the worker is running, or cancel" in said

    def test_without_a_queue_the_page_does_it_itself(self, client, ann, people, monkeypatch):
        as_member(client, ann)
        monkeypatch.setattr(runs, "queue_answers", lambda: False)
        shown = client.get(PROPOSE)
        assert [f"{a} {b}" for a, b in shown.context["coming"]] == ["Ada Ben", "Cy Di"]
        client.post(PROPOSE, {"seen": shown.context["seen"]})
        assert (pairs(), ProposalRun.objects.count()) == (["Ada Ben", "Cy Di"], 0)

    def test_two_together_are_found_and_saved_by_a_worker(self, client, ann, people):
        as_member(client, ann)
        wish = {"mentor": people["Cy"].pk, "mentee": people["Ben"].pk}
        address = client.get(PROPOSE, wish).url
        assert "that pair Ben with Cy" in words(client.get(address))
        work_on(at_work().pk)
        shown = client.get(client.get(address).url)
        assert [f"{a} {b}" for a, b in shown.context["coming"]] == ["Ada Di", "Cy Ben"]
        client.post(PROPOSE, wish | {"seen": shown.context["seen"]})
        work_on(at_work().pk)
        assert pairs() == ["Ada Di", "Cy Ben"]
        assert Match.objects.get(locked=True).mentee == people["Ben"]

    def test_looking_for_the_head_alone_starts_nothing(self, client, ann, people):
        as_member(client, ann)
        assert client.head(PROPOSE).status_code == 200
        assert not ProposalRun.objects.exists()

    def test_what_takes_as_long_as_the_proposal_waits_until_it_is_asked_for(
        self, client, ann, program, people
    ):
        as_member(client, ann)
        ParticipantFactory(program=program, name="Gus", mentee=True)
        client.get(PROPOSE)
        work_on(at_work().pk)
        shown = client.get(PROPOSE)
        parts = ("what_if_form", "why", "trade_offs")
        assert [part in shown.context for part in parts] == [False] * 3
        asked = client.get(PROPOSE, {"why": 1})
        assert [part in asked.context for part in parts] == [True] * 3


class TestWorker:
    def test_it_shows_each_step_and_ends_at_the_next_one_when_cancelled(
        self, program, member, people, monkeypatch
    ):
        shown = []

        def show(job, done, total, words):
            shown.append((done, total, words))
            if "best pairs" in words:
                cancel_run(ProposalRun.objects.get(pk=run.pk), member)

        monkeypatch.setattr(runs, "show_progress", show)
        run, _ = start_run(program, member, saves=True)
        work_on(run.pk)

        assert shown == [
            (0, 500, "Step 1 of 5: Reading people and responses"),
            (100, 500, "Step 2 of 5: Comparing people"),
            (200, 500, "Step 3 of 5: Finding the best pairs, all priorities at once"),
        ]
        run.refresh_from_db()
        assert (run.outcome, run.cancelled_by, pairs()) == ("cancelled", member, [])

    def test_it_says_which_priorities_are_in_hand(self, program, member, monkeypatch):
        shown = []
        monkeypatch.setattr(runs, "show_progress", lambda job, *what: shown.append(what))
        run, _ = start_run(program, member)
        steps = runs._Steps(run, runs._FINDING)
        steps.solving(0, 2, 4)
        steps.solving(3, 1, 4)
        step = "Step 3 of 4: Finding the best pairs"
        assert shown == [
            (200, 400, f"{step}, priorities 1 to 2 of 4"),
            (275, 400, f"{step}, priority 4 of 4"),
        ]

    def test_a_task_that_comes_twice_works_once(self, program, member, people, matched):
        run, _ = start_run(program, member)
        ProposalRun.objects.update(taken_at=timezone.now())
        work_on(run.pk)
        assert matched == []

    def test_a_worker_that_is_at_it_gives_signs_of_life(self, monkeypatch):
        monkeypatch.setattr(jobs, "_SIGN_EVERY", 0.01)
        jobs.show_progress("a job of this test", 1, 2, "At it")
        first = jobs.progress_of("a job of this test", timezone.now())
        with jobs.alive("a job of this test"):
            deadline = timezone.now() + datetime.timedelta(seconds=20)
            while timezone.now() < deadline:
                now = jobs.progress_of("a job of this test", timezone.now())
                if now.moved > first.moved:
                    break
        assert (now.done, now.total, now.words, now.silent) == (1, 2, "At it", False)
        assert now.moved > first.moved

    def test_a_worker_that_was_killed_is_missed_and_another_may_start(
        self, client, program, member, people, monkeypatch
    ):
        as_member(client, member)
        run = ProposalRunFactory(program=program, by=member, saves=True, asked_at=timezone.now())
        ago = timezone.now() - datetime.timedelta(seconds=61)
        ProposalRun.objects.update(taken_at=ago)
        shown = client.get(of_run("proposal_run", run))
        assert "The worker has stopped" in words(shown)
        progress = of_run("proposal_progress", run)
        assert client.get(progress, {"shown": shown.context["shown"]}).status_code == 204

        again = client.post(of_run("repeat_proposal", run)).url
        assert again == of_run("proposal_run", at_work())
        run.refresh_from_db()
        assert (run.outcome, at_work().saves) == ("stopped", True)
        # Should the first one be alive after all, it saves nothing.
        steps = runs._Steps(run, runs._SAVING)
        for step in (steps.saving, lambda: steps.saved(None)):
            with pytest.raises(runs._Ended):
                step()
        work_on(at_work().pk)
        assert pairs() == ["Ada Ben", "Cy Di"]

    def test_one_that_is_at_work_is_not_started_again(self, client, program, member):
        as_member(client, member)
        run = ProposalRunFactory(program=program, asked_at=timezone.now(), taken_at=timezone.now())
        assert client.post(of_run("repeat_proposal", run)).url == of_run("proposal_run", run)
        assert ProposalRun.objects.get(ended_at=None) == run

    def test_few_runs_are_kept(self, program, member):
        for _ in range(runs.KEPT + 2):
            run, is_new = start_run(program, member)
            cancel_run(run, member)
            assert is_new
        assert ProposalRun.objects.count() == runs.KEPT

    def test_an_upgrade_forgets_what_the_matcher_before_it_found(self, program, member, people):
        run, _ = start_run(program, member)
        work_on(run.pk)
        assert runs.found_now(program) == run
        forget_found(apps)
        assert runs.found_now(program) is None

    def test_another_model_of_words_finds_anew(self, program, member, people, word_model, settings):
        run, _ = start_run(program, member)
        work_on(run.pk)
        assert runs.found_now(program) == run
        settings.MEANING_MODEL = ""
        assert runs.found_now(program) is None
        # One that cannot be used compares no words, and the result is that without a model.
        run, _ = start_run(program, member)
        work_on(run.pk)
        settings.MEANING_MODEL = "/another"
        assert runs.found_now(program) == run


def test_a_proposal_is_not_saved_over_one_that_came_first(program, member, people, monkeypatch):
    def run_after_another(inputs, watch):
        monkeypatch.setattr(propose_module, "_run", real)
        propose_module.propose(program, member)
        return real(inputs, watch)

    real = propose_module._run
    monkeypatch.setattr(propose_module, "_run", run_after_another)

    with pytest.raises(ValidationError) as refused:
        propose_module.propose(program)

    assert refused.value.messages == [
        f"{member.username} saved a proposal while this one was being made, so this one was not "
        "saved."
    ]
    assert Proposal.objects.get().created_by == member


def test_a_small_program_has_no_worker(client, ann, people, monkeypatch):
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE", 4)
    as_member(client, ann)
    shown = client.get(PROPOSE)
    create_match(people["Ada"], people["Di"])
    refused = client.post(PROPOSE, {"seen": shown.context["seen"]}, follow=True)
    assert refused.redirect_chain == [(PROPOSE, 302)]
    assert str(next(iter(refused.context["messages"]))) == propose_module.CHANGED_MEANWHILE
    assert pairs() == ["Ada Di"]
    client.post(PROPOSE, {"seen": refused.context["seen"]})
    assert (pairs(), ProposalRun.objects.count()) == (["Ada Ben", "Cy Di"], 0)
    assert Participant.objects.count() == 4


def test_with_a_model_fewer_people_are_too_many_for_a_page(program, people, monkeypatch, request):
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE", 4)
    monkeypatch.setattr(runs, "PEOPLE_AT_ONCE_BY_MEANING", 3)
    assert not runs.is_large(program)

    request.getfixturevalue("word_model")

    assert runs.is_large(program)
