"""People's data is kept until the day that is promised: reminders, the end, and nothing is left."""

import datetime
import signal
import threading

import pytest
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from committee.domain.anonymise import anonymise_program
from committee.domain.retention import keep_promises
from committee.domain.traces import clean_up
from committee.interfaces.decisions import find_kept_too_long
from committee.tasks import keep_promises as look
from matching.domain.exclusions.past_pairs import count_waiting, exclude_past_pairs, remember_pairs
from matching.models import KeepApart, PastPair
from mentorship.domain.people.decisions import decide_role, save_details
from mentorship.models import CleanUp, DataAccess, Program, ProgramAnonymised
from notifications.domain.outbox.worker import deliver_due
from notifications.domain.transport.message import build_message, message_id
from notifications.models import EmailLog
from tests.committee.test_anonymise import PLANTED, fill, leaks, plant
from tests.conftest import until_somebody_waits_for_a_lock
from tests.factories import (
    EmailLogFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
)

at_once = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


@pytest.fixture
def over():
    """A program whose data is kept until August 5."""
    return ProgramFactory(
        name="Conf 2026",
        slug="conf-2026",
        starts_on=datetime.date(2026, 7, 1),
        ends_on=datetime.date(2026, 7, 5),
        time_zone="UTC",
        kept_months=1,
    )


@pytest.fixture
def chair(over):
    return MembershipFactory(program=over, level="chair", user__email="chair@conf.example").user


def on(day, month=8, hour=12):
    return datetime.datetime(2026, month, day, hour, tzinfo=datetime.UTC)


def reminders():
    rows = EmailLog.objects.filter(kind="retention").order_by("pk")
    return list(rows.values_list("subject", flat=True))


def send_all(now):
    waiting = EmailLog.objects.filter(kind="retention", state="queued")
    waiting.update(state="sent", claimed_at=now, sent_at=now)


def test_chairs_are_reminded_14_and_3_days_before_and_once_each(over, chair):
    MembershipFactory(program=over, user__email="member@conf.example")
    MembershipFactory(program=over, level="chair", user__email="")
    said = "Conf 2026: people’s data is kept until August 5, 2026"

    counts = []
    for now in (on(21, 7), on(22, 7), on(23, 7), on(1), on(2), on(3), on(6), on(20)):
        keep_promises(now)
        counts.append(len(reminders()))

    assert counts == [0, 1, 1, 1, 2, 2, 2, 2]
    assert reminders() == [said, said]
    mail = EmailLog.objects.first()
    assert mail.recipients == ["chair@conf.example"]
    assert "Nothing happens by itself." in mail.text_body
    assert reverse("anonymise_program", args=["conf-2026"]) in mail.text_body
    over.refresh_from_db()
    assert over.anonymised_at is None


def test_beat_looks_every_hour():
    task = PeriodicTask.objects.get(task__startswith="committee.")
    assert (task.task, str(task.interval), task.enabled) == (look.name, "every 3600 seconds", True)


def test_a_reminder_is_for_chairs_and_for_the_day_that_holds(over, chair, smtp):
    keep_promises(on(2))
    over.kept_months = 2
    over.save()
    deliver_due(clock=lambda: on(2))
    assert [mail.state for mail in EmailLog.objects.all()] == ["cancelled"]

    keep_promises(on(3, 9))
    deliver_due(clock=lambda: on(3, 9))

    assert [message["To"] for message in smtp.messages] == ["chair@conf.example"]
    assert [str(m["Subject"]).strip() for m in smtp.messages] == [
        "Conf 2026: people’s data is kept until September 5, 2026"
    ]


def test_a_program_that_says_so_ends_by_itself(over, chair):
    Program.objects.update(anonymises_itself=True)
    person = ParticipantFactory(program=over, name="Ada")
    keep_promises(on(2))
    assert "It will be anonymized by itself on August 6, 2026." in EmailLog.objects.get().text_body
    send_all(on(2))

    assert [keep_promises(on(day)) for day in (3, 4, 5)] == [0, 0, 0]
    person.refresh_from_db()
    assert person.name == "Ada"
    assert keep_promises(on(6)) == 1
    person.refresh_from_db()
    assert person.name == f"Participant {person.pk}"
    entry = DataAccess.objects.get(program=over)
    assert (entry.what, entry.user, entry.number) == ("anonymised", None, 1)
    assert keep_promises(on(7)) == 0


def test_never_without_a_warning_three_days_before(over, chair):
    """A server that was off for a month, or a setting that comes late, surprises nobody."""
    Program.objects.update(anonymises_itself=True)
    assert keep_promises(on(20)) == 0
    assert keep_promises(on(25)) == 0, "the reminder is still in the outbox"
    send_all(on(25))
    assert [keep_promises(on(day)) for day in (26, 27)] == [0, 0]
    assert keep_promises(on(28)) == 1


def test_what_is_in_the_way_is_told_to_the_chairs_once(over, chair):
    Program.objects.update(anonymises_itself=True)
    keep_promises(on(2))
    send_all(on(2))
    stuck = EmailLogFactory(program=over, state="uncertain")

    assert [keep_promises(on(day)) for day in (6, 7)] == [0, 0]

    assert reminders()[1:] == ["Conf 2026: people’s data could not be anonymized"]
    told = EmailLog.objects.filter(kind="retention").order_by("pk").last()
    assert "1 email is uncertain. Say first whether it arrived." in told.text_body
    send_all(on(7))
    EmailLog.objects.filter(pk=stuck.pk).update(state="sent", sent_at=on(7))
    assert keep_promises(on(8)) == 1


def test_the_dashboard_says_what_comes(over, chair, monkeypatch):
    def said(today, **changes):
        Program.objects.update(**changes)
        over.refresh_from_db()
        monkeypatch.setattr(
            "committee.interfaces.decisions.timezone.localdate", lambda timezone: today
        )
        return [case.detail for case in find_kept_too_long(over, 3).cases]

    promise = "Its pages promise that people’s data is kept until August 5, 2026."
    assert said(datetime.date(2026, 7, 21)) == []
    assert said(datetime.date(2026, 7, 22)) == [promise]
    EmailLogFactory(program=over)
    assert said(datetime.date(2026, 8, 6)) == [
        f"{promise} 1 email is still in the outbox, queued or on hold. Send or cancel it first."
    ]
    assert said(datetime.date(2026, 8, 6), anonymised_at=on(6)) == []


def test_automatically_needs_a_time():
    program = ProgramFactory.build(anonymises_itself=True)
    with pytest.raises(ValidationError, match="Say first how many months"):
        program.full_clean()


def test_what_was_uploaded_and_never_confirmed_goes_too(over):
    from tests.factories import ImportFactory

    draft = ImportFactory(program=over, state="draft", imported_at=None, content=b"Ada")
    type(draft).objects.update(created_at=on(1))
    keep_promises(on(2))
    assert not type(draft).objects.exists()


def write_as_file(mail, folder):
    mail.message_id = message_id(mail)
    mail.save()
    box = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    box.send_messages([build_message(mail)])


def in_files(folder, mark):
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and mark in path.read_bytes()
    ]


@at_once
def test_not_a_byte_of_anybody_is_left(over, settings, tmp_path, caplog):
    """In no table, no session, no file under VAR_DIR (SQLite's own among them), and no log."""
    settings.MAIL_DIR = settings.VAR_DIR / "mail"
    settings.EMAIL_FILE_PATH = settings.MAIL_DIR
    fill(over)
    assert plant() > 50
    ours, theirs = EmailLog.objects.get(), EmailLogFactory(subject="Of another program")
    for mail in (theirs, ours):
        write_as_file(mail, settings.MAIL_DIR)
    session = SessionStore()
    session[SessionStorage.session_key] = f"{PLANTED} is a mentor."
    session["program"] = over.pk
    session.save()
    mark = PLANTED.encode()
    assert len(in_files(settings.VAR_DIR, mark)) >= 1 + (connection.vendor == "sqlite")

    anonymise_program(over)

    assert leaks() == []
    assert in_files(settings.VAR_DIR, mark) == []
    assert len(in_files(settings.VAR_DIR, b"Of another program")) >= 1
    assert [s.get_decoded() for s in Session.objects.all()] == [{"program": over.pk}]
    assert PLANTED not in caplog.text
    assert not CleanUp.objects.exists()


@at_once
def test_what_a_process_that_died_has_left_is_cleaned_up_by_the_next(over, settings, tmp_path):
    settings.MAIL_DIR = settings.EMAIL_FILE_PATH = tmp_path
    mail = EmailLogFactory(program=over, state="sent", sent_at=on(1), subject=PLANTED)
    write_as_file(mail, tmp_path)
    CleanUp.objects.create(program=over, emails=[mail.pk])

    keep_promises(on(1, 6))

    assert in_files(tmp_path, PLANTED.encode()) == []
    assert not CleanUp.objects.exists()
    assert clean_up() == 0


def in_another_thread(act):
    """Start `act`, which may raise, on its own connection; return thread and what it raised."""
    raised = []

    def run():
        try:
            act()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def wait_for_each_other():
    # SQLite lets nobody begin to write meanwhile, and has no way to ask who waits.
    if connection.vendor == "postgresql":
        until_somebody_waits_for_a_lock()


@at_once
def test_an_email_that_somebody_causes_at_the_same_moment_stops_it(over):
    """What a participant sends, and the email that it calls for, are there before it or not."""
    person = ParticipantFactory(program=over, name="Ada")
    with transaction.atomic():
        Program.objects.in_use(over.pk)
        thread, raised = in_another_thread(lambda: anonymise_program(over))
        wait_for_each_other()
        mail = EmailLogFactory(program=over)
    thread.join(30)

    assert raised[0].messages == [
        "1 email is still in the outbox, queued or on hold. Send or cancel it first."
    ]
    mail.refresh_from_db()
    person.refresh_from_db()
    assert (mail.state, mail.subject, person.name) == ("queued", "Hello", "Ada")


@at_once
def test_who_writes_while_it_goes_on_finds_it_done(over):
    person = ParticipantFactory(program=over, name="Ada")
    person.name = "Ada Lovelace"
    with transaction.atomic():
        anonymise_program(over)
        thread, raised = in_another_thread(lambda: save_details(person, ["name"]))
        wait_for_each_other()
    thread.join(30)

    assert isinstance(raised[0], ProgramAnonymised)
    person.refresh_from_db()
    assert person.name == f"Participant {person.pk}"
    with pytest.raises(ProgramAnonymised, match="Conf 2026 is anonymized"):
        decide_role(person, "mentor")


@at_once
def test_what_a_participant_sends_while_it_goes_on_is_not_taken(over):
    person = ParticipantFactory(program=over, name="Ada")
    answers = []

    def send():
        path = f"{person.personal_path}goodbye/"
        answers.append(Client().post(path, {"why": "my own words"}).status_code)

    with transaction.atomic():
        anonymise_program(over)
        thread, raised = in_another_thread(send)
        wait_for_each_other()
    thread.join(30)

    assert (answers, raised) == ([404], [])
    person.refresh_from_db()
    assert (person.withdrawn_why, person.withdrawn_at) == ("", None)


@at_once
def test_no_email_leaves_an_anonymized_program(over, smtp):
    """Somebody presses “Send again” while it goes on: it is queued, and stopped all the same."""
    anonymise_program(over)
    mail = EmailLogFactory(program=over, state="queued", not_before=on(1))

    assert deliver_due().sent == 0

    mail.refresh_from_db()
    assert (mail.state, mail.state_reason) == ("cancelled", "The program is anonymized.")
    assert smtp.messages == []


@at_once
def test_a_worker_that_sends_and_somebody_who_anonymizes_have_one_outcome(over, smtp, settings):
    """Eight rounds, each with a worker and an anonymizing at once: sent whole, or not at all."""
    outcomes = set()
    for _ in range(8):
        EmailLog.objects.all().delete()
        Program.objects.update(anonymised_at=None)
        smtp.messages.clear()
        mail = EmailLogFactory(
            program=over, kind="test", about=0, state="queued", not_before=on(1), subject="Ada"
        )
        worker, failed = in_another_thread(deliver_due)
        chair, raised = in_another_thread(lambda: anonymise_program(over))
        worker.join(30)
        chair.join(30)
        assert failed == []
        mail.refresh_from_db()
        over.refresh_from_db()
        refused = any(isinstance(error, ValidationError) for error in raised)
        outcomes.add((mail.state, refused, mail.subject == "Ada", over.anonymised_at is None))
    assert outcomes <= {("cancelled", True, True, True), ("cancelled", False, False, False)}


@pytest.mark.slow
@at_once
@pytest.mark.once
def test_killed_in_the_middle_nothing_is_done_and_again_it_is_whole(over, start_process):
    fill(over)
    before = leaks_of_names()
    with transaction.atomic(), connection.cursor() as cursor:
        # Near the end of it: names are replaced by then.
        cursor.execute("LOCK TABLE notifications_emailreply IN EXCLUSIVE MODE")
        process = start_process("manage.py", "anonymise_program", "--program", over.slug, "--yes")
        until_somebody_waits_for_a_lock()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)

    assert leaks_of_names() == before
    assert Program.objects.get(pk=over.pk).anonymised_at is None
    call_command("anonymise_program", "--program", over.slug, "--yes")
    assert leaks_of_names() == []


def leaks_of_names():
    from mentorship.models import Participant

    return list(Participant.objects.filter(name__in=["Ada", "Bo"]).values_list("name", "email"))


class TestEarlierPairs:
    def test_next_year_knows_them_without_their_addresses(self, over):
        """A pair stays excluded, and the address of whoever has not come back is in no table."""
        match = MatchFactory(
            program=over,
            mentor=ParticipantFactory(program=over, email="ada@one.example"),
            mentee=ParticipantFactory(program=over, email="bo@two.example", mentee=True),
        )
        type(match).objects.update(status="announced", announced_at=on(1, 7))
        later = ProgramFactory()
        pair = [("ada@one.example", "bo@two.example")]
        remember_pairs(later, pair, "matched in Conf 2026")
        bo = ParticipantFactory(program=later, email="bo@two.example", mentee=True)

        anonymise_program(over)

        kept = PastPair.objects.get(program=later)
        assert "bo@two.example" in (kept.first_email, kept.second_email)
        assert "ada@one.example" not in (kept.first_email, kept.second_email)
        assert count_waiting(later) == 1
        ada = ParticipantFactory(program=later, email="ada@one.example")
        exclude_past_pairs(later, [ada.pk])
        apart = KeepApart.objects.get(program=later)
        assert {apart.first, apart.second} == {ada, bo}
        assert count_waiting(later) == 0

    def test_given_again_they_are_one(self, over):
        ParticipantFactory(program=over, email="ada@one.example")
        later = ProgramFactory()
        pair = [("ada@one.example", "bo@two.example")]
        remember_pairs(later, pair, "matched in Conf 2026")
        anonymise_program(over)

        assert remember_pairs(later, pair, "a file").new == 0
        assert PastPair.objects.filter(program=later).count() == 1


def test_who_presses_a_button_on_an_old_page_is_told(client, over, chair):
    person = ParticipantFactory(program=over, name="Ada")
    client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
    anonymise_program(over)

    answer = client.post(
        reverse("decide_on_person", args=[person.pk]),
        {"do": "withdraw", "value": "moved"},
        follow=True,
    )

    assert "anonymized" in " ".join(map(str, answer.context["messages"]))
