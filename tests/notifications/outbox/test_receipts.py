"""The receipt: each saving of the form is confirmed once, with what was answered."""

import datetime
import html

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from matching.domain.matches.changes import announce
from mentorship.domain.survey.answers import Answers
from mentorship.models import Question
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog, EmailTemplate
from tests.factories import (
    EmailTemplateFactory,
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    QuestionFactory,
    record_response,
)
from tests.notifications.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    program = ProgramFactory(starts_on="2090-07-10", ends_on="2090-07-16")
    QuestionFactory(program=program, text="First day free?", kind=Question.Kind.DATE)
    return ParticipantFactory(program=program, name="Ana Lima", mentee=True)


def typed(person, **given):
    program = person.program
    return {
        "seen": person.responses.values_list("pk", flat=True).first() or 0,
        "name": "Ana Lima",
        "short_name": "Ani",
        "role": "either",
        "attendance": "in_person",
        "expertise": [program.fields.first().pk],
        "sector": program.sectors.first().pk,
        "capacity": 1,
        "notes": "I like https://evil.example\nand ships",
        "rather_not_meet": "My boss",
        f"question_{program.questions.get().pk}": "2090-07-11",
    } | given


def receipts():
    rows = EmailLog.objects.filter(kind="receipt").order_by("pk")
    return list(rows.values_list("about", "state", "state_reason"))


def test_says_what_was_answered_and_where_to_change_it(client, ana, moody):
    client.post(ana.answers_path, typed(ana))
    deliver_due()
    (message,) = moody.messages
    assert message["Subject"] == f"{ana.program.name} mentorship: we have your answers"
    assert message["List-Unsubscribe"] is None
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    told = text.split("This is what you told us:")[1].lstrip().split("\n\n")[0]
    assert told.splitlines() == [
        "Name: Ana Lima",
        "Goes by: Ani",
        "Could take the other role: either is fine",
        "Attending: in person",
        "Fields: Physics/Astro/Chemistry",
        "Sector: Academia",
        "Mentees at most: 1",
        "Notes: I like https:\u200b//evil.\u200bexample and ships",
        "First day free?: July 11, 2090",
    ]
    assert "My boss" not in message.as_string()
    assert "who you'd rather not be matched with" in " ".join(text.split())
    assert f"http://localhost:8000/p/{ana.link_key}/" in text
    assert "Hi Ani," in text


def test_a_second_tap_gets_no_second_one_and_a_change_gets_its_own(client, ana, moody):
    first = typed(ana)
    for _ in range(2):
        client.post(ana.answers_path, first)
    deliver_due()
    client.post(ana.answers_path, typed(ana, notes="Changed"))
    deliver_due()
    about = list(ana.responses.order_by("pk").values_list("pk", flat=True))
    assert receipts() == [(pk, "sent", "") for pk in about]
    assert len(about) == len(moody.messages) == 2


def test_only_what_counts_is_confirmed(client, ana, moody):
    client.post(ana.answers_path, typed(ana))
    client.post(ana.answers_path, typed(ana, notes="Changed"))
    deliver_due()
    first, second = ana.responses.order_by("pk").values_list("pk", flat=True)
    assert receipts() == [
        (first, "cancelled", "Has answered again since."),
        (second, "sent", ""),
    ]


def test_who_leaves_is_told_that_it_worked(client, ana, moody):
    client.post(reverse("intake_goodbye", args=[ana.link_key]), {"why": "Ill"})
    deliver_due()
    (message,) = moody.messages
    assert message["Subject"] == f"{ana.program.name} mentorship: you're off the list"


def test_who_leaves_a_closed_form_is_not_sent_back_to_it(client, ana, moody):
    today = timezone.localdate(timezone=ana.program.zone)
    ana.program.survey_closes_on = today - datetime.timedelta(days=1)
    ana.program.accepts_late_answers = False
    ana.program.save()
    goodbye = reverse("intake_goodbye", args=[ana.link_key])
    asked = html.unescape(client.get(goodbye).content.decode())
    assert "use the same link again" not in asked
    assert 'If your plans change, write to <a href="mailto:mentors@conf.example">' in asked
    client.post(goodbye, {"why": "Ill"})
    deliver_due()
    (message,) = moody.messages
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert (
        "If that's a mistake, or your plans change, tell us, and we'll see what we can do" in text
    )
    assert ana.link_key not in text


def test_who_has_a_match_is_promised_no_other(client, ana, moody):
    ana.program.announce_on = datetime.date(2090, 7, 6)
    ana.program.save()
    announce([MatchFactory(program=ana.program, mentee=ana)])
    shown = html.unescape(client.post(ana.answers_path, typed(ana), follow=True).content.decode())
    assert ("What happens next" in shown, f'href="{ana.personal_path}">My page' in shown) == (
        False,
        True,
    )
    deliver_due()
    (message,) = moody.messages
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert "Your match stays as it is unless we email you about it." in text
    assert "Thursday, July 6" not in text


def test_an_import_confirms_nothing(ana):
    record_response(ana, Answers(role="mentee"), submitted_at=NOON, origin="import")
    assert receipts() == []


def test_nobody_queues_it_by_hand(ana):
    with pytest.raises(ValidationError, match="There is no kind of email “receipt”"):
        queue_mail(ana.program, "receipt")


def test_a_template_that_cannot_be_used_costs_no_answer(client, ana):
    EmailTemplateFactory(program=ana.program, kind="receipt", subject="x", body="x")
    EmailTemplate.objects.update(body="[go]({{ program.code_of_conduct_url }})")
    answer = client.post(ana.answers_path, typed(ana))
    assert answer.status_code == 302
    assert (ana.responses.count(), receipts()) == (1, [])
