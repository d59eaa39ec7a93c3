"""A mail that was lost goes once more, for a reason that is kept, and never a stale one."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from matching.domain.matches.changes import dissolve
from mentorship.domain.people.decisions import save_details, withdraw
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.resending import plan_resend, resend
from notifications.domain.outbox.take_back import take_back
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailBatch, EmailLog
from tests.factories import (
    EmailLogFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)
from tests.notifications.conftest import NOON, invitations, later

pytestmark = pytest.mark.django_db
OUTBOX = reverse("admin:notifications_emaillog_changelist")
PAGE = reverse("resend_mail")


def deliver(moment=NOON):
    return deliver_due(clock=lambda: moment).as_dict()


def left_out(program, keys, now=NOON):
    return [why for _, why in plan_resend(program, keys, now).left_out]


def keys():
    return list(EmailLog.objects.order_by("pk").values_list("pk", flat=True))


def sent(count=1):
    mails = invitations(count)
    EmailLog.objects.update(state="sent", sent_at=NOON)
    return mails


class TestResending:
    def test_goes_as_a_mail_of_its_own_with_its_reason_after_its_rest(self, moody):
        (first,) = invitations(1)
        deliver()
        done = resend(first.program, [first.pk], " Says it\nwas lost ", rest_seconds=120, now=NOON)
        second = done.batch.emails.get()
        assert (second.state, second.resend_of, second.resend_why, second.not_before) == (
            "queued",
            first,
            "Says it was lost",
            later(seconds=120),
        )
        assert (second.about, second.which, second.repeat, list(second.people.all())) == (
            first.about,
            first.which,
            1,
            list(first.people.all()),
        )
        assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 1}
        assert deliver(later(seconds=120))["sent"] == 1
        one, other = moody.messages
        assert one["To"] == other["To"]
        assert one["Message-ID"] != other["Message-ID"]
        first.refresh_from_db()
        assert (first.state, first.sent_at) == ("sent", NOON)

    def test_says_what_is_true_now(self, moody):
        (first,) = sent()
        person = first.people.get()
        person.email = "new@mail.example"
        save_details(person, ["email"])
        resend(first.program, [first.pk], "It went to an old address", now=NOON)
        deliver()
        assert [to for _, to in moody.envelopes] == [["new@mail.example"]]

    def test_as_often_as_a_person_asks_but_not_twice_at_once(self, moody):
        (first,) = sent()
        for number in (1, 2):
            resend(first.program, [first.pk], "Lost", now=NOON)
            assert left_out(first.program, [first.pk]) == ["is being resent already"]
            deliver()
            assert len(moody.messages) == number
        last = EmailLog.objects.latest("pk")
        resend(first.program, [last.pk], "Lost", now=NOON)
        newest = EmailLog.objects.latest("pk")
        assert (newest.kind, newest.about, newest.repeat) == (first.kind, first.about, 3)

    def test_stale_ones_are_left_out_with_the_reason(self):
        mails = sent(3)
        withdraw(mails[0].people.get(), "ill")
        SurveyResponseFactory(participant=mails[1].people.get())
        assert left_out(mails[0].program, [mail.pk for mail in mails]) == [
            "does not take part any more",
            "has answered",
        ]
        done = resend(mails[0].program, [mail.pk for mail in mails], "Lost", now=NOON)
        assert [mail.pk for mail, _ in done.emails] == [mails[2].pk]

    def test_one_that_becomes_stale_while_it_rests_does_not_leave(self, moody):
        (first,) = sent()
        resend(first.program, [first.pk], "Lost", rest_seconds=120, now=NOON)
        SurveyResponseFactory(participant=first.people.get())
        deliver(later(seconds=120))
        assert moody.messages == []
        assert EmailLog.objects.latest("pk").state_reason == "Has answered."

    @pytest.mark.parametrize(
        ("state", "why"),
        [
            ("queued", "is queued and will be sent"),
            ("sending", "is being sent"),
            ("held", "is on hold; release it"),
            ("cancelled", "was canceled and never sent"),
            ("failed", "was refused; fix what its page says, then press “Send again” there"),
            (
                "uncertain",
                "may or may not have arrived; say so on its page, or press “Send again” there",
            ),
        ],
    )
    def test_only_what_has_left_goes_once_more(self, state, why):
        (mail,) = invitations(1)
        EmailLog.objects.update(state=state, claimed_at=NOON)
        assert left_out(mail.program, [mail.pk]) == [why]
        with pytest.raises(ValidationError, match="None of these emails can be resent"):
            resend(mail.program, [mail.pk], "Lost", now=NOON)

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (
                {"came_back_at": NOON},
                "bounced; correct the address, then press “Send again” on its page",
            ),
            (
                {"redirected_to": "trial@conf.example"},
                "went to trial@conf.example instead; press “Send again” on its page",
            ),
        ],
        ids=["came back", "went elsewhere"],
    )
    def test_what_has_not_arrived_has_a_button_of_its_own(self, change, why):
        (mail,) = sent()
        EmailLog.objects.update(**change)
        assert left_out(mail.program, [mail.pk]) == [why]

    def test_a_test_mail_and_another_programs_mail_do_not(self):
        program = ProgramFactory()
        EmailLogFactory(program=program, kind="test", state="sent", sent_at=NOON)
        EmailLogFactory(state="sent", sent_at=NOON)
        assert left_out(program, keys()) == [
            "is a test; send another one from the page of its template"
        ]

    @pytest.mark.parametrize("why", ["", " \n", "x" * 201])
    def test_wants_a_reason(self, why):
        (mail,) = sent()
        with pytest.raises(ValidationError) as refused:
            resend(mail.program, [mail.pk], why, now=NOON)
        assert refused.value.messages == [
            "Say why you resend these emails, in 1 to 200 characters."
        ]
        assert EmailLog.objects.count() == 1

    def test_can_be_taken_back_and_the_matches_stay_announced(self):
        match = MatchFactory()
        queue_mail(match.program, "match", now=NOON)
        EmailLog.objects.update(state="sent", sent_at=NOON)
        batch = resend(match.program, keys(), "Lost", rest_seconds=120).batch
        assert take_back(batch) == 1
        match.refresh_from_db()
        assert match.status == "announced"
        assert resend(match.program, keys()[:1], "Lost").batch.emails.count() == 1

    def test_mail_to_a_mentor_of_two_names_those_who_are_left(self, moody):
        mentor = ParticipantFactory(
            program__one_mail_a_mentor=True, program__mails_per_minute=0, capacity=2
        )
        one, other = MatchFactory.create_batch(2, program=mentor.program, mentor=mentor)
        queue_mail(mentor.program, "match", now=NOON)
        deliver()
        dissolve(one, "moved away")
        assert left_out(mentor.program, keys()) == ["the match was dissolved"]
        resend(mentor.program, keys(), "Lost", now=NOON)
        deliver()
        assert [to for _, to in moody.envelopes[3:]] == [[mentor.email], [other.mentee.email]]
        assert str(one.mentee) not in moody.messages[3].as_string()

    def test_reminder_goes_once_more_though_it_is_recent_and_counts_once(self, moody):
        (mail,) = invitations(1)
        program = mail.program
        EmailLog.objects.update(state="sent", sent_at=later(days=-9))
        queue_mail(program, "reminder", now=NOON)
        deliver()
        reminder = EmailLog.objects.get(kind="reminder")
        resend(program, [reminder.pk], "Lost", now=NOON)
        assert deliver()["sent"] == 1
        # The second of two reminders is still to come, counted from the newest mail.
        assert queue_mail(program, "reminder", now=later(days=4)).queued == 0
        assert queue_mail(program, "reminder", now=later(days=5)).queued == 1
        program.announce_on = later(days=-1).date()
        program.save()
        assert left_out(program, [reminder.pk]) == ["matches were to be announced on June 19"]


class TestPage:
    @pytest.fixture
    def page(self, client):
        def page(program):
            member = MembershipFactory(program=program).user
            client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
            return client

        return page

    def test_leads_from_the_chosen_mails_over_the_reason_to_their_batch(self, page):
        mails = sent(3)
        SurveyResponseFactory(participant=mails[1].people.get())
        client = page(mails[0].program)
        chosen = {
            "action": "resend_chosen",
            "_selected_action": [mail.pk for mail in mails[:2]],
        }
        response = client.post(OUTBOX, chosen, follow=True)
        assert response.redirect_chain == [(PAGE, 302)]
        assert (response.context["number"], response.context["emails"]) == (1, [mails[0]])
        assert response.context["left_out"] == [("has answered", 1, [mails[1]])]
        form = {"emails": response.context["keys"], "seen": "1"}
        response = client.post(PAGE, {**form, "why": ""})
        assert response.context["problem"] == (
            "Say why you resend these emails, in 1 to 200 characters."
        )
        response = client.post(PAGE, {**form, "why": "She says so"})
        batch = EmailBatch.objects.get()
        assert response.url == reverse("mail_batch", args=[batch.pk])
        assert batch.emails.get().resend_of == mails[0]
        assert 110 < (batch.leaves_at - timezone.now()).total_seconds() <= 120
        assert client.get(response.url).context["title"] == "Resent emails"
        first = client.get(reverse("admin:notifications_emaillog_change", args=[mails[0].pk]))
        assert [again.resend_why for again in first.context["resends"]] == ["She says so"]

    def test_more_than_twenty_want_the_number_typed(self, page):
        mails = sent(21)
        client = page(mails[0].program)
        form = {
            "emails": ",".join(str(mail.pk) for mail in mails),
            "seen": "21",
            "why": "The server lost them",
        }
        for typed in ("", "20"):
            response = client.post(PAGE, {**form, "number": typed})
            assert response.context["problem"] == ("Type 21 to confirm.")
            assert response.context["why"] == "The server lost them"
        assert EmailLog.objects.count() == 21
        client.post(PAGE, {**form, "number": "21"})
        assert EmailLog.objects.count() == 42

    def test_a_number_that_has_changed_since_is_shown_again(self, page):
        mails = sent(2)
        client = page(mails[0].program)
        withdraw(mails[0].people.get(), "ill")
        form = {"emails": f"{mails[0].pk},{mails[1].pk}", "seen": "2", "why": "Lost"}
        assert client.post(PAGE, form).context["problem"] == (
            "The number of emails has changed since you looked. Look again, then send."
        )
        assert EmailLog.objects.count() == 2

    def test_another_programs_mail_is_not_there(self, page):
        (mail,) = sent()
        client = page(ProgramFactory())
        response = client.get(PAGE, {"emails": f"{mail.pk},x,{'9' * 30}"})
        assert (response.context["number"], response.context["left_out"]) == (0, [])

    def test_nothing_chosen_is_said(self, page):
        assert page(ProgramFactory()).get(PAGE).context["number"] == 0
