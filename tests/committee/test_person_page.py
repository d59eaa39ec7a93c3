"""A person's page: everything that happened, in the order of time, and what to do next."""

import datetime

import pytest
from django.urls import reverse

from matching.models import Concern, Match
from mentorship.domain.people import decisions
from mentorship.interfaces.timeline.registry import next_step, timeline_of
from mentorship.models import Participant, ResearchTurn
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.resending import resend
from notifications.models import EmailLog, Kind
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db


def noon(day):
    return datetime.datetime(2083, 6, day, 12, tzinfo=datetime.UTC)


@pytest.fixture
def program():
    return ProgramFactory()


def test_everything_is_in_the_order_of_time(program):
    ada = ParticipantFactory(
        program=program, name="Ada", registered_at=noon(1), ticket="Student", affiliation="Eastport"
    )
    user = MembershipFactory(program=program, user__username="sofia").user
    decisions.save_details(
        Participant(pk=ada.pk, email=ada.email, name=ada.name, affiliation="Westport"),
        ["affiliation"],
    )
    ada.history.filter(history_type="+").update(history_date=noon(1))
    ada.history.filter(history_type="~").update(history_date=noon(6), history_user=user)
    mail = EmailLogFactory(program=program, kind=Kind.SURVEY, state="sent", sent_at=noon(2))
    mail.people.set([ada])
    SurveyResponseFactory(participant=ada, submitted_at=noon(4))
    SurveyResponseFactory(participant=ada, submitted_at=noon(5))
    ResearchTurn.objects.create(
        program=program,
        participant=ada,
        outcome="found",
        ended_at=noon(3),
        ended_by=user,
        source="https://eastport.example",
    )
    match = MatchFactory(program=program, mentor=ada, mentee__name="Bo", announced_at=noon(8))
    Match.objects.update(created_at=noon(7), dissolved_at=noon(11))
    ConcernFactory(participant=ada, match=match, text="No answer")
    Concern.objects.update(
        created_at=noon(9), settled_at=noon(10), settled_by=user, status="settled", outcome="Called"
    )
    feedback = FeedbackFactory(participant=ada, rating=4)
    type(feedback).objects.update(created_at=noon(12))
    ada.refresh_from_db()

    assert [(event.when.day, event.words, event.detail) for event in timeline_of(ada)] == [
        (1, "Signed up as a mentor", "Student"),
        (2, "Survey invitation: sent", mail.subject),
        (3, "Was looked up", "filled in, by sofia. Source: https://eastport.example"),
        (4, "Answered the survey", "through the form here"),
        (5, "Answered again", "through the form here"),
        (6, "Affiliation changed, by sofia", "Eastport → Westport"),
        (7, "Was matched with Bo", ""),
        (8, "The match with Bo was announced", ""),
        (9, "Asked for help: I can’t reach my match", "No answer"),
        (10, "The help request was settled, by sofia", "Called"),
        (11, "The match with Bo was dissolved", ""),
        (12, "Gave feedback", "4 of 5"),
    ]


def test_what_to_do_next_is_the_most_pressing(program):
    ada = ParticipantFactory(program=program, name="Ada")

    def sentence():
        step = next_step(Participant.objects.get(pk=ada.pk))
        return step and step.sentence

    assert sentence() == "Invite them to the survey."
    EmailLogFactory(program=program, state="sent", sent_at=noon(2)).people.set([ada])
    assert sentence() == (
        "Nothing is known about them yet: look them up, unless they still answer."
    )
    SurveyResponseFactory(participant=ada)
    assert sentence() is None
    other = MatchFactory(program=program)
    assert sentence() == "Find a match for them."
    mine = MatchFactory(program=program, mentor=ada)
    assert sentence() == "Review their match and announce it."
    Match.objects.filter(pk=mine.pk).update(status=Match.Status.ANNOUNCED)
    assert sentence() == "Nothing: their match is announced."
    Participant.objects.filter(pk=ada.pk).update(survey_role="mentee")
    assert sentence() == "Decide on their role."
    mentee = mine.mentee
    left = ConcernFactory(participant=mentee, match=mine, kind="cannot_take_part", origin="change")
    for person in (ada, mentee):
        assert next_step(person).sentence == f"Decide about their match: {mentee} withdrew."
    left.delete()
    ConcernFactory(participant=ada, match=mine)
    assert sentence() == "Help them: they are waiting for an answer."
    assert next_step(other.mentor).sentence == "Invite them to the survey."


def test_who_knows_a_former_address_is_introduced_again(program):
    program.ends_on = datetime.date(2090, 7, 18)
    program.save()
    match = MatchFactory(program=program, mentee__name="Bo")
    SurveyResponseFactory(participant=match.mentor)
    queue_mail(program, "match")
    mail = EmailLog.objects.get()
    EmailLog.objects.update(state="sent", sent_at=noon(2))

    def step():
        found = next_step(Participant.objects.get(pk=match.mentor_id))
        return found.sentence, found.path

    done = ("Nothing: their match is announced.", "")
    assert step() == done
    match.mentor.email = "ada@new.example"
    decisions.save_details(match.mentor, ["email"])
    assert step() == (
        "Resend their introduction: it gave Bo a former address.",
        f"{reverse('resend_mail')}?emails={mail.pk}",
    )
    resend(program, [mail.pk], "Another address")
    assert step() == done


def test_the_page_shows_it_and_escapes_what_people_wrote(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    ada = ParticipantFactory(program=program, name="<b>" + "Ada " * 49, committee_notes="shy")
    ConcernFactory(participant=ada, text="<script>alert(1)</script>")

    page = client.get(reverse("admin:mentorship_participant_change", args=[ada.pk]))

    text = page.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert(1)</script>" not in text
    assert "<strong>Next:</strong> Help them: they are waiting for an answer." in text
    assert "Private note of the committee" in text
