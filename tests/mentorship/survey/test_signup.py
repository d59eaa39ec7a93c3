"""Open sign-up, and “Send me my link”: answered at the address alone, the same for everyone."""

import datetime
import re
import threading

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.signup import tokens
from mentorship.domain.signup.limits import may_ask
from mentorship.domain.signup.requests import send_link
from mentorship.interfaces.own_data import own_data
from mentorship.models import Participant, RecentRequest
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queued")]
TODAY = timezone.localdate()
WEEK = datetime.timedelta(weeks=1)


@pytest.fixture
def program():
    return ProgramFactory(
        slug="now", open_signup=True, starts_on=TODAY + WEEK, ends_on=TODAY + 2 * WEEK
    )


def opened(seconds=10):
    """Return what a form holds that was opened so many seconds ago."""
    return tokens.opened_token(timezone.now() - datetime.timedelta(seconds=seconds))


def post(client, name, *args, email="new@freemail.example", **said):
    said = {"email": email, "opened": opened(), "website": "", **said}
    return client.post(reverse(name, args=args), said)


def link_in(email):
    return re.search(r"https?://[^/]+(/[^\s)>]+)", email.text_body)[1]


def whole(response):
    """Return all that a visitor can tell of an answer, but for its number, which is its own."""
    headers = {**response.headers, "X-Request-ID": None}
    return response.status_code, response.get("Location"), response.content, headers


def test_signing_up_from_the_address_to_the_form(client, program, queued):
    sent = post(client, "signup", "now", email="New.Person@Freemail.example ")
    assert sent["Location"] == reverse("signup_sent", args=["now"])
    queued.work()
    assert Participant.objects.count() == 0
    email = EmailLog.objects.get()
    assert (email.kind, email.recipients, list(email.people.all())) == (
        "signup",
        ["new.person@freemail.example"],
        [],
    )

    link = link_in(email)
    for _ in range(2):  # a scanner follows it, too
        assert "new.person@freemail.example" in client.get(link).content.decode()
    assert Participant.objects.count() == 0
    missing = client.post(link, {"name": " "})
    assert "Enter your name." in missing.content.decode()
    done = client.post(link, {"name": "New Person", "role": "mentee", "attendance": "in_person"})

    person = Participant.objects.get()
    assert done["Location"] == person.answers_path
    assert (person.program, person.email, person.name, person.role, person.attendance) == (
        program,
        "new.person@freemail.example",
        "New Person",
        "mentee",
        "in_person",
    )
    assert person.signed_up_openly_at
    again = client.post(link, {"name": "Other", "role": "mentor", "attendance": "virtual"})
    assert "You’re signed up already" in again.content.decode()
    assert Participant.objects.get().name == "New Person"
    assert "Signed up on the public page" in str(own_data(person))


def test_the_answer_is_the_same_whether_an_address_is_known(client, program, queued):
    """Each asks the same of the database, too: by the time that it takes one could tell."""
    ParticipantFactory(program=program, email="here@freemail.example")
    ParticipantFactory(program=program, email="gone@freemail.example", withdrawn_at=timezone.now())
    asked = ["here@freemail.example", "gone@freemail.example", "never@freemail.example"]

    for name, args in (("signup", ["now"]), ("send_link", [])):
        answers = []
        for email in asked:
            with CaptureQueriesContext(connection) as queries:
                answer = whole(post(client, name, *args, email=email))
            answers.append((answer, [query["sql"].split(" ")[:4] for query in queries]))
        assert answers[0] == answers[1] == answers[2]
        assert client.cookies == {}
    assert EmailLog.objects.count() == 0

    queued.work()
    emails = EmailLog.objects.order_by("pk").values_list("kind", "recipients")
    assert [(kind, to) for kind, [to] in emails] == [
        ("link", "here@freemail.example"),
        ("link", "gone@freemail.example"),
        ("signup", "never@freemail.example"),
        ("link", "here@freemail.example"),
        ("link", "gone@freemail.example"),
    ]


def test_the_link_goes_to_the_address_on_file_of_each_program_that_still_has_pages(
    client, program, queued
):
    other = ProgramFactory(starts_on=TODAY, ends_on=TODAY)
    over = ProgramFactory(starts_on=TODAY - 60 * WEEK, ends_on=TODAY - 59 * WEEK)
    erased = ProgramFactory(starts_on=TODAY, ends_on=TODAY, anonymised_at=timezone.now())
    people = [
        ParticipantFactory(program=one, email="me@freemail.example")
        for one in (program, other, over, erased)
    ]

    post(client, "send_link", email="ME@freemail.example")
    queued.work()

    emails = EmailLog.objects.order_by("pk")
    assert [(link_in(email), email.recipients) for email in emails] == [
        (person.personal_path, ["me@freemail.example"]) for person in people[:2]
    ]


@pytest.mark.usefixtures("no_queue")
def test_without_a_queue_the_links_are_emailed_at_once(client, program):
    ParticipantFactory(program=program, email="here@freemail.example")

    post(client, "send_link", email="here@freemail.example")
    post(client, "signup", "now")

    assert list(EmailLog.objects.order_by("pk").values_list("kind", flat=True)) == [
        "link",
        "signup",
    ]


def test_a_sign_up_that_closes_before_a_worker_comes_to_it_is_told_nothing(client, program, queued):
    post(client, "signup", "now")
    program.open_signup = False
    program.save()
    queued.work()

    assert EmailLog.objects.count() == 0


@pytest.mark.parametrize(
    "said",
    [
        {"website": "https://spam.example"},
        {"opened": ""},
        {"opened": "nonsense"},
        {"opened": signing.dumps(0, salt="other")},
        {"seconds": 0},
        {"seconds": 24 * 3600},
    ],
)
def test_what_no_person_sends_is_asked_once_more(client, program, said):
    if "seconds" in said:
        said = {"opened": opened(said["seconds"])}

    answer = post(client, "signup", "now", **said)

    words = answer.content.decode()
    assert "Please press the button once more." in words
    assert 'value="new@freemail.example"' in words
    assert "spam.example" not in words
    assert EmailLog.objects.count() == 0


def test_an_address_gets_three_emails_an_hour_and_nobody_is_told(client, program, queued):
    answers = [whole(post(client, "signup", "now")) for _ in range(4)]
    queued.work()

    assert answers.count(answers[0]) == 4
    assert EmailLog.objects.count() == 3
    RecentRequest.objects.update(at=timezone.now() - datetime.timedelta(hours=2))
    post(client, "signup", "now")
    queued.work()
    assert EmailLog.objects.count() == 4


def test_a_visitor_has_twenty_requests_an_hour(client, program):
    answers = [
        post(client, "send_link", email=f"p{n}@freemail.example").status_code for n in range(21)
    ]

    assert answers == [302] * 20 + [429]
    assert "127.0.0.1" not in str(list(RecentRequest.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_the_limit_counts_what_several_processes_let_through():
    allowed = []

    def ask():
        try:
            allowed.append(may_ask("visitor", "one", 3))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(allowed) <= 3
    assert len(allowed) == 8
    assert not may_ask("visitor", "one", 3)


@pytest.mark.parametrize("state", ["closed", "over", "erased", "none"])
def test_a_program_that_is_not_open_gives_nothing_away(client, program, state):
    token = tokens.signup_token(program, "new@freemail.example")
    if state == "closed":
        program.open_signup = False
    elif state == "over":
        program.starts_on = program.ends_on = TODAY - WEEK
    elif state == "erased":
        program.anonymised_at = timezone.now()
    program.save()
    slug = "none" if state == "none" else "now"
    if state == "none":
        program.delete()

    said = {"name": "New", "role": "mentee", "attendance": "virtual"}
    for answer in (
        client.get(reverse("signup", args=[slug])),
        post(client, "signup", slug),
        client.get(reverse("signup_sent", args=[slug])),
        client.get(reverse("confirm_signup", args=[token])),
        client.post(reverse("confirm_signup", args=[token]), said),
    ):
        assert answer.status_code == 404
        words = answer.content.decode()
        assert "Sign-up isn’t open here" in words
        assert program.name not in words
        assert reverse("send_link") in words
    assert (Participant.objects.count(), EmailLog.objects.count()) == (0, 0)


def test_a_forged_or_old_token_leads_on(client, program):
    token = tokens.signup_token(program, "new@freemail.example")
    forged = [token[:-2] + "xx", "x", signing.dumps([program.pk, "a@b.example"], salt="other")]

    for one in forged:
        answer = client.post(
            reverse("confirm_signup", args=[one]),
            {"name": "New", "role": "mentee", "attendance": "virtual"},
        )
        assert answer.status_code == 410
        assert "This link has expired" in answer.content.decode()
    assert Participant.objects.count() == 0


def test_a_token_ends_after_two_days(monkeypatch, client, program):
    token = tokens.signup_token(program, "new@freemail.example")
    monkeypatch.setattr(
        "django.core.signing.time.time", lambda: timezone.now().timestamp() + 172_801
    )

    assert tokens.read_signup_token(token) is None
    assert client.get(reverse("confirm_signup", args=[token])).status_code == 410


def test_an_unconfirmed_sign_up_is_not_sent_once_it_is_pointless(program, client, queued):
    post(client, "signup", "now")
    queued.work()
    ParticipantFactory(program=program, email="new@freemail.example")

    deliver_due()

    email = EmailLog.objects.get()
    assert (email.state, email.state_reason) == ("cancelled", "Is in the program by now.")


def test_the_committee_sees_who_has_no_ticket_and_imports_leave_them(client, program):
    person = ParticipantFactory(
        program=program,
        email="new@freemail.example",
        name="New Person",
        signed_up_openly_at=timezone.now(),
        detail_sources={"name": "survey"},
    )
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    people = reverse("admin:mentorship_participant_changelist")

    def marked():
        return client.get(f"{people}?part=open").context["cl"].result_count

    def importing(email, name):
        row = Row(2, [email, name, "mentee", "In person", "T1"])
        heads = ["Email", "Name", "Mentorship", "Ticket", "Order"]
        import_signups(program, Table("tickets.csv", heads, [row]))
        person.refresh_from_db()

    assert marked() == 1
    assert "signed up without a ticket" in client.get(people).content.decode()
    page = client.get(reverse("admin:mentorship_participant_change", args=[person.pk]))
    assert "No ticket is known yet." in page.content.decode()

    importing("somebody@freemail.example", "Somebody Else")
    assert person.missing_since is None
    importing("new@freemail.example", "New Person")
    assert marked() == 0


def test_a_new_link_can_be_emailed(client, program):
    person = ParticipantFactory(program=program, email="me@freemail.example")
    before = person.link_key
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(
        reverse("decide_on_person", args=[person.pk]), {"do": "send_link"}, follow=True
    )

    person.refresh_from_db()
    assert person.link_key != before
    assert [str(m) for m in answer.context["messages"]] == [
        f"{person} gets a new link by email. The old one no longer works."
    ]
    assert link_in(EmailLog.objects.get()) == person.personal_path


def test_a_link_that_changes_while_its_email_waits_is_written_anew(program):
    person = ParticipantFactory(program=program, email="me@freemail.example")
    send_link(person)

    renewed = send_link(person)

    assert [link_in(email) for email in EmailLog.objects.all()] == [renewed.personal_path] * 2


def test_lost_and_revoked_links_lead_to_sending_it(client, program):
    person = ParticipantFactory(program=program)
    old = person.personal_path
    send_link(person)

    for path in (old, "/p/unknown/", "/"):
        assert f'href="{reverse("send_link")}"' in client.get(path).content.decode()
