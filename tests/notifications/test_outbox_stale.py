"""A mail whose reason is gone does not leave, whatever took it away."""

import pytest

from matching.domain.matches import dissolve
from matching.models import Match
from mentorship.domain.people import (
    decide_role,
    renew_link,
    save_details,
    withdraw,
)
from mentorship.domain.signals import responses_recorded
from mentorship.models import Participant, SurveyResponse
from notifications.domain import decisions
from notifications.domain.queueing import queue_mail
from notifications.models import EmailLog
from tests.factories import (
    KeepApartFactory,
    MatchFactory,
    ParticipantFactory,
    SurveyResponseFactory,
)
from tests.notifications.conftest import NOON, announced_pair, deliver, invitations, later, states

pytestmark = pytest.mark.django_db


class TestStale:
    """For each kind the reason goes away between queueing and sending, unseen by a signal."""

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
        return program, lambda: type(program).objects.update(announce_on=later(days=-1).date())

    def role(self):
        person = ParticipantFactory(survey_role="mentee", program__mails_per_minute=0)
        return person.program, lambda: Participant.objects.update(decided_role="mentee")

    def match(self):
        match = MatchFactory(program__mails_per_minute=0)
        return match.program, lambda: Match.objects.update(status="dissolved", dissolved_at=NOON)

    def match_kept_apart(self):
        match = MatchFactory(program__mails_per_minute=0)
        return match.program, lambda: KeepApartFactory(
            program=match.program, first=match.mentor, second=match.mentee
        )

    def match_back_to_draft(self):
        match = MatchFactory(program__mails_per_minute=0)
        return match.program, lambda: Match.objects.update(status="draft", announced_at=None)

    def match_withdrawn(self):
        match = MatchFactory(program__mails_per_minute=0)
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

    def check_in(self):
        match = self.told(program__starts_on=later(days=-1).date())
        return match.program, lambda: Match.objects.update(status="dissolved")

    def problem_received(self):
        from tests.factories import ConcernFactory

        concern = ConcernFactory(participant__program__mails_per_minute=0)
        return concern.program, lambda: type(concern).objects.update(
            status="settled", settled_at=NOON
        )

    def feedback(self):
        from tests.factories import FeedbackFactory

        match = self.told(
            program__starts_on=later(days=-9).date(), program__ends_on=later(days=-3).date()
        )
        FeedbackFactory(participant=match.mentee)
        return match.program, lambda: FeedbackFactory(participant=match.mentor)

    def withdrawn(self):
        person = ParticipantFactory(program__mails_per_minute=0)
        return person.program, lambda: Participant.objects.update(withdrawn_at=NOON)

    def gone(self):
        person = ParticipantFactory(program__mails_per_minute=0)
        return person.program, person.delete

    @pytest.mark.parametrize(
        ("kind", "case", "why"),
        [
            ("survey", "survey", "Has answered."),
            ("survey", "withdrawn", "Does not take part any more."),
            ("survey", "gone", "Whom it was for is not in the program any more."),
            ("reminder", "reminder", "Has answered."),
            (
                "reminder",
                "reminder_after_the_announcement",
                "Matches were to be announced on 19 June.",
            ),
            ("role", "role", "The role is settled."),
            ("match", "match", "The match was dissolved."),
            ("match", "match_kept_apart", None),
            ("match", "match_back_to_draft", "The match is not announced."),
            ("match", "match_withdrawn", None),
            ("unmatched_mentor", "unmatched_mentor", "Has a match that is not announced yet."),
            ("unmatched_mentee", "unmatched_mentee", "Has a match that is not announced yet."),
            ("match_changed", "match_changed", "The match stands."),
            ("check_in", "check_in", "The match was dissolved."),
            ("problem_received", "problem_received", "The problem is settled."),
            ("feedback", "feedback", "Has given feedback."),
        ],
    )
    def test_nothing_leaves(self, moody, kind, case, why):
        program, stop = getattr(self, case)()
        assert queue_mail(program, kind, now=NOON).queued >= 1
        waiting = EmailLog.objects.filter(state="queued")
        assert waiting.exists()
        ids = list(waiting.values_list("pk", flat=True))
        stop()
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
        assert moody.messages == []
        left = EmailLog.objects.filter(pk__in=ids)
        assert {mail.state for mail in left} == {"cancelled"}
        if why:
            assert {mail.state_reason for mail in left} == {why}


class TestSignals:
    """The same, at once, when the change is made where it should be."""

    def test_an_answer_and_a_withdrawal_cancel_what_waits(self):
        mails = invitations(3)
        decisions.hold_mails(EmailLog.objects.filter(pk=mails[1].pk))
        answers = [SurveyResponseFactory(participant=mail.people.get()) for mail in mails[:2]]
        responses_recorded.send(SurveyResponse, program=mails[0].program, responses=answers)
        assert states() == ["cancelled", "cancelled", "queued"]
        withdraw(mails[2].people.get(), "ill")
        assert states() == ["cancelled"] * 3

    @pytest.mark.parametrize(
        "change",
        [
            lambda match: dissolve(match, "they know each other"),
            lambda match: decide_role(match.mentee, "mentor"),
            lambda match: withdraw(match.mentor, "ill"),
        ],
    )
    def test_a_change_of_the_pair_cancels_its_mail(self, change):
        match, _ = announced_pair()
        change(match)
        assert states() == ["cancelled"]

    def test_a_change_that_does_not_matter_cancels_nothing(self):
        match, _ = announced_pair()
        match.mentor.affiliation = "Elsewhere"
        save_details(match.mentor, ["affiliation"])
        renew_link(match.mentor)
        assert states() == ["queued"]
