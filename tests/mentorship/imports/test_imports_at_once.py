"""Two people import at the same moment, or one while somebody answers: each on a connection."""

import datetime
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from mentorship import tasks
from mentorship.domain.files.spreadsheets import read_file, read_table
from mentorship.domain.imports import drafts, jobs
from mentorship.domain.imports.drafts import run_draft, start_draft
from mentorship.domain.imports.kinds import run_import
from mentorship.domain.imports.responses import import_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.imports.undo import undo_import
from mentorship.domain.survey.answers import Answers
from mentorship.models import Import, Participant, SurveyResponse
from tests.conftest import until_somebody_waits_for_a_lock
from tests.factories import MembershipFactory, ProgramFactory, record_response

pytestmark = pytest.mark.django_db(transaction=True)

DEMO = Path(__file__).parents[3] / "mentorship" / "demo"
FIRST, SECOND = DEMO / "signups-2027-06-12.csv", DEMO / "signups-2027-07-01.csv"


@pytest.fixture
def program():
    return ProgramFactory()


def at_once(*jobs):
    """Run these, each in a thread with a connection of its own; give what each returned."""
    ready = threading.Barrier(len(jobs))
    results = [None] * len(jobs)

    def run(place):
        try:
            connection.ensure_connection()
            ready.wait()
            results[place] = jobs[place]()
        except Exception as error:  # the test compares what came out
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_export_twice_at_once_makes_everybody_once(program):
    reports = at_once(*[lambda: import_signups(program, read_file(FIRST))] * 3)
    counts = sorted((len(report.created), report.unchanged) for report in reports)
    assert counts == [(0, 77), (0, 77), (77, 0)]
    assert Participant.objects.count() == 77
    assert Participant.history.count() == 77


def test_two_exports_at_once_are_imported_one_after_the_other(program):
    early, late = at_once(
        lambda: import_signups(program, read_file(FIRST)),
        lambda: import_signups(program, read_file(SECOND)),
    )
    created = len(early.created), len(late.created)
    # Whichever came first made its people, the other one those whom it alone has.
    assert created in {(77, 8), (1, 84)}
    assert Participant.objects.count() == 85


def test_the_same_answers_twice_at_once_are_recorded_once(program):
    import_signups(program, read_file(SECOND))
    answers = read_file(DEMO / "survey-2027.csv")
    reports = at_once(*[lambda: import_responses(program, answers)] * 3)
    assert sorted(report.recorded for report in reports) == [0, 0, reports[0].people + 1]
    assert SurveyResponse.objects.count() == reports[0].people + 1


def test_an_import_waits_for_an_answer_and_leaves_what_it_says(program):
    def sheet(company: str):
        row = f"ada@freemail.example,Ada,Online,{company},mentor"
        text = f"Email,Name,Ticket,Company,Mentorship\n{row}"
        return read_table(text.encode(), "people.csv")

    import_signups(program, sheet("Blue Heron"))
    person = Participant.objects.get()
    started = threading.Event()

    def import_other():
        started.set()
        try:
            import_signups(program, sheet("Cedar Bank"))
        finally:
            connection.close()

    importing = threading.Thread(target=import_other)
    with transaction.atomic():
        moment = datetime.datetime(2027, 6, 20, tzinfo=datetime.UTC)
        said = Answers(role="mentor", affiliation="Harbor Lab")
        record_response(person, said, submitted_at=moment, origin="form")
        importing.start()
        started.wait()
        # SQLite lets nobody begin to write meanwhile, and has no way to ask who waits.
        if connection.vendor == "postgresql":
            until_somebody_waits_for_a_lock()
    importing.join()
    person.refresh_from_db()
    assert (person.affiliation, person.detail_sources["affiliation"]) == ("Harbor Lab", "survey")


def test_one_draft_pressed_three_times_at_once_is_imported_once(program):
    by = MembershipFactory(program=program).user
    draft = start_draft(program, "signups", by, FIRST.name, FIRST.read_bytes())
    results = at_once(*[lambda: run_draft(Import.objects.get(pk=draft.pk))] * 3)
    assert results == [None] * 3
    assert (Participant.objects.count(), Import.objects.get().state) == (77, "done")
    assert Participant.history.count() == 77


def test_an_import_is_undone_once_by_two_at_once(program):
    done = run_import(program, "signups", read_file(FIRST))[1]

    def undo():
        try:
            return undo_import(Import.objects.get(pk=done.pk)).state
        except ValidationError as error:
            return error.messages[0]

    again = "signups-2027-06-12.csv cannot be undone. It was already undone."
    assert sorted(at_once(undo, undo)) == [again, "undone"]
    assert not Participant.objects.exists()


def test_an_answer_at_the_same_moment_is_never_lost_to_an_undo(program):
    text = "Email,Name,Ticket,Mentorship\nada@freemail.example,Ada,Online,mentor\n"
    done = run_import(program, "signups", read_table(text.encode(), "people.csv"))[1]
    person = Participant.objects.get()
    started = threading.Event()
    refused = []

    def undo():
        started.set()
        try:
            undo_import(done)
        except ValidationError as error:
            refused.append(error.messages)
        finally:
            connection.close()

    undoing = threading.Thread(target=undo)
    with transaction.atomic():
        moment = datetime.datetime(2027, 6, 20, tzinfo=datetime.UTC)
        record_response(person, Answers(role="mentor"), submitted_at=moment, origin="form")
        undoing.start()
        started.wait()
        if connection.vendor == "postgresql":
            until_somebody_waits_for_a_lock()
    undoing.join()
    assert refused == [
        [
            "people.csv cannot be undone, because of Ada (ada@freemail.example: has a survey "
            "response since)."
        ]
    ]
    assert SurveyResponse.objects.get().participant == person


@pytest.mark.slow
def test_the_page_shows_how_far_a_worker_is_before_its_transaction_ends(
    client, program, monkeypatch, settings, tmp_path
):
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": tmp_path}}
    rows = "".join(f"p{n}@freemail.example,P,Online,mentor\n" for n in range(2500))
    by = MembershipFactory(program=program).user
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    content = f"Email,Name,Ticket,Mentorship\n{rows}".encode()
    monkeypatch.setattr(drafts, "hand_over", lambda *job: False)
    draft = start_draft(program, "signups", by, "people.csv", content)
    started = {"rows": 2500, "job": "run_import", "at": "2027-06-20T12:00:00+00:00"}
    Import.objects.update(progress=started)
    first_batch, page_read = threading.Event(), threading.Event()

    def show_and_wait(*args):
        jobs.show_progress(*args)
        first_batch.set()
        page_read.wait()

    def work():
        try:
            tasks.run_import(draft.pk)
        finally:
            connection.close()

    monkeypatch.setattr(drafts, "show_progress", show_and_wait)
    worker = threading.Thread(target=work)
    worker.start()
    first_batch.wait()
    page = client.get(f"/committee/people/imports/{draft.pk}/progress")
    people = Participant.objects.count()
    page_read.set()
    worker.join()
    assert "1,000 of 2,500 people (40 %)" in page.content.decode()
    assert (people, Participant.objects.count()) == (0, 2500)


def test_no_import_fails_for_its_bar(program, settings):
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    by = MembershipFactory(program=program).user
    draft = start_draft(program, "signups", by, FIRST.name, FIRST.read_bytes())
    started = {"rows": 77, "job": "run_import", "at": "2027-06-20T12:00:00+00:00"}
    Import.objects.update(progress=started)
    tasks.run_import(draft.pk)
    assert (Participant.objects.count(), Import.objects.get().state) == (77, "done")
