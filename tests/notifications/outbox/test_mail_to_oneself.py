"""A test mail goes to whoever asked for it, and counts for nobody else."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from committee.domain.numbers import count
from notifications.domain.outbox.mail_to_oneself import queue_test
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog, EmailTemplate, Kind
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory
from tests.notifications.conftest import NOON, later

pytestmark = pytest.mark.django_db
EDITOR = reverse("mail_text", args=["survey"])


@pytest.fixture
def program():
    return ProgramFactory(mails_per_minute=0)


@pytest.fixture
def member(program):
    return MembershipFactory(program=program, user__email="ann@committee.example").user


@pytest.fixture
def page(client, member):
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(program, member, now=NOON, kind=Kind.SURVEY, body="Dear {{ person.called }}", **text):
    return queue_test(program, member, kind, **{"subject": "Hi", "body": body, "now": now, **text})


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_goes_to_the_member_alone_by_the_way_of_every_mail(program, member, moody):
    person = ParticipantFactory(program=program)
    ask(program, member)
    assert deliver_due(clock=lambda: NOON).as_dict() == {
        "sent": 1, "failed": 0, "uncertain": 0, "left": 0,
    }  # fmt: skip
    assert [to for _, to in moody.envelopes] == [["ann@committee.example"]]
    assert moody.messages[0]["Subject"] == "[Test] Hi"
    mail = EmailLog.objects.get()
    assert (mail.text_body, list(mail.people.all())) == ("Dear Robin\n", [])
    # The person has been sent nothing yet, and is asked as if there had been no test.
    assert count(program).invited == 0
    assert queue_mail(program, "survey").queued == 1
    assert person.emails.count() == 1


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_tried(program, member, kind):
    from notifications.domain.content.templates import default_text

    text = default_text(kind)
    mail = ask(program, member, kind=kind, subject=text.subject, body=text.body)
    assert (mail.kind, mail.recipients) == ("test", [member.email])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda user: user.memberships.all().delete(),
            "The account that asked for this test is not on the committee any more.",
        ),
        (
            lambda user: type(user).objects.update(email="new@committee.example"),
            "The account that asked for this test has another address now.",
        ),
        (
            lambda user: user.delete(),
            "The account that asked for this test is not on the committee any more.",
        ),
    ],
    ids=["left", "moved", "gone"],
)
def test_does_not_leave_to_somebody_else(program, member, moody, change, why):
    ask(program, member)
    change(member)
    deliver_due(clock=lambda: NOON)
    assert moody.messages == []
    mail = EmailLog.objects.get()
    assert (mail.state, mail.state_reason) == ("cancelled", why)


def test_sixth_within_ten_minutes_has_to_wait(program, member):
    for second in range(5):
        ask(program, member, now=later(seconds=second))
    with pytest.raises(ValidationError) as refused:
        ask(program, member, now=later(minutes=9))
    assert refused.value.messages == [
        "You have sent yourself 5 tests within ten minutes. The next one can go at 12:10 PM."
    ]
    other = MembershipFactory(program=program, user__email="bob@committee.example").user
    ask(program, other, now=later(minutes=9))
    ask(program, member, now=later(minutes=10))
    assert EmailLog.objects.count() == 7


def test_what_is_typed_is_tried_and_stays_unsaved_in_the_form(page, program):
    typed = {"subject": "Hi", "body": "Dear {{ person.name }}", "test": "yes", "sample": "single"}
    response = page.post(EDITOR, typed)
    mail = EmailLog.objects.get()
    assert (mail.subject, mail.text_body) == ("[Test] Hi", "Dear Robin\n")
    link = reverse("admin:notifications_emaillog_change", args=[mail.pk])
    assert said(response) == [
        "A test email to ann@committee.example is on its way. "
        f'<a class="cm-link" href="{link}">See it</a>'
    ]
    assert (response.context["subject"], response.context["body"]) == (
        typed["subject"],
        typed["body"],
    )
    assert EmailTemplate.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "body", "sentence"),
    [
        (
            "",
            "Dear",
            "Your account has no email address, so a test email has nowhere to go. "
            "Ask the person who manages this site’s accounts to enter it.",
        ),
        (
            "ann@committee.example",
            "{{ person.nam }}",
            "Line 1: There is no placeholder {{ person.nam }} for this kind of email. "
            "Did you mean {{ person.name }}?",
        ),
    ],
    ids=["no address", "a mistake"],
)
def test_says_why_there_is_none(page, member, address, body, sentence):
    member.email = address
    member.save()
    response = page.post(EDITOR, {"subject": "Hi", "body": body, "test": "yes"})
    assert said(response) == [sentence]
    assert EmailLog.objects.count() == 0


def test_bulk_page_sends_one_of_a_variant_and_keeps_the_chosen_matches(page, program):
    response = page.post(reverse("test_mail_text", args=["match_call"]) + "?only=1%2C2")
    assert response.url == reverse("send_match") + "?only=1%2C2"
    mail = EmailLog.objects.get()
    assert (mail.kind, mail.recipients) == ("test", ["ann@committee.example"])
    assert mail.not_before - timezone.now() < datetime.timedelta(seconds=1)
