"""What is logged belongs to its request or task, and has nobody's data in it."""

import json
import logging
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.urls import reverse

from mentorship.celery import app
from mentorship.logs import LineFormatter, ObjectFormatter, belonging_to, current, scrub
from tests.factories import ParticipantFactory, UserFactory

PERSON = "Zzyzx Quux"


@pytest.fixture
def log():
    """What the root logger writes, by both formatters."""
    written = {"line": [], "json": []}

    class Handler(logging.Handler):
        def emit(self, record):
            written["line"].append(LineFormatter().format(record))
            written["json"].append(json.loads(ObjectFormatter().format(record)))

    handler = Handler()
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_texts_are_scrubbed_of_addresses_keys_and_rows():
    assert scrub("Refused: zzyzx+1@mail.example, at /p/Ab_9-x/answers/ for <a@b.example>") == (
        "Refused: (address), at /p/(key)/answers/ for <(address)>"
    )
    assert scrub("null value\nDETAIL:  Failing row contains (1, Zzyzx Quux).\nend") == (
        "null value\nDETAIL: (left out)\nend"
    )
    assert scrub("redis://127.0.0.1:6379/0 does not answer") == (
        "redis://127.0.0.1:6379/0 does not answer"
    )


def test_an_error_is_told_by_its_kind_and_place_without_what_it_quotes(log):
    try:
        try:
            raise KeyError(PERSON)
        except KeyError as error:
            raise ValidationError(f"{PERSON} has no role") from error
    except ValidationError as error:
        logging.getLogger("x").exception("Task raised unexpected: %r", error)

    (line,), (entry,) = log["line"], log["json"]
    assert PERSON not in line + json.dumps(entry)
    assert entry["message"] == "Task raised unexpected: (its message is left out)"
    assert entry["error"].count("test_logs.py") == 2
    assert [part for part in entry["error"].splitlines() if "left out" in part] == [
        "builtins.KeyError: (its message is left out)",
        "django.core.exceptions.ValidationError: (its message is left out)",
    ]


def test_what_a_server_says_stays(log):
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        logging.getLogger("x").exception("No")
    assert log["json"][0]["error"].endswith("django.db.utils.OperationalError: connection refused")


def test_a_task_has_its_number(log):
    @app.task
    def say():
        logging.getLogger("x").warning("at work")

    say.apply(task_id="task-7")
    assert (log["json"][0]["request_id"], log["json"][0]["message"]) == ("task-7", "at work")
    assert " [task-7] at work" in log["line"][0]
    assert current() == "-"


def test_a_request_within_another_does_not_lose_it():
    with belonging_to("a"):
        with belonging_to("b"):
            assert current() == "b"
        assert current() == "a"


@pytest.mark.django_db
def test_a_request_is_logged_by_its_route_and_number(client, log, caplog, settings):
    caplog.set_level(logging.INFO)
    settings.TRUST_PROXY = True
    person = ParticipantFactory(name=PERSON)

    answer = client.get(f"/p/{person.link_key}/?q={PERSON}", headers={"X-Request-ID": "proxy-0001"})
    made_up = client.get("/nowhere/", headers={"X-Request-ID": f"{PERSON}\n"})
    client.get("/healthz")
    settings.TRUST_PROXY = False
    stranger = client.get("/robots.txt", headers={"X-Request-ID": "stranger-0001"})
    member = UserFactory(is_staff=True)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    own = client.get(reverse("own_account"))

    assert answer["X-Request-ID"] == "proxy-0001"
    assert uuid.UUID(made_up["X-Request-ID"])
    entries = [entry for entry in log["json"] if entry["logger"] == "mentorship.requests"]
    assert [
        (e["request_id"], e["method"], e["route"], e["status"], e.get("account")) for e in entries
    ] == [
        ("proxy-0001", "GET", "p/<slug:key>/", answer.status_code, None),
        (made_up["X-Request-ID"], "GET", "(none)", 404, None),
        (stranger["X-Request-ID"], "GET", "robots.txt", 200, None),
        (own["X-Request-ID"], "GET", "committee/account/", 200, member.pk),
    ]
    assert uuid.UUID(stranger["X-Request-ID"])
    assert all(entry["ms"] >= 0 for entry in entries)
    everything = "".join(log["line"]) + json.dumps(log["json"])
    assert PERSON not in everything
    assert person.link_key not in everything
