"""Ending reminders: the headers of a mail, what a mail program posts, and the person's own page."""

from email.message import Message

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.domain.people.decisions import allow_reminders, renew_link, stop_reminders
from mentorship.models import Participant
from notifications.domain.bounces.unsubscribing import unsubscribe
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.domain.transport.unsubscribe import unsubscribe_address
from notifications.models import EmailLog
from tests.factories import MatchFactory, MembershipFactory
from tests.notifications.conftest import NOON, invitations

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def person():
    return invitations(1)[0].people.get()


@pytest.fixture
def browser_less():
    """A mail program: no cookies, and CSRF is checked as in earnest."""
    return Client(enforce_csrf_checks=True)


def url_of(person):
    return reverse("intake_reminders", args=[person.link_key])


def states():
    return list(EmailLog.objects.order_by("pk").values_list("kind", "state", "state_reason"))


class TestHeaders:
    def test_a_survey_mail_can_be_ended_by_one_click(self, person, moody, settings):
        settings.SITE_URL = "https://mentors.example"
        Participant.objects.update(email="a+b@mail.example")
        deliver_due(clock=lambda: NOON)
        (message,) = moody.messages
        assert message["List-Unsubscribe"].strip() == (
            f"<https://mentors.example/p/{person.link_key}/reminders/>, "
            "<mailto:mentors@conf.example?subject=No%20more%20reminders%20for%20a%2Bb%40mail.example>"
        )
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_one_click_needs_https(self, person, moody):
        deliver_due(clock=lambda: NOON)
        assert moody.messages[0]["List-Unsubscribe-Post"] is None

    def test_other_mails_have_no_such_header(self, moody, settings):
        settings.SITE_URL = "https://mentors.example"
        queue_mail(MatchFactory().program, "match", now=NOON)
        deliver_due(clock=lambda: NOON)
        assert moody.messages[0]["List-Unsubscribe"] is None

    def test_no_header_can_be_added_by_an_address(self, person, moody, settings):
        settings.SITE_URL = "https://mentors.example"
        hostile = "x>\r\nBcc: <all@mail.example"
        EmailLog.objects.update(reply_to=hostile)
        Participant.objects.update(email=hostile)
        EmailLog.objects.update(recipients=[hostile])
        deliver_due(clock=lambda: NOON)
        assert moody.messages == []
        assert EmailLog.objects.get().state == "failed"


class TestPost:
    def test_one_click_ends_reminders_without_cookies_and_cancels_what_is_queued(
        self, person, browser_less
    ):
        answer = browser_less.post(url_of(person), ONE_CLICK)
        assert (answer.status_code, answer.cookies) == (200, {})
        assert "No more reminders" in answer.content.decode()
        person.refresh_from_db()
        assert person.unsubscribed_at is not None
        assert person.takes_part
        assert states() == [("survey", "cancelled", "Wants no more reminders.")]
        assert queue_mail(person.program, "survey", now=NOON).left_out == [
            {"email": person.email, "why": "wants no more reminders"}
        ]

    def test_it_may_come_as_a_form_with_parts_and_again_and_again(self, person, browser_less):
        parts = (
            '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
            "One-Click\r\n--b--\r\n"
        )
        for _ in range(3):
            answer = browser_less.generic(
                "POST", url_of(person), parts, content_type="multipart/form-data; boundary=b"
            )
            assert answer.status_code == 200
        person.refresh_from_db()
        since = person.unsubscribed_at
        stop_reminders(person)
        person.refresh_from_db()
        assert person.unsubscribed_at == since
        assert person.history.count() == 2  # as it was made, and once

    def test_looking_changes_nothing(self, person, browser_less):
        for method in (browser_less.get, browser_less.head):
            assert method(url_of(person)).status_code == 200
        assert browser_less.post(url_of(person)).status_code == 302
        assert browser_less.post(url_of(person), {"do": "everything"}).status_code == 302
        person.refresh_from_db()
        assert person.unsubscribed_at is None

    def test_a_revoked_link_ends_nothing(self, person, browser_less):
        old = url_of(person)
        renew_link(person)
        assert browser_less.post(old, ONE_CLICK).status_code == 404
        person.refresh_from_db()
        assert person.unsubscribed_at is None

    def test_search_engines_and_caches_keep_out(self, person, client):
        answer = client.get(url_of(person))
        assert (answer["X-Robots-Tag"], answer["Cache-Control"], answer["Referrer-Policy"]) == (
            "noindex, nofollow", "no-store, private", "no-referrer",
        )  # fmt: skip


def test_other_mails_still_come_and_reminders_can_be_allowed_again(person, moody):
    stop_reminders(person)
    match = MatchFactory(program=person.program, mentor=person)
    queue_mail(match.program, "match", now=NOON)
    allow_reminders(person)
    queue_mail(match.program, "survey", now=NOON)
    deliver_due(clock=lambda: NOON)
    assert sorted(states()) == [
        ("match_in_person", "sent", ""),
        ("survey", "cancelled", "Wants no more reminders."),
        ("survey", "sent", ""),
        ("survey", "sent", ""),
    ]


def test_the_committee_sees_it_and_can_lift_it(person, client):
    stop_reminders(person)
    user = MembershipFactory(program=person.program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:mentorship_participant_change", args=[person.pk]))
    assert "No reminders since" in page.content.decode()
    people = reverse("admin:mentorship_participant_changelist") + "?answered=unsubscribed"
    listed = client.get(people)
    assert list(listed.context["cl"].queryset) == [person]
    assert '<span class="cm-state cm-warning">no reminders</span>' in listed.content.decode()
    client.post(reverse("decide_on_person", args=[person.pk]), {"do": "reminders"})
    person.refresh_from_db()
    assert person.unsubscribed_at is None


def test_the_committee_stops_somebodys_reminders(person, client):
    user = MembershipFactory(program=person.program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:mentorship_participant_change", args=[person.pk]))
    assert "Stop reminders" in page.content.decode()
    client.post(reverse("decide_on_person", args=[person.pk]), {"do": "no_reminders"})
    person.refresh_from_db()
    assert person.unsubscribed_at is not None
    assert states() == [("survey", "cancelled", "Wants no more reminders.")]


class TestAddress:
    @pytest.fixture(autouse=True)
    def read(self, settings):
        settings.BOUNCE_IMAP_URL = "imap+ssl://mentors:x@mail.example/INBOX"
        settings.DEFAULT_FROM_EMAIL = "Mentors <mentors@conf.example>"

    def message(self, header: str, to: str, **headers: str) -> Message:
        message = Message()
        message[header] = to
        for name, value in headers.items():
            message[name] = value
        return message

    def test_stands_in_the_header_and_ends_reminders_without_a_subject(self, person, moody):
        deliver_due(clock=lambda: NOON)
        address = unsubscribe_address(person)
        assert f"<mailto:{address}?subject=unsubscribe>" in moody.messages[0]["List-Unsubscribe"]
        assert address.startswith(f"mentors+stop-{person.pk}-")
        assert address.endswith("@conf.example")
        assert unsubscribe(self.message("To", f"<{address}>", Subject="")) is True
        person.refresh_from_db()
        assert person.unsubscribed_at is not None

    def test_is_found_where_a_server_notes_it(self, person):
        assert unsubscribe(self.message("Delivered-To", unsubscribe_address(person))) is True

    def test_of_nobody_ends_nothing(self, person):
        address = unsubscribe_address(person)
        made_up = f"mentors+stop-{person.pk}-000000000000@conf.example"
        for message in (
            self.message("To", made_up),
            self.message("To", "mentors@conf.example", Subject=address),
            self.message("From", address),
        ):
            assert unsubscribe(message) is False
        person.refresh_from_db()
        assert person.unsubscribed_at is None


@pytest.mark.slow
def test_in_a_browser_it_is_one_button_with_a_way_back_and_a_way_out(
    person, phone, live_server, accessible
):
    phone.goto(url_of(person))
    accessible(phone)
    phone.get_by_role("button", name="Stop reminders").click()
    phone.get_by_role("heading", name="No more reminders").wait_for()
    accessible(phone)
    phone.get_by_role("button", name="Turn reminders back on").click()
    phone.get_by_role("button", name="Stop reminders").wait_for()
    person.refresh_from_db()
    assert person.unsubscribed_at is None
    phone.get_by_role("link", name="I can’t take part after all").click()
    phone.get_by_role("heading", name="You can’t take part after all?").wait_for()
