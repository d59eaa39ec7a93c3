"""A mail whose reason is gone does not leave, whatever took it away."""

import datetime

import pytest

from matching.domain.matches.changes import dissolve
from matching.models import Concern, Match, MentorAnswer
from mentorship.domain.people.decisions import (
    decide_role,
    rejoin,
    renew_link,
    save_details,
    withdraw,
)
from mentorship.domain.signals import responses_recorded
from mentorship.models import Participant, Program, SurveyResponse
from notifications.domain.outbox import decisions
from notifications.domain.outbox.on_request import queue_link, queue_signup
from notifications.domain.outbox.queueing import queue_mail, queue_receipts
from notifications.domain.outbox.worker import drop_what_nobody_decided
from notifications.models import EmailLog, Kind
from notifications.tasks import run_schedules
from tests.factories import (
    CheckInFactory,
    ConcernFactory,
    FeedbackFactory,
    KeepApartFactory,
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    ScheduleFactory,
    SurveyResponseFactory,
)
from tests.notifications.conftest import NOON, announced_pair, deliver, invitations, later, states

pytestmark = pytest.mark.django_db


class TestStale:
    """For each kind the reason goes away between queueing and sending, unseen by a signal.

    Each method makes the reason of a mail, and gives its program and what takes the reason away.
    """

    def survey(self):
        person = ParticipantFactory(program__mails_per_minute=0)
        return person.program, lambda: SurveyResponseFactory(participant=person)

    def reminder(self):
        program, stop = self.survey()
        queue_mail(program, "survey", now=later(days=-9))
        EmailLog.objects.update(state="sent", sent_at=later(days=-9))
        return program, stop

    def reminder_after_the_announcement(self):
        program, _ = self.reminder()
        return program, lambda: Program.objects.update(announce_on=later(days=-1).date())

    def role(self):
        person = ParticipantFactory(survey_role="mentee", program__mails_per_minute=0)
        return person.program, lambda: Participant.objects.update(decided_role="mentee")

    def match(self):
        match = MatchFactory(program__mails_per_minute=0)
        return match.program, lambda: Match.objects.update(status="dissolved", dissolved_at=NOON)

    def ann_and_bob(self):
        return MatchFactory(program__mails_per_minute=0, mentor__name="Ann", mentee__name="Bob")

    def match_kept_apart(self):
        match = self.ann_and_bob()
        return match.program, lambda: KeepApartFactory(
            program=match.program, first=match.mentor, second=match.mentee
        )

    def match_back_to_draft(self):
        match = MatchFactory(program__mails_per_minute=0)
        return match.program, lambda: Match.objects.update(status="draft", announced_at=None)

    def match_withdrawn(self):
        match = self.ann_and_bob()
        return match.program, lambda: Participant.objects.filter(pk=match.mentee_id).update(
            withdrawn_at=NOON
        )

    def unmatched(self, **details):
        other = MatchFactory(status="announced", announced_at=NOON, program__mails_per_minute=0)
        person = ParticipantFactory(program=other.program, **details)
        return other.program, person

    def unmatched_mentor(self):
        program, person = self.unmatched()
        return program, lambda: MatchFactory(program=program, mentor=person)

    def unmatched_mentee(self):
        program, person = self.unmatched(mentee=True)
        return program, lambda: MatchFactory(program=program, mentee=person)

    def told(self, **details):
        match, _ = announced_pair(**details)
        EmailLog.objects.update(state="sent", sent_at=NOON)
        return match

    def match_changed(self):
        match = self.told()
        Match.objects.update(status="dissolved")
        return match.program, lambda: Match.objects.update(status="announced")

    def check_in_withdrawn(self):
        match = self.told(program__starts_on=later(days=-1).date())
        Participant.objects.filter(pk=match.mentor_id).update(name="Ann")
        bob = Participant.objects.filter(pk=match.mentee_id)
        bob.update(name="Bob")
        return match.program, lambda: bob.update(withdrawn_at=NOON)

    def check_in_in_touch(self):
        match = self.told(program__starts_on=later(days=-1).date())
        CheckInFactory(match=match, participant=match.mentee)
        return match.program, lambda: CheckInFactory(match=match, participant=match.mentor)

    def check_in_after_the_conference(self):
        match = self.told(program__starts_on=later(days=-1).date())
        moved = {"starts_on": later(days=-9).date(), "ends_on": later(days=-1).date()}
        return match.program, lambda: Program.objects.update(**moved)

    def check_in(self):
        match = self.told(program__starts_on=later(days=-1).date())
        return match.program, lambda: Match.objects.update(status="dissolved")

    def problem_received(self):
        concern = ConcernFactory(participant__program__mails_per_minute=0)
        return concern.program, lambda: Concern.objects.update(status="settled", settled_at=NOON)

    def feedback(self):
        match = self.told(
            program__starts_on=later(days=-9).date(), program__ends_on=later(days=-3).date()
        )
        FeedbackFactory(participant=match.mentee)
        return match.program, lambda: FeedbackFactory(participant=match.mentor)

    def draft(self):
        return MatchFactory(
            program__mails_per_minute=0,
            program__mentors_first=True,
            status="draft",
            announced_at=None,
        )

    def ask_mentor(self):
        match = self.draft()
        return match.program, lambda: Match.objects.update(status="dissolved", dissolved_at=NOON)

    def ask_mentor_again(self):
        match = self.draft()
        queue_mail(match.program, "ask_mentor", now=later(days=-9))
        EmailLog.objects.update(state="sent", sent_at=later(days=-9))
        return match.program, lambda: MentorAnswer.objects.update(
            answer="accepted", answered_at=NOON
        )

    def withdrawn(self):
        person = ParticipantFactory(program__mails_per_minute=0)
        return person.program, lambda: Participant.objects.update(withdrawn_at=NOON)

    def gone(self):
        person = ParticipantFactory(program__mails_per_minute=0)
        return person.program, person.delete

    def match_over_a_call(self):
        match = MatchFactory(program__mails_per_minute=0, mentee__signup_attendance="virtual")
        return match.program, lambda: Match.objects.update(status="dissolved", dissolved_at=NOON)

    def match_of_a_mentor_of_two(self):
        mentor = ParticipantFactory(
            program__mails_per_minute=0, program__one_mail_a_mentor=True, capacity=2
        )
        MatchFactory.create_batch(2, program=mentor.program, mentor=mentor)
        return mentor.program, lambda: Match.objects.update(status="dissolved", dissolved_at=NOON)

    def bounced(self):
        person = ParticipantFactory(program__mails_per_minute=0)
        return person.program, lambda: Participant.objects.update(mail_bounced_at=NOON)

    def unmatched_mentor_pausing(self):
        program, person = self.unmatched()
        return program, lambda: Participant.objects.filter(pk=person.pk).update(capacity=0)

    def unmatched_mentee_turned_mentor(self):
        program, person = self.unmatched(mentee=True)
        return program, lambda: Participant.objects.filter(pk=person.pk).update(
            decided_role="mentor"
        )

    def reminder_that_its_schedule_forbids(self):
        program, _ = self.reminder()
        return program, lambda: ScheduleFactory(program=program, at_most=0)

    def check_in_before_a_conference_that_moved(self):
        match = self.told(program__starts_on=later(days=-1).date())
        return match.program, lambda: Program.objects.update(starts_on=later(days=5).date())

    def feedback_before_a_conference_that_moved(self):
        match = self.told(
            program__starts_on=later(days=-9).date(), program__ends_on=later(days=-3).date()
        )
        return match.program, lambda: Program.objects.update(ends_on=later(days=5).date())

    def feedback_that_is_not_taken_any_more(self):
        match = self.told(
            program__starts_on=later(days=-9).date(), program__ends_on=later(days=-3).date()
        )
        dates = {"starts_on": later(days=-90).date(), "ends_on": later(days=-29).date()}
        return match.program, lambda: Program.objects.update(**dates)

    # What is queued, what takes its reason away, which kind it is, and what its row says.
    CASES = [
        ("survey", "survey", Kind.SURVEY, "Has answered."),
        ("survey", "withdrawn", Kind.SURVEY, "Does not take part any more."),
        ("survey", "bounced", Kind.SURVEY, "Email to this address bounced."),
        ("survey", "gone", Kind.SURVEY, "The person is not in the program any more."),
        ("reminder", "reminder", Kind.REMINDER, "Has answered."),
        (
            "reminder",
            "reminder_after_the_announcement",
            Kind.REMINDER,
            "Matches were to be announced on June 19.",
        ),
        (
            "reminder",
            "reminder_that_its_schedule_forbids",
            Kind.REMINDER,
            "Was reminded 0 times already.",
        ),
        ("role", "role", Kind.ROLE, "The role is clear now."),
        ("ask_mentor", "ask_mentor", Kind.ASK_MENTOR, "The match is no draft any more."),
        (
            "ask_mentor_again",
            "ask_mentor_again",
            Kind.ASK_MENTOR_AGAIN,
            "The question is settled: accepted.",
        ),
        ("match", "match", Kind.MATCH_IN_PERSON, "The match was dissolved."),
        ("match", "match_kept_apart", Kind.MATCH_IN_PERSON, "By request."),
        ("match", "match_back_to_draft", Kind.MATCH_IN_PERSON, "The match is not announced."),
        ("match", "match_over_a_call", Kind.MATCH_CALL, "The match was dissolved."),
        ("match", "match_of_a_mentor_of_two", Kind.MATCH_MENTOR, "The match was dissolved."),
        ("match", "match_of_a_mentor_of_two", Kind.MATCH_MENTEE, "The match was dissolved."),
        (
            "unmatched_mentor",
            "unmatched_mentor",
            Kind.UNMATCHED_MENTOR,
            "Has a match that is not announced yet.",
        ),
        (
            "unmatched_mentor",
            "unmatched_mentor_pausing",
            Kind.UNMATCHED_MENTOR,
            "Is not taking mentees.",
        ),
        (
            "unmatched_mentee",
            "unmatched_mentee",
            Kind.UNMATCHED_MENTEE,
            "Has a match that is not announced yet.",
        ),
        (
            "unmatched_mentee",
            "unmatched_mentee_turned_mentor",
            Kind.UNMATCHED_MENTEE,
            "Is a mentor now.",
        ),
        ("match_changed", "match_changed", Kind.MATCH_CHANGED, "The match has not been dissolved."),
        ("check_in", "check_in", Kind.CHECK_IN, "The match was dissolved."),
        (
            "check_in",
            "check_in_in_touch",
            Kind.CHECK_IN,
            "Has said that they have been in touch.",
        ),
        (
            "check_in",
            "check_in_after_the_conference",
            Kind.CHECK_IN,
            "The conference is over.",
        ),
        (
            "check_in",
            "check_in_before_a_conference_that_moved",
            Kind.CHECK_IN,
            "The conference has not begun yet.",
        ),
        (
            "problem_received",
            "problem_received",
            Kind.PROBLEM_RECEIVED,
            "The help request is settled.",
        ),
        ("feedback", "feedback", Kind.FEEDBACK, "Has given feedback."),
        (
            "feedback",
            "feedback_that_is_not_taken_any_more",
            Kind.FEEDBACK,
            "Feedback is not taken any more.",
        ),
        (
            "feedback",
            "feedback_before_a_conference_that_moved",
            Kind.FEEDBACK,
            "The conference is not over yet.",
        ),
    ]

    def receipt(self):
        response = SurveyResponseFactory(participant__program__mails_per_minute=0)
        person = response.participant
        queue_receipts(person.program, [response])
        return lambda: SurveyResponseFactory(participant=person)

    def link(self):
        queue_link(ParticipantFactory(program__mails_per_minute=0))
        return lambda: Participant.objects.update(mail_bounced_at=NOON)

    def signup(self):
        program = ProgramFactory(mails_per_minute=0, open_signup=True)
        queue_signup(program, "new@mail.example", "token")
        return lambda: Program.objects.update(open_signup=False)

    def signup_of_somebody_imported(self):
        program = ProgramFactory(mails_per_minute=0, open_signup=True)
        queue_signup(program, "new@mail.example", "token")
        return lambda: ParticipantFactory(program=program, email="new@mail.example")

    # What goes out at once to somebody who does or asks for something, and is never queued by kind.
    AT_ONCE = [
        ("receipt", Kind.RECEIPT, "Has answered again since."),
        ("link", Kind.LINK, "Email to this address bounced."),
        ("signup", Kind.SIGNUP, "Sign-up is not open any more."),
        ("signup_of_somebody_imported", Kind.SIGNUP, "Is in the program by now."),
    ]

    def test_every_kind_has_a_case(self):
        tried = {case[-2] for case in [*self.CASES, *self.AT_ONCE]}
        # An hour has cases of its own, with the pages on which people agree on it.
        assert tried == set(Kind) - {Kind.MEETING}

    @pytest.mark.parametrize(("case", "kind", "why"), AT_ONCE, ids=[case[0] for case in AT_ONCE])
    def test_nothing_that_was_asked_for_leaves(self, moody, case, kind, why):
        take_away = getattr(self, case)()
        take_away()
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
        assert moody.messages == []
        stopped = EmailLog.objects.values_list("kind", "state", "state_reason")
        assert list(stopped) == [(kind, "cancelled", why)]

    @pytest.mark.parametrize(
        ("queue", "case", "kind", "why"), CASES, ids=[case for _, case, _, _ in CASES]
    )
    def test_nothing_leaves(self, moody, queue, case, kind, why):
        program, take_away = getattr(self, case)()
        done = set(EmailLog.objects.values_list("pk", flat=True))
        assert queue_mail(program, queue, now=NOON).queued >= 1
        take_away()
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
        assert moody.messages == []
        stopped = EmailLog.objects.exclude(pk__in=done)
        assert {mail.state for mail in stopped} == {"cancelled"}
        assert {mail.state_reason for mail in stopped.filter(kind=kind)} == {why}

    @pytest.mark.parametrize(
        ("case", "gone"),
        [
            ("match_withdrawn", []),
            # What is for one person alone ends with who leaves.
            ("check_in_withdrawn", [("cancelled", "Does not take part any more.")]),
        ],
    )
    def test_what_waits_for_a_decision_is_on_hold(self, moody, case, gone):
        program, take_away = getattr(self, case)()
        kind = case.removesuffix("_withdrawn")
        done = set(EmailLog.objects.values_list("pk", flat=True))
        assert queue_mail(program, kind, now=NOON).queued >= 1
        take_away()
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
        assert moody.messages == []
        waiting = EmailLog.objects.exclude(pk__in=done)
        assert {(mail.state, mail.state_reason) for mail in waiting} == {
            (
                "held",
                "Waits for a decision: Bob withdrew, and the committee decides about the match of "
                "Ann & Bob.",
            ),
            *gone,
        }

    @pytest.mark.parametrize("case", ["match_withdrawn", "check_in_withdrawn"])
    def test_what_nobody_decides_about_ends_with_the_conference(self, case):
        program, take_away = getattr(self, case)()
        done = set(EmailLog.objects.values_list("pk", flat=True))
        queue_mail(program, case.removesuffix("_withdrawn"), now=NOON)
        take_away()
        deliver()
        waiting = EmailLog.objects.exclude(pk__in=done).exclude(state="cancelled")
        held = list(waiting.values_list("pk", "state"))
        assert drop_what_nobody_decided(NOON) == 0
        assert list(waiting.values_list("pk", "state")) == held != []
        over = datetime.date(2020, 7, 18)
        Program.objects.update(starts_on=over, ends_on=over)
        run_schedules()
        ended = EmailLog.objects.filter(pk__in=dict(held))
        assert set(ended.values_list("state", "state_reason", "freed")) == {
            ("cancelled", "The conference is over.", True)
        }
        assert set(dict(held).values()) == {"held"}

    def test_what_a_person_put_on_hold_stays_there_after_the_conference(self):
        program, _ = self.match_withdrawn()
        queue_mail(program, "match", now=NOON)
        decisions.hold_emails(EmailLog.objects.all())
        Participant.objects.update(withdrawn_at=NOON)
        over = datetime.date(2020, 7, 18)
        Program.objects.update(starts_on=over, ends_on=over)
        run_schedules()
        assert states() == ["held"]


class TestSignals:
    """The same, at once, when the change is made where it should be."""

    def test_an_answer_and_a_withdrawal_cancel_what_waits(self):
        mails = invitations(3)
        decisions.hold_emails(EmailLog.objects.filter(pk=mails[1].pk))
        answers = [SurveyResponseFactory(participant=mail.people.get()) for mail in mails[:2]]
        responses_recorded.send(SurveyResponse, program=mails[0].program, responses=answers)
        # What confirms the two answers waits behind the invitations.
        assert states() == ["cancelled", "cancelled", "queued", "queued", "queued"]
        withdraw(mails[2].people.get(), "ill")
        assert states() == ["cancelled"] * 3 + ["queued"] * 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda match: decide_role(match.mentee, "mentor"),
            lambda match: withdraw(match.mentor, "ill"),
        ],
    )
    def test_a_change_of_the_pair_holds_its_mail_until_the_match_ends(self, change):
        match, _ = announced_pair()
        change(match)
        assert states() == ["held"]
        dissolve(match, "they know each other")
        assert states() == ["cancelled"]

    @pytest.mark.parametrize(
        ("change", "take_back"),
        [
            (
                lambda match: decide_role(match.mentee, "mentor"),
                lambda match: decide_role(match.mentee, "mentee"),
            ),
            (lambda match: withdraw(match.mentor, "ill"), lambda match: rejoin(match.mentor)),
        ],
    )
    def test_a_change_that_is_taken_back_releases_its_mail(self, change, take_back):
        match, _ = announced_pair()
        change(match)
        take_back(match)
        assert states() == ["queued"]

    def test_what_a_person_put_on_hold_is_not_released_by_that(self):
        match, _ = announced_pair()
        decisions.hold_emails(EmailLog.objects.all())
        withdraw(match.mentor, "ill")
        rejoin(match.mentor)
        assert states() == ["held"]

    def test_a_change_that_does_not_matter_cancels_nothing(self):
        match, _ = announced_pair()
        match.mentor.affiliation = "Elsewhere"
        save_details(match.mentor, ["affiliation"])
        renew_link(match.mentor)
        assert states() == ["queued"]
