"""Who gets which mail, who does not and why, and what is written of it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from matching.models import Match
from mentorship.domain.people.decisions import withdraw
from mentorship.models import Participant
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog, Kind
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    KeepApartFactory,
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    ScheduleFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2083, 6, 20, 19, tzinfo=datetime.UTC)  # noon in Los Angeles
State = EmailLog.State


def a_mail(kind, people, state=State.SENT, sent_at=NOON, **more):
    """A mail that the outbox has already."""
    mail = EmailLogFactory(
        program=people[0].program,
        kind=kind,
        state=state,
        sent_at=sent_at if state == State.SENT else None,
        recipients=[person.email for person in people],
        **more,
    )
    mail.people.set(people)
    return mail


def outcome(program, kind, now=NOON, **options):
    """What queueing said: how many, and who was left out, as (name, why)."""
    result = queue_mail(program, kind, now=now, **options).as_dict()
    names = dict(Participant.objects.values_list("email", "name"))
    return result["queued"], [(names[out["email"]], out["why"]) for out in result["left_out"]]


@pytest.fixture
def program(db):
    return ProgramFactory(announce_on=datetime.date(2083, 7, 5))


class TestSurvey:
    def test_invites_everyone_who_takes_part_and_has_neither_invitation_nor_answer(self, program):
        fresh = ParticipantFactory(program=program, name="Fresh")
        SurveyResponseFactory(participant__program=program, participant__name="Answered")
        withdraw(ParticipantFactory(program=program, name="Gone"), "ill")
        ParticipantFactory(program=program, name="Bounced", mail_bounced_at=NOON)
        ParticipantFactory(name="In another program")

        assert outcome(program, "survey") == (
            1,
            [
                ("Answered", "has answered"),
                ("Gone", "does not take part any more"),
                ("Bounced", "email to this address bounced"),
            ],
        )
        mail = EmailLog.objects.get()
        assert (mail.kind, mail.state, mail.recipients, mail.reply_to, mail.not_before) == (
            "survey",
            "queued",
            [fresh.email],
            "mentors@conf.example",
            NOON,
        )
        assert list(mail.people.all()) == [fresh]
        assert fresh.personal_path in mail.text_body
        assert fresh.personal_path in mail.html_body

    def test_asks_nobody_once_the_form_has_closed(self, program):
        program.survey_closes_on = datetime.date(2083, 6, 18)
        program.save()
        person = ParticipantFactory(program=program, name="Late")
        last_minute = datetime.datetime(2083, 6, 19, 6, 59, tzinfo=datetime.UTC)
        over = datetime.datetime(2083, 6, 19, 7, tzinfo=datetime.UTC)
        assert outcome(program, "survey", over, dry_run=True) == (1, [])

        program.accepts_late_answers = False
        program.save()
        closed = (0, [("Late", "the form has closed")])
        assert outcome(program, "survey", over) == closed
        assert outcome(program, "survey", last_minute, dry_run=True) == (1, [])
        a_mail("survey", [person], sent_at=over - datetime.timedelta(days=9))
        assert outcome(program, "reminder", over) == closed
        assert outcome(program, "reminder", last_minute) == (1, [])

    def test_queueing_twice_writes_nothing_new(self, program):
        ParticipantFactory(program=program, name="Fresh")
        assert outcome(program, "survey") == (1, [])
        assert outcome(program, "survey") == (0, [("Fresh", "is queued already")])
        assert EmailLog.objects.count() == 1

    def test_the_database_refuses_a_second_mail_for_one_reason(self, program):
        ParticipantFactory(program=program)
        queue_mail(program, "survey")
        about = EmailLog.objects.get().about
        with pytest.raises(IntegrityError), transaction.atomic():
            EmailLogFactory(program=program, about=about)

    def test_a_dry_run_says_the_same_and_writes_nothing(self, program):
        ParticipantFactory(program=program, name="Fresh")
        withdraw(ParticipantFactory(program=program, name="Gone"), "ill")
        assert outcome(program, "survey", dry_run=True) == (
            1,
            [("Gone", "does not take part any more")],
        )
        assert EmailLog.objects.count() == 0

    @pytest.mark.parametrize(
        ("state", "why"),
        [
            (State.SENDING, "is being sent"),
            (State.SENT, "was sent this already"),
            (State.FAILED, "could not be sent this; see the email that failed"),
            (State.UNCERTAIN, "may or may not have received this; see the outbox"),
            (State.HELD, "is on hold in the outbox"),
            (
                State.CANCELLED,
                "was canceled by hand; it can be queued again in the outbox",
            ),
        ],
    )
    def test_says_what_became_of_the_invitation_that_somebody_has(self, program, state, why):
        person = ParticipantFactory(program=program, name="Ann")
        a_mail("survey", [person], state, about=person.pk)
        assert outcome(program, "survey") == (0, [("Ann", why)])


class TestReminder:
    def invited(self, program, name, days_ago, **details):
        person = ParticipantFactory(program=program, name=name, **details)
        a_mail("survey", [person], sent_at=NOON - datetime.timedelta(days=days_ago))
        return person

    def test_goes_to_who_was_invited_long_enough_ago_and_has_not_answered(self, program):
        due = self.invited(program, "Due", 5)
        self.invited(program, "Recent", 4.99)
        answered = self.invited(program, "Answered", 9)
        SurveyResponseFactory(participant=answered)
        withdraw(self.invited(program, "Gone", 9), "ill")
        ParticipantFactory(program=program, name="Never invited")
        doubtful = ParticipantFactory(program=program, name="Doubtful")
        a_mail("survey", [doubtful], State.UNCERTAIN)
        queued = ParticipantFactory(program=program, name="Only queued")
        a_mail("survey", [queued], State.QUEUED)

        assert outcome(program, "reminder") == (
            1,
            [
                ("Recent", "was emailed recently; a reminder is due on June 20"),
                ("Answered", "has answered"),
                ("Gone", "does not take part any more"),
                ("Never invited", "has not been sent an invitation yet"),
                ("Doubtful", "the last email about the survey may or may not have arrived"),
                ("Only queued", "has not been sent an invitation yet"),
            ],
        )
        assert list(EmailLog.objects.get(kind=Kind.REMINDER).people.all()) == [due]

    def test_comes_at_most_as_often_as_the_program_says_and_never_two_at_once(self, program):
        person = self.invited(program, "Ann", 30)
        assert outcome(program, "reminder")[0] == 1
        assert outcome(program, "reminder") == (0, [("Ann", "is queued already")])
        EmailLog.objects.filter(kind="reminder").update(state=State.SENT, sent_at=NOON)
        assert outcome(program, "reminder") == (
            0,
            [("Ann", "was emailed recently; a reminder is due on June 25")],
        )
        later = NOON + datetime.timedelta(days=5)
        assert outcome(program, "reminder", later) == (1, [])
        EmailLog.objects.filter(state=State.QUEUED).update(state=State.SENT, sent_at=later)
        assert outcome(program, "reminder", later + datetime.timedelta(days=5)) == (
            0,
            [("Ann", "was reminded 2 times already")],
        )
        assert person.emails.count() == 3

    def test_never_after_the_day_of_the_announcement_on_the_programs_clock(self, program):
        self.invited(program, "Ann", 9)
        last_minute = datetime.datetime(2083, 7, 6, 6, 59, tzinfo=datetime.UTC)
        over = datetime.datetime(2083, 7, 6, 7, tzinfo=datetime.UTC)
        assert outcome(program, "reminder", over) == (
            0,
            [("Ann", "matches were to be announced on July 5")],
        )
        assert outcome(program, "reminder", last_minute) == (1, [])

    def test_a_change_to_summer_time_does_not_move_the_hour(self):
        program = ProgramFactory(time_zone="Europe/Berlin")
        ScheduleFactory(program=program, after_days=1)
        person = ParticipantFactory(program=program)
        # Noon in Berlin; the clocks go forward in the following night, so noon comes earlier.
        a_mail("survey", [person], sent_at=datetime.datetime(2083, 3, 27, 11, tzinfo=datetime.UTC))
        noon = datetime.datetime(2083, 3, 28, 10, tzinfo=datetime.UTC)
        assert outcome(program, "reminder", noon - datetime.timedelta(minutes=1))[0] == 0
        assert outcome(program, "reminder", noon)[0] == 1


class TestRole:
    def test_asks_whose_role_is_in_doubt_once_a_contradiction(self, program):
        ParticipantFactory(program=program, name="Sure")
        person = ParticipantFactory(program=program, name="Torn", survey_role="mentee")
        assert outcome(program, "role") == (1, [])
        assert outcome(program, "role") == (0, [("Torn", "is queued already")])
        mail = person.emails.get()
        assert "as a mentor. Now we have you down as a mentee. Either is welcome." in mail.text_body


class TestMatch:
    def pair(self, program, mentor="Max", mentee="Eve", **details):
        return MatchFactory(program=program, mentor__name=mentor, mentee__name=mentee, **details)

    def test_announces_drafts_and_queues_one_mail_to_both_in_the_variant_that_fits(self, program):
        meet = self.pair(program)
        one = self.pair(program, mentee__signup_attendance="virtual")
        both = self.pair(
            program,
            mentor__signup_attendance="virtual",
            mentee__signup_attendance="virtual",
        )
        assert outcome(program, "match") == (3, [])
        mails = {mail.match_id: mail for mail in EmailLog.objects.all()}
        assert {pk: mail.kind for pk, mail in mails.items()} == {
            meet.pk: "match_in_person",
            one.pk: "match_call",
            both.pk: "match_call",
        }
        assert "You'll both be at the conference in person" in mails[meet.pk].text_body
        assert "One of you is attending the conference virtually" in mails[one.pk].text_body
        assert "You are both attending the conference virtually" in mails[both.pk].text_body
        assert mails[meet.pk].recipients == [meet.mentor.email, meet.mentee.email]
        assert set(Match.objects.values_list("status", flat=True)) == {"announced"}
        assert Match.objects.filter(announced_at=None).count() == 0

    def test_one_variant_leaves_the_other_pairs_alone(self, program):
        meet = self.pair(program)
        call = self.pair(program, mentee__signup_attendance="virtual")
        assert outcome(program, "match-in-person") == (1, [])
        meet.refresh_from_db()
        call.refresh_from_db()
        assert (meet.status, call.status) == ("announced", "draft")

    def test_leaves_out_pairs_with_problems_and_says_which(self, program):
        gone = self.pair(program, "Max A", "Eve A")
        Participant.objects.filter(pk=gone.mentee_id).update(withdrawn_at=NOON)
        apart = self.pair(program, "Max B", "Eve B")
        KeepApartFactory(program=program, first=apart.mentor, second=apart.mentee)
        turned = self.pair(program, "Max C", "Eve C")
        Participant.objects.filter(pk=turned.mentor_id).update(decided_role="mentee")
        full = self.pair(program, "Max D", "Eve D")
        Participant.objects.filter(pk=full.mentor_id).update(capacity=0)
        self.pair(
            program,
            "Max E",
            "Eve E",
            mentor__email="max@cs.eastport.example",
            mentee__email="eve@eastport.example",
        )
        queued, left_out = outcome(program, "match")
        assert queued == 0
        assert [name for name, _ in left_out] == [
            f"{name} {letter}" for letter in "ABCDE" for name in ("Max", "Eve")
        ]
        whys = [why for _, why in left_out[::2]]
        assert whys[0] == "Eve A is no longer taking part"
        assert whys[2] == "Max C is now a mentee, not a mentor"
        assert whys[3] == "1 mentee, but Max D takes at most 0"
        assert "eastport.example" in whys[4]
        assert set(Match.objects.values_list("status", flat=True)) == {"draft"}
        assert EmailLog.objects.count() == 0

    def test_an_overruled_pair_of_colleagues_gets_its_mail(self, program):
        match = self.pair(
            program, mentor__email="max@eastport.example", mentee__email="eve@eastport.example"
        )
        KeepApartFactory(program=program, first=match.mentor, second=match.mentee, overruled=True)
        assert outcome(program, "match") == (1, [])

    def test_a_broken_text_announces_nothing(self, program, monkeypatch):
        match = self.pair(program)
        monkeypatch.setattr(
            "notifications.domain.outbox.queueing.text_for",
            lambda *_: type("Text", (), {"subject": "x", "body": "{{ nobody.knows }}"}),
        )
        with pytest.raises(ValidationError, match="This email template cannot be used"):
            queue_mail(program, "match")
        match.refresh_from_db()
        assert match.status == "draft"


class TestUnmatched:
    def test_goes_to_who_is_left_once_matches_are_announced(self, program):
        MatchFactory(program=program, mentor__name="Matched", mentee__name="Mentee")
        idle = ParticipantFactory(program=program, name="Idle")
        ParticipantFactory(program=program, name="Pausing", capacity=0)
        waiting = ParticipantFactory(program=program, name="Waiting", mentee=True)
        early = [("Matched", "has a match that is not announced yet")]
        assert outcome(program, "unmatched-mentor") == (
            0,
            [
                *early,
                ("Idle", "no match has been announced yet"),
                ("Pausing", "is not taking mentees"),
            ],
        )
        queue_mail(program, "match")
        assert outcome(program, "unmatched_mentor") == (
            1,
            [("Pausing", "is not taking mentees")],
        )
        assert outcome(program, "unmatched_mentee") == (1, [])
        assert list(idle.emails.values_list("kind", flat=True)) == ["unmatched_mentor"]
        assert list(waiting.emails.values_list("kind", flat=True)) == ["unmatched_mentee"]


class TestAfterTheAnnouncement:
    def told(self, program, **details):
        match = MatchFactory(
            program=program,
            mentor__name="Max",
            mentee__name="Eve",
            status="announced",
            announced_at=NOON,
            **details,
        )
        a_mail("match_in_person", [match.mentor, match.mentee], match=match)
        return match

    def test_a_check_in_goes_to_each_of_both_once_the_conference_runs(self, program):
        match = self.told(program)
        early = [(name, "the conference has not begun yet") for name in ("Max", "Eve")]
        assert outcome(program, "check_in") == (0, early)
        monday = datetime.datetime(2083, 7, 12, 19, tzinfo=datetime.UTC)
        assert outcome(program, "check_in", monday) == (2, [])
        assert "you and Eve should" in match.mentor.emails.get(kind="check_in").text_body

    def test_both_of_a_dissolved_match_hear_of_it_if_they_had_heard_of_the_match(self, program):
        match = self.told(program)
        untold = MatchFactory(program=program, status="dissolved", announced_at=NOON)
        assert outcome(program, "match_changed")[0] == 0
        Match.objects.filter(pk=match.pk).update(status="dissolved")
        queued, left_out = outcome(program, "match_changed")
        assert queued == 2
        assert left_out == [
            (untold.mentor.name, "was never told of this match"),
            (untold.mentee.name, "was never told of this match"),
        ]

    def test_feedback_is_asked_after_the_last_day_of_who_had_a_match(self, program):
        match = self.told(program)
        ParticipantFactory(program=program, name="Had none")
        FeedbackFactory(participant=match.mentee)
        after = datetime.datetime(2083, 7, 19, 19, tzinfo=datetime.UTC)
        assert outcome(program, "feedback") == (
            0,
            [("Max", "the conference is not over yet"), ("Eve", "has given feedback")],
        )
        assert outcome(program, "feedback", after) == (1, [("Eve", "has given feedback")])

    def test_who_reports_a_problem_hears_that_it_arrived(self, program):
        person = ParticipantFactory(program=program)
        ConcernFactory(participant=person, text="She does not answer")
        assert outcome(program, "problem_received") == (1, [])
        assert "I can’t reach my match: She does not answer" in person.emails.get().text_body


def test_an_unknown_kind_is_refused_with_those_there_are(program):
    with pytest.raises(ValidationError) as refused:
        queue_mail(program, "survay")
    assert refused.value.messages == [
        "There is no kind of email “survay”. Kinds: survey, reminder, role, ask_mentor, "
        "ask_mentor_again, match_in_person, match_call, unmatched_mentor, unmatched_mentee, "
        "match_changed, check_in, problem_received, feedback, match."
    ]


def test_a_silent_broker_does_not_stop_queueing(settings, django_capture_on_commit_callbacks):
    from celery import current_app

    program = ProgramFactory()
    ParticipantFactory(program=program)
    broker = current_app.conf.broker_url
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    current_app._after_fork()  # forget the connections to the broker there is
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert queue_mail(program, "survey").queued == 1
    finally:
        current_app.conf.broker_url = broker
        current_app._after_fork()
    assert list(EmailLog.objects.values_list("state", flat=True)) == ["queued"]
