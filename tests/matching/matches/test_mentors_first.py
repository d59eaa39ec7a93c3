"""Mentors who are asked first: asked, reminded, silent, accepting, declining."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from matching.domain.matches.asked import drafts_asked_about
from matching.domain.matches.changes import announce, change_mentor, create_match
from matching.domain.matches.mentor_answers import accept_mentee, decline_mentee, do_not_wait
from matching.domain.matches.people import read_people
from matching.models import Match, MentorAnswer
from mentorship.interfaces.decisions.registry import Settled, open_decisions, settle_case
from mentorship.interfaces.own_data import own_data
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.take_back import take_back
from notifications.domain.schedule_defaults import schedules_of
from notifications.domain.schedules.runs import run_schedules
from notifications.models import EmailLog, Schedule
from tests.factories import (
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2083, 7, 5, 19, tzinfo=datetime.UTC)  # 12:00 on the program's clock
DAY = datetime.timedelta(days=1)


@pytest.fixture
def program():
    return ProgramFactory(mentors_first=True, survey_opens_on=datetime.date(2083, 6, 14))


@pytest.fixture
def ada(program):
    return ParticipantFactory(
        program=program, name="Ada Lund", email="ada@freemail.example", capacity=3
    )


@pytest.fixture
def kim(program):
    return ParticipantFactory(
        program=program, name="Kim Sample", email="kim@freemail.example", mentee=True
    )


@pytest.fixture
def match(ada, kim):
    return create_match(ada, kim)


@pytest.fixture
def asked(program, match):
    """The match, about which its mentor was asked at noon."""
    queue_mail(program, "ask_mentor", now=NOON)
    EmailLog.objects.update(state="sent", sent_at=NOON)
    return match


def fresh(match):
    return Match.objects.select_related("mentor", "mentee").get(pk=match.pk)


def test_a_mentor_is_asked_once_about_each_draft(program, match):
    first = queue_mail(program, "ask_mentor")
    again = queue_mail(program, "ask_mentor")

    email = EmailLog.objects.get()
    assert (first.queued, again.queued) == (1, 0)
    assert (email.kind, email.recipients, email.subject) == (
        "ask_mentor",
        ["ada@freemail.example"],
        f"{program} mentorship: would you mentor Kim Sample?",
    )
    assert f"/p/{match.mentor.link_key}/asked/" in email.text_body
    assert "within 3 days" in email.text_body
    assert "kim@freemail.example" not in email.text_body + email.html_body


def test_nothing_is_announced_before_the_mentor_accepts(program, asked, ada):
    other = create_match(
        ParticipantFactory(program=program), ParticipantFactory(program=program, mentee=True)
    )
    waits = queue_mail(program, "match")
    why = drafts_asked_about(program)[0].words.rstrip(".")
    with pytest.raises(ValidationError, match="has not answered"):
        announce([asked])
    accept_mentee(ada, asked.pk)

    after = queue_mail(program, "match")

    assert waits.queued == 0
    assert {out["email"]: out["why"] for out in waits.left_out} == {
        "ada@freemail.example": why,
        "kim@freemail.example": why,
        other.mentor.email: f"{other.mentor} has not been asked yet",
        other.mentee.email: f"{other.mentor} has not been asked yet",
    }
    assert after.queued == 1
    assert (fresh(asked).status, fresh(other).status) == ("announced", "draft")


def test_without_the_switch_nobody_is_asked(program, match):
    program.mentors_first = False
    program.save()

    assert queue_mail(program, "ask_mentor").queued == 0
    assert queue_mail(program, "match").queued == 1


def test_a_decline_goes_back_to_the_board_and_is_remembered(program, asked, ada, kim):
    decline_mentee(ada, asked.pk, "We  worked together")

    assert (fresh(asked).status, fresh(asked).dissolved_why) == (
        "dissolved",
        "Ada Lund declined",
    )
    reason = read_people(program).exclusions.why(ada, kim)
    assert reason.detail == "Ada Lund was asked and declined"
    [decision] = open_decisions(program)
    [case] = decision.waiting.cases
    assert (decision.kind.name, case.who, case.detail, case.path) == (
        "declined",
        "Kim Sample",
        "Ada Lund declined: “We worked together”",
        f"{reverse('matching_board')}?mentee={kim.pk}&next=1#chosen",
    )
    create_match(ParticipantFactory(program=program), kim)
    assert open_decisions(program) == []


def test_a_question_that_is_settled_changes_nothing(program, asked, ada):
    decline_mentee(ada, asked.pk)
    for answer in (accept_mentee, decline_mentee):
        with pytest.raises(ValidationError, match="This question is settled"):
            answer(ada, asked.pk)

    assert MentorAnswer.objects.get().answer == "declined"


def test_a_mentor_who_has_accepted_may_decline_until_the_announcement(program, asked, ada):
    accept_mentee(ada, asked.pk)
    decline_mentee(ada, asked.pk)
    assert fresh(asked).status == "dissolved"


def test_an_announced_match_can_not_be_declined_here(program, asked, ada):
    accept_mentee(ada, asked.pk)
    announce([asked])
    with pytest.raises(ValidationError, match="This question is settled"):
        decline_mentee(ada, asked.pk)


def test_silence_is_shown_and_settled_on_the_dashboard(program, asked):
    MentorAnswer.objects.update(asked_at=timezone.now() - 30 * DAY)
    [decision] = open_decisions(program)
    [case] = decision.waiting.cases
    assert (decision.sentence, case.who) == ("1 mentor has not answered in time", "Ada Lund")
    assert case.detail.startswith("About Kim Sample. Ada Lund was asked on ")
    assert case.detail.endswith(" and has not answered. The time to answer is over.")

    said = settle_case("silent", Settled(program, case.key, "announce"))

    assert said == f"{asked} can be announced without the mentor’s answer."
    assert open_decisions(program) == []
    assert queue_mail(program, "match").queued == 1
    with pytest.raises(ValidationError):
        settle_case("silent", Settled(program, case.key, "announce"))


def test_a_silent_mentors_mentee_can_be_given_another(program, asked, kim):
    MentorAnswer.objects.update(asked_at=timezone.now() - 30 * DAY)

    said = settle_case("silent", Settled(program, str(asked.pk), "dissolve"))

    assert said == "Kim Sample is unmatched again. Find another mentor on the board."
    assert fresh(asked).dissolved_why == "Ada Lund did not answer"


@pytest.mark.parametrize(("days", "after"), [(3, 2), (1, 1)])
def test_one_reminder_goes_out_by_itself(program, asked, days, after):
    program.mentor_days = days
    program.save()
    schedule = next(s for s in schedules_of(program) if s.kind == "ask_mentor_again")
    schedule.is_on = True
    schedule.from_hour, schedule.to_hour = 0, 24
    schedule.save()

    before = run_schedules(NOON + after * DAY - datetime.timedelta(minutes=1))
    on_time = run_schedules(NOON + after * DAY)
    EmailLog.objects.filter(kind="ask_mentor_again").update(state="sent", sent_at=NOON)
    later = [run_schedules(NOON + (after + n) * DAY) for n in (1, 2)]

    assert (before, on_time, later) == (0, 1, [0, 0])
    assert EmailLog.objects.get(kind="ask_mentor_again").recipients == ["ada@freemail.example"]


def test_an_answer_cancels_the_reminder_that_waits(program, asked, ada):
    queue_mail(program, "ask_mentor_again", now=NOON + 2 * DAY)

    accept_mentee(ada, asked.pk)

    email = EmailLog.objects.get(kind="ask_mentor_again")
    assert (email.state, email.state_reason) == (
        "cancelled",
        "The question is settled: accepted.",
    )


def test_undoing_the_batch_is_as_if_nobody_was_asked(program, match):
    batch = queue_mail(program, "ask_mentor", rest_seconds=120).batch
    assert [one.waits for one in drafts_asked_about(program)] == [True]

    take_back(batch)

    assert not MentorAnswer.objects.exists()
    assert queue_mail(program, "ask_mentor").queued == 1


def test_a_mentor_is_not_asked_about_somebody_they_must_not_meet(program, match, kim):
    response = SurveyResponseFactory(participant=kim, rather_not_meet="Ada Lund")

    result = queue_mail(program, "ask_mentor")

    assert (result.queued, result.left_out) == (
        0,
        [
            {
                "email": "ada@freemail.example",
                "why": "Kim Sample would rather not meet Ada Lund",
            }
        ],
    )
    assert response.rather_not_meet == "Ada Lund"


def test_another_mentor_of_the_draft_is_asked_anew(program, asked, kim):
    bo = ParticipantFactory(program=program, name="Bo Ek", email="bo@freemail.example")
    change_mentor(asked, bo)

    assert queue_mail(program, "ask_mentor").queued == 1
    assert EmailLog.objects.latest("pk").recipients == ["bo@freemail.example"]


def test_what_a_mentor_answered_is_in_their_own_data_alone(program, asked, ada, kim):
    decline_mentee(ada, asked.pk, "No time")

    [row] = own_data(ada)["mentor_answers"]
    assert (row["mentee"], row["answer"], row["words"]) == ("Kim Sample", "declined", "No time")
    assert "Ada" not in str(own_data(kim))


class TestPages:
    def test_links_change_nothing_and_a_press_does(self, client, program, asked, ada):
        home = client.get(ada.personal_path)
        accept = reverse("answer_asked", args=[ada.link_key, asked.pk, "accept"])
        decline = reverse("answer_asked", args=[ada.link_key, asked.pk, "decline"])
        assert accept in home.content.decode()
        assert decline in home.content.decode()
        for link in (accept, decline):
            assert client.get(link).status_code == 200
            assert client.head(link).status_code == 200
        assert MentorAnswer.objects.get().answer == ""

        done = client.post(accept, follow=True)
        assert "You accepted." in done.content.decode()
        assert MentorAnswer.objects.get().answer == "accepted"

        gone = client.post(decline, {"words": "Too busy"}, follow=True)
        assert "Thank you for telling us" in gone.content.decode()
        assert MentorAnswer.objects.get().words == "Too busy"
        assert client.post(accept).status_code == 410

    def test_the_page_names_no_address_and_no_words_for_the_committee(
        self, client, program, asked, ada, kim
    ):
        SurveyResponseFactory(participant=kim, notes="Secret notes", rather_not_meet="none")
        kim.notes, kim.topics_wanted = "Secret notes", "Secret topic"
        kim.save()

        pages = [
            client.get(reverse("asked", args=[ada.link_key])),
            client.get(reverse("answer_asked", args=[ada.link_key, asked.pk, "accept"])),
        ]

        for page in pages:
            words = page.content.decode()
            assert "Kim Sample" in words
            assert "Secret" not in words
            assert kim.email not in words

    def test_a_draft_is_not_shown_before_the_mentor_is_asked(self, client, program, match, ada):
        page = client.get(reverse("asked", args=[ada.link_key]))
        answer = client.get(reverse("answer_asked", args=[ada.link_key, match.pk, "accept"]))

        assert "Kim" not in page.content.decode()
        assert answer.status_code == 410

    def test_nobody_else_answers(self, client, program, asked, kim):
        stranger = ParticipantFactory(program=ProgramFactory(mentors_first=True))
        other = ParticipantFactory(program=program)

        for person in (stranger, other, kim):
            url = reverse("answer_asked", args=[person.link_key, asked.pk, "accept"])
            assert client.post(url).status_code == 410
            assert "Ada" not in client.get(url).content.decode()
        assert MentorAnswer.objects.get().answer == ""

    def test_the_board_shows_the_answer_and_goes_on_without(self, client, program, asked, kim):
        user = MembershipFactory(program=program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        board = f"{reverse('matching_board')}?mentee={kim.pk}"
        assert "Ada Lund was asked on Jul 5" in client.get(board).content.decode()

        client.post(reverse("announce_anyway", args=[asked.pk]))

        row = MentorAnswer.objects.get()
        assert (row.answer, row.decided_by) == ("overridden", user)
        assert (
            "You decided not to wait for Ada Lund’s answer." in client.get(board).content.decode()
        )

    def test_other_committees_do_not_override(self, client, asked):
        user = MembershipFactory().user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        assert client.post(reverse("announce_anyway", args=[asked.pk])).status_code == 404
        assert MentorAnswer.objects.get().answer == ""


def test_do_not_wait_needs_a_draft(program, asked, ada):
    accept_mentee(ada, asked.pk)
    announce([asked])
    with pytest.raises(ValidationError, match="is not waiting for an answer"):
        do_not_wait(fresh(asked))
    assert Schedule.objects.count() == 0
