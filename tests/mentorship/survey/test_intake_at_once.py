"""Many people answer at the same moment, each over a connection of their own."""

import datetime
import threading
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.db import connection

from mentorship.domain.signals import responses_recorded
from mentorship.domain.survey.answers import Answers
from mentorship.models import Draft, Participant, SurveyResponse
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.conftest import free_port, until_somebody_waits_for_a_lock, wait_for_port
from tests.factories import ParticipantFactory, ProgramFactory, record_response

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def server(start_process) -> int:
    """The port of the web server as it runs for real: two processes of four threads."""
    port = free_port()
    start_process(
        *("-m", "gunicorn", "mentorship.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--threads", "4", "--log-level", "warning"),
    )
    wait_for_port(port)
    return port


def post_at_once(port: int, posts: list[tuple[str, dict]]) -> list[str]:
    """Send these forms when all senders are ready, and return where each is redirected."""
    ready = threading.Barrier(len(posts))
    ends = [""] * len(posts)

    def post(place: int) -> None:
        path, typed = posts[place]
        http = HTTPConnection("127.0.0.1", port, timeout=60)
        ready.wait()
        http.request("POST", path, urlencode(typed, doseq=True), FORM)
        response = http.getresponse()
        ends[place] = response.headers.get("Location") or response.read().decode()
        http.close()

    threads = [threading.Thread(target=post, args=[place]) for place in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.fixture
def program():
    return ProgramFactory()


def typed(program, **given):
    return {
        "role": "mentee",
        "attendance": "in_person",
        "expertise": [field.pk for field in program.fields.all()[:2]],
        "sector": program.sectors.first().pk,
    } | given


@pytest.mark.slow
def test_every_answer_is_kept(server, program):
    people = ParticipantFactory.create_batch(40, program=program)
    urls = [person.personal_path for person in people]
    posts = [(url, typed(program, notes=f"note {i}")) for i, url in enumerate(urls)]
    assert post_at_once(server, posts) == [f"{url}thanks/" for url in urls]
    rows = Participant.objects.order_by("pk").values_list("role", "notes", "responses__notes")
    assert list(rows) == [("mentee", f"note {i}", f"note {i}") for i in range(40)]


@pytest.mark.slow
def test_of_one_persons_many_answers_the_newest_counts(server, program):
    person = ParticipantFactory(program=program)
    url = person.personal_path
    fields = [field.pk for field in program.fields.all()]
    posts = [
        (url, typed(program, notes=f"note {i}", expertise=fields[i % 7 : i % 7 + 2]))
        for i in range(50)
    ]
    assert post_at_once(server, posts) == [f"{url}thanks/"] * 50
    kept = sorted(SurveyResponse.objects.values_list("notes", flat=True))
    assert kept == sorted(f"note {i}" for i in range(50))
    person.refresh_from_db()
    newest = person.responses.latest()
    assert person.notes == newest.notes
    assert list(person.fields.all()) == list(newest.fields.all())


def test_an_older_answer_waits_for_a_newer_one_and_does_not_override_it(program):
    person = ParticipantFactory(program=program)
    older_started = threading.Event()

    def record(hour: int, notes: str) -> None:
        moment = datetime.datetime(2083, 6, 20, hour, tzinfo=datetime.UTC)
        record_response(person, Answers(notes=notes), submitted_at=moment, origin="import")

    def record_older() -> None:
        older_started.set()
        try:
            record(9, "older")
        finally:
            connection.close()

    older = threading.Thread(target=record_older)

    def newer_is_recorded_but_not_committed(responses, **kwargs) -> None:
        if responses[0].notes == "newer":
            older.start()
            older_started.wait()
            # SQLite lets nobody begin to write meanwhile, and has no way to ask who waits.
            if connection.vendor == "postgresql":
                until_somebody_waits_for_a_lock()

    responses_recorded.connect(newer_is_recorded_but_not_committed)
    try:
        record(10, "newer")
    finally:
        responses_recorded.disconnect(newer_is_recorded_but_not_committed)
    older.join()
    kept = Participant.objects.order_by("-responses__submitted_at")
    assert list(kept.values_list("notes", "responses__notes")) == [
        ("newer", "newer"),
        ("newer", "older"),
    ]


@pytest.mark.slow
def test_everyone_has_one_response_and_one_receipt_while_a_worker_sends(server, program):
    people = ParticipantFactory.create_batch(20, program=program)
    drafts = [
        (f"{person.personal_path}draft/", typed(program, seen=0, version=0, notes="Half a"))
        for person in people
    ]
    kept = post_at_once(server, drafts)
    assert kept == ['{"version": 1}'] * 20
    done = threading.Event()

    def send() -> None:
        try:
            while not done.is_set():
                deliver_due()
        finally:
            connection.close()

    worker = threading.Thread(target=send)
    worker.start()
    taps = [(p.answers_path, typed(program, seen=0, notes=f"Whole {p.pk}")) for p in people]
    ends = post_at_once(server, [*taps, *taps])
    done.set()
    worker.join()
    deliver_due()
    assert ends == [f"{person.personal_path}thanks/" for person in people] * 2
    rows = SurveyResponse.objects.order_by("participant").values_list("participant", "notes")
    assert list(rows) == [(person.pk, f"Whole {person.pk}") for person in people]
    receipts = EmailLog.objects.filter(kind="receipt", state="sent").order_by("people")
    assert list(receipts.values_list("people", flat=True)) == [person.pk for person in people]
    assert not Draft.objects.exists()
