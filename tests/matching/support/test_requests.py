"""Help requests: from a person's page, from the committee, and for who changed while matched."""

import pytest
from django.urls import reverse
from django.utils import timezone

from committee.domain.numbers import count
from matching.domain.matches.changes import dissolve
from matching.domain.support.contact import say_contact
from matching.domain.support.requests import ask_for_help
from matching.models import Concern, Match
from mentorship.domain.people.decisions import (
    choose_role,
    decide_attendance,
    decide_role,
    rejoin,
    save_details,
    withdraw,
)
from mentorship.interfaces.decisions.registry import Settled, open_decisions, settle_case
from mentorship.models import Participant
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.factories import ConcernFactory, MatchFactory, MembershipFactory, ParticipantFactory
from tests.matching.support.test_match_page import address, emails, text

pytestmark = pytest.mark.django_db
SECRET = "He shouted at me"


@pytest.fixture
def signed_in_as(client, program):
    def sign_in(level):
        user = MembershipFactory(program=program, level=level).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    return sign_in


def requests():
    return [
        (row.participant.name, row.kind, row.origin, row.status, row.text)
        for row in Concern.objects.order_by("pk")
    ]


def decisions_of(program, *, chair=False):
    return {
        decision.kind.name: [
            (case.who, case.detail, " ".join(button.choice for button in case.buttons))
            for case in decision.waiting.cases
        ]
        for decision in open_decisions(program, chair=chair)
    }


class TestFromThePage:
    def test_asking_is_confirmed_and_makes_a_request_with_a_receipt(self, client, pair):
        path = address("match_help", pair.mentee, pair.pk, "cannot-reach")
        assert "You can’t reach Dee?" in text(client.get(path))
        client.head(path)
        assert requests() == []
        after = text(client.post(path, {"text": "Two emails\r\nno answer"}))
        assert "Your message arrived" in after
        assert "at chi@freemail.example" in after
        assert requests() == [
            ("Chi Okafor", "cannot_reach", "participant", "open", "Two emails\nno answer")
        ]
        mail = EmailLog.objects.get(kind="problem_received")
        assert (mail.state, mail.recipients) == ("queued", ["chi@freemail.example"])
        assert "Two emails" in mail.text_body
        assert decisions_of(pair.program) == {
            "help": [("Chi Okafor", "I can’t reach my match", "")]
        }

    def test_a_double_tap_is_one_request_and_loses_no_word(self, client, pair):
        path = address("match_help", pair.mentee, pair.pk, "cannot-reach")
        for words in ("One", "One", "", "Two"):
            client.post(path, {"text": words})
        assert requests() == [("Chi Okafor", "cannot_reach", "participant", "open", "One\n\nTwo")]
        assert len(emails("problem_received")) == 1

    def test_what_is_too_long_is_asked_for_again_with_what_was_typed(self, client, pair):
        path = address("match_help", pair.mentee, pair.pk, "cannot-reach")
        response = client.post(path, {"text": "x" * 5001})
        assert response.status_code == 400
        assert "x" * 5001 in response.content.decode()
        assert requests() == []

    def test_a_receipt_that_cannot_be_written_stops_no_request(self, client, pair):
        from notifications.models import EmailTemplate

        EmailTemplate.objects.bulk_create(
            [
                EmailTemplate(
                    program=pair.program, kind="problem_received", subject="x", body="{{ a }}"
                )
            ]
        )
        client.post(address("match_help", pair.mentee, pair.pk, "cannot-reach"), {"text": "Help"})
        assert len(requests()) == 1
        assert emails("problem_received") == []

    @pytest.mark.slow
    def test_something_that_is_not_right_is_for_the_chairs_only(self, client, pair, signed_in_as):
        client.post(address("match_help", pair.mentee, pair.pk, "not-right"), {"text": SECRET})
        concern = Concern.objects.get()
        assert (concern.kind, concern.text) == ("not_right", SECRET)
        EmailLog.objects.filter(kind="problem_received").update(
            state="sent", sent_at=timezone.now()
        )
        mail = EmailLog.objects.get(kind="problem_received")
        assert SECRET not in mail.text_body + mail.html_body
        assert "The chairs of the committee have what you wrote" in mail.text_body
        numbers = [count(pair.program, chair=chair).open_concerns for chair in (True, False)]
        assert numbers == [1, 0]
        paths = [
            reverse("admin:index"),
            reverse("admin:matching_concern_changelist"),
            reverse("admin:matching_concern_change", args=[concern.pk]),
            reverse("admin:matching_concern_export"),
            reverse("admin:mentorship_participant_change", args=[pair.mentee_id]),
            reverse("download_person_data", args=[pair.mentee_id]),
            reverse("admin:notifications_emaillog_changelist"),
            reverse("admin:notifications_emaillog_change", args=[mail.pk]),
        ]
        told = {}
        for level in ("chair", "member"):
            signed_in_as(level)
            pages = "".join(client.get(path, follow=True).content.decode() for path in paths)
            told[level] = [
                words in pages
                for words in (SECRET, "isn’t right: for the chairs only", "we got your message")
            ]
        assert told == {"chair": [True, True, True], "member": [False, False, False]}


class TestFromTheCommittee:
    def test_a_member_enters_one_for_somebody_who_came_by(self, client, pair, signed_in_as):
        user = signed_in_as("member")
        added = client.post(
            reverse("admin:matching_concern_add"),
            {"participant": pair.mentee_id, "kind": "cannot_reach", "text": "Came by at lunch"},
        )
        assert added.status_code == 302
        row = Concern.objects.get()
        assert (row.match, row.origin, row.entered_by, row.text) == (
            pair,
            "committee",
            user,
            "Came by at lunch",
        )
        assert emails("problem_received") == []
        queue_mail(pair.program, "problem_received")
        assert emails("problem_received") == []

    def test_the_match_must_be_theirs(self, client, pair, signed_in_as):
        signed_in_as("member")
        other = ParticipantFactory(program=pair.program, name="Eve")
        page = client.post(
            reverse("admin:matching_concern_add"),
            {"participant": other.pk, "match": pair.pk, "kind": "cannot_reach"},
        )
        assert "Eve is not in this match." in text(page)
        assert Concern.objects.count() == 0


class TestWhileMatched:
    def test_who_leaves_by_the_page_reads_who_they_leave_behind(self, client, pair):
        path = address("intake_goodbye", pair.mentor)
        assert (
            "You’re matched with Chi Okafor. If you leave, the committee is told at once"
            in text(client.get(path))
        )
        client.post(path, {"why": "I broke my leg"})
        assert requests() == [
            ("Dee Marsh", "cannot_take_part", "participant", "open", "I broke my leg")
        ]
        assert [
            (mail.kind, mail.recipients) for mail in EmailLog.objects.filter(state="queued")
        ] == [("receipt", ["dee@freemail.example"])]
        assert (
            "you won't be matched with anyone. We'll take it from here with your match"
            in " ".join(EmailLog.objects.get(kind="receipt").text_body.split())
        )
        assert decisions_of(pair.program) == {
            "changed_while_matched": [
                (
                    "Dee Marsh withdrew",
                    "Chi Okafor is waiting. Find a rematch, or dissolve.",
                    "dissolve",
                )
            ]
        }

    def test_who_leaves_without_a_word_is_quoted_with_none(self, client, pair):
        client.post(address("intake_goodbye", pair.mentor), {"why": ""})
        assert requests() == [("Dee Marsh", "cannot_take_part", "participant", "open", "")]

    def test_who_is_matched_is_not_asked_to_hurry_about_their_role(self, client, pair):
        program = pair.program
        program.announce_on = program.ends_on
        program.save()
        choose_role(pair.mentor, "mentee")
        choose_role(pair.mentor, "mentor")
        lone = ParticipantFactory(program=program)
        for person, words in (
            (pair.mentor, "Thank you. Please tell us if that changes."),
            (lone, "please tell us before then if that changes."),
        ):
            path = address("role_choice", person)
            assert words in text(client.post(path, {"role": "mentor"}, follow=True))
        Participant.objects.update(role_contradicted_at=timezone.now())
        queue_mail(program, "role")
        bodies = {
            mail.recipients[0]: " ".join(mail.text_body.split())
            for mail in EmailLog.objects.filter(kind="role")
        }
        for address_, matched in ((pair.mentor.email, True), (lone.email, False)):
            body = bodies[address_]
            assert ("Unless we hear from you, your match stays as it is." in body) is matched
            assert ("Unless we hear from you, we'll match you as a mentor." in body) is not matched
            assert ("so please tell us before then." in body) is not matched

    def test_the_partner_is_not_asked_whether_they_met(self, pair):
        queue_mail(pair.program, "check_in")
        withdraw(pair.mentor, "No longer registered")
        waiting = EmailLog.objects.filter(kind="check_in", people=pair.mentee)
        assert [mail.state for mail in waiting] == ["held"]
        EmailLog.objects.filter(kind="check_in").delete()
        assert queue_mail(pair.program, "check_in").queued == 0

    def test_what_waits_for_a_decision_is_canceled_once_nobody_would_get_it(self, pair):
        queue_mail(pair.program, "check_in")
        withdraw(pair.mentor, "ill")
        say_contact(pair, pair.mentee, in_touch=True)
        decide_attendance(pair.mentee, "virtual")
        assert {mail.state for mail in EmailLog.objects.filter(kind="check_in")} == {"cancelled"}

    def test_dissolve_and_tell_tells_only_who_is_left(self, pair):
        withdraw(pair.mentor, "ill")
        concern = Concern.objects.get()
        assert (concern.origin, concern.kind) == ("change", "cannot_take_part")
        assert emails("problem_received") == []
        said = settle_case(
            "changed_while_matched", Settled(pair.program, str(concern.pk), "dissolve")
        )
        assert said == "The match of Dee Marsh & Chi Okafor is dissolved. 1 email in the outbox."
        assert emails("match_changed")[0][1] == ["chi@freemail.example"]
        pair.refresh_from_db()
        assert (pair.status, pair.dissolved_why) == ("dissolved", "Dee Marsh withdrew")
        concern.refresh_from_db()
        assert (concern.status, concern.outcome) == ("settled", "The match has ended.")
        assert decisions_of(pair.program) == {}

    @pytest.mark.parametrize(
        ("change", "undo", "who"),
        [
            (lambda p: withdraw(p, "ill"), rejoin, "Chi Okafor withdrew"),
            (
                lambda p: choose_role(p, "mentor"),
                lambda p: decide_role(p, "mentee"),
                "Chi Okafor changed role",
            ),
            (
                lambda p: decide_attendance(p, "virtual"),
                lambda p: decide_attendance(p, "in_person"),
                "Chi Okafor attends another way now",
            ),
        ],
    )
    def test_each_change_is_a_decision_until_it_is_undone(self, pair, change, undo, who):
        change(pair.mentee)
        change(pair.mentee)
        assert [case[0] for case in decisions_of(pair.program)["changed_while_matched"]] == [who]
        undo(pair.mentee)
        assert "changed_while_matched" not in decisions_of(pair.program)
        assert Concern.objects.count() == 1

    def test_a_pair_that_attends_another_way_can_stay(self, pair):
        decide_attendance(pair.mentee, "virtual")
        concern = Concern.objects.get()
        assert decisions_of(pair.program)["changed_while_matched"] == [
            ("Chi Okafor attends another way now", "Matched with Dee Marsh.", "keep dissolve")
        ]
        settled = Settled(pair.program, str(concern.pk), "keep")
        assert settle_case("changed_while_matched", settled) == (
            "Dee Marsh & Chi Okafor stay a match. 1 email in the outbox."
        )
        again = EmailLog.objects.get(state="queued")
        assert (again.kind, again.recipients, again.resend_why) == (
            "match_call",
            [pair.mentor.email, pair.mentee.email],
            "Chi Okafor attends another way now",
        )
        assert "One of you is attending the conference virtually" in again.text_body
        pair.refresh_from_db()
        assert (pair.status, pair.mentee_attending) == ("announced", "virtual")
        decide_role(pair.mentee, "mentee")
        assert Concern.objects.count() == 1

    def test_a_mentor_who_takes_fewer_than_they_know_is_a_decision(self, pair):
        mentor = Participant.objects.get(pk=pair.mentor_id)
        mentor.capacity = 0
        save_details(mentor, ["capacity"])
        MatchFactory(program=pair.program, mentor__capacity=1)
        assert decisions_of(pair.program) == {
            "over_full": [
                (
                    "Dee Marsh",
                    "Takes no mentees now, and knows Chi Okafor already. Keep the matches, or "
                    "dissolve one on the board.",
                    "keep",
                )
            ]
        }
        settled = Settled(pair.program, str(mentor.pk), "keep")
        assert settle_case("over_full", settled) == "Dee Marsh keeps the matches."
        mentor.refresh_from_db()
        assert mentor.capacity == 1
        assert decisions_of(pair.program) == {}

    def test_a_change_without_a_match_or_before_the_announcement_is_none(self, program):
        draft = MatchFactory(program=program)
        withdraw(draft.mentor, "ill")
        withdraw(ParticipantFactory(program=program), "ill")
        assert requests() == []

    def test_what_the_committee_entered_is_not_settled_by_another_change(self, pair):
        row = ConcernFactory(
            participant=pair.mentee, match=pair, kind="cannot_take_part", origin="committee"
        )
        decide_role(pair.mentee, "mentee")
        row.refresh_from_db()
        assert row.status == "open"

    def test_undoing_the_end_asks_again(self, pair):
        from matching.domain.signals import match_restored

        withdraw(pair.mentor, "ill")
        dissolve(pair, "ill")
        Match.objects.filter(pk=pair.pk).update(status="announced", dissolved_at=None)
        pair.refresh_from_db()
        match_restored.send(Match, match=pair)
        assert [row[3] for row in requests()] == ["settled", "open"]


def test_the_page_that_sends_receipts_names_nobody_who_wrote_to_the_chairs(
    client, pair, signed_in_as
):
    ask_for_help(pair.mentee, "not_right", SECRET, pair)
    ask_for_help(pair.mentor, "cannot_reach", "No answer", pair)
    signed_in_as("member")
    page = text(client.get(reverse("send_problem_received")))
    assert [person.email in page for person in (pair.mentor, pair.mentee)] == [True, False]


def test_two_requests_at_once_are_one(pair):
    first = ask_for_help(pair.mentee, "cannot_reach", "", pair)
    assert ask_for_help(pair.mentee, "cannot_reach", "", pair) == first
