"""The rematch from a help request: what is possible, what it sends, and that it can be undone."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from matching.domain.board.history import happenings, steps_of
from matching.domain.board.undo import next_to_undo, undo
from matching.domain.matches.changes import announce, change_mentor, lock
from matching.domain.support import handling, meetings
from matching.domain.support.requests import ask_for_help, enter_request
from matching.models import Concern, Match
from mentorship.domain.people.decisions import withdraw
from notifications.domain.outbox.decisions import hold_emails
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.rematch import (
    CHANGED,
    apply_rematch,
    options_of,
    preview_rematch,
    waiting_person,
)
from notifications.domain.outbox.take_back import take_back
from notifications.models import EmailLog
from tests.factories import KeepApartFactory, MatchFactory, ParticipantFactory
from tests.notifications.conftest import together
from tests.notifications.support.evening import (
    everything,
    make_evening,
    member,
    rematches,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def evening(db):
    return make_evening()


@pytest.fixture
def sofia(evening):
    return member(evening.program)


def ways(concern):
    return [
        [(move.mentee.short_name, move.mentor.short_name) for move in one.moves]
        for one in options_of(concern)
    ]


def option(concern, *mentors):
    """Return the option whose pairs have these mentors (first names), in their order."""
    found = [
        one
        for one in options_of(concern)
        if [move.mentor.short_name for move in one.moves] == list(mentors)
    ]
    assert found, ways(concern)
    return found[0]


def rematch(concern, *mentors, by, settles=False):
    chosen = option(concern, *mentors)
    shown = preview_rematch(concern, chosen, by=by)
    assert shown.refused == ""
    return apply_rematch(concern, chosen.key, shown.mark, by=by, settles=settles)


def live():
    return sorted(
        (match.mentor.short_name, match.mentee.short_name, match.status)
        for match in Match.objects.live().select_related("mentor", "mentee")
    )


class TestWhoIsPossible:
    def test_mentors_with_room_come_first_then_drafts_make_room(self, evening):
        assert ways(evening.concern) == [
            [("Chi", "Eve")],
            [("Chi", "Hal")],
            [("Chi", "Flo"), ("Gus", "Eve")],
        ]
        eve, hal, flo = options_of(evening.concern)
        assert [f.title for f in eve.findings] == []
        assert [f.title for f in hal.findings] == ["Mixed attendance", "No shared field"]
        assert (hal.change["mixed"], hal.change["cross_field"]) == (1, 1)
        assert flo.makes_room[0].leaves == evening.people["Flo"]

    def test_nobody_who_was_told_is_moved_and_no_locked_draft(self, evening):
        lock(evening.draft)
        assert ways(evening.concern) == [[("Chi", "Eve")], [("Chi", "Hal")]]
        Match.objects.update(locked=False)
        announce([evening.draft])
        assert ways(evening.concern) == [[("Chi", "Eve")], [("Chi", "Hal")]]

    def test_nobody_is_offered_whom_an_exclusion_forbids(self, evening):
        KeepApartFactory(
            program=evening.program, first=evening.people["Eve"], second=evening.people["Chi"]
        )
        assert ways(evening.concern) == [[("Chi", "Hal")], [("Chi", "Flo"), ("Gus", "Eve")]]

    def test_whom_somebody_has_left_gets_somebody_else(self, evening):
        withdraw(evening.people["Chi"], "ill")
        left = Concern.objects.get(kind="cannot_take_part")
        assert waiting_person(left) == evening.people["Dee"]
        assert ways(left) == []
        ParticipantFactory(program=evening.program, name="Ivy Lo", short_name="Ivy", mentee=True)
        assert ways(left) == [[("Ivy", "Dee")]]

    def test_somebody_without_a_match_gets_one(self, evening):
        ivy = ParticipantFactory(program=evening.program, short_name="Ivy", mentee=True)
        concern = enter_request(ivy, "cannot_reach", by=member(evening.program, "Marek"))
        assert [way[0][1] for way in ways(concern)] == ["Eve", "Hal", "Flo"]

    def test_the_number_of_queries_does_not_grow(self, evening, django_assert_max_num_queries):
        with django_assert_max_num_queries(14):
            options_of(Concern.objects.select_related("match", "program").get())


class TestApplying:
    def test_the_emails_are_those_that_were_shown_and_nothing_happened_before(self, evening, sofia):
        before = everything()
        chosen = option(evening.concern, "Eve")
        shown = preview_rematch(evening.concern, chosen, by=sofia)
        assert everything() == before
        done = apply_rematch(evening.concern, chosen.key, shown.mark, by=sofia, settles=True)

        def whole(emails):
            return [
                (m.kind, m.recipients, m.subject, m.text_body, m.html_body, m.written_for)
                for m in emails
            ]

        queued = list(done.batch.emails.order_by("pk"))
        # What is about the new match names it by a key that only the real one has.
        assert whole(queued)[:2] == whole(shown.emails)[:2]
        assert [one[:-1] for one in whole(queued)] == [one[:-1] for one in whole(shown.emails)]
        assert told() == [
            ("match_changed", "dee"),
            ("match_changed", "chi"),
            ("match_in_person", "eve", "chi"),
        ]
        assert {mail.not_before for mail in queued} == {done.batch.leaves_at}
        next_for = [("introduces you to Eve Fox." in mail.text_body) for mail in queued[:2]]
        assert next_for == [False, True]
        assert live() == [("Eve", "Chi", "announced"), ("Flo", "Gus", "draft")]
        evening.match.refresh_from_db()
        assert evening.match.dissolved_why == "Chi Okafor has another mentor now"
        evening.concern.refresh_from_db()
        assert (evening.concern.status, evening.concern.outcome, evening.concern.settled_by) == (
            "settled",
            "Chi Okafor is matched with Eve Fox.",
            sofia,
        )
        assert [handling.sentence_of(one, sofia) for one in evening.concern.entries.all()] == [
            "You matched Chi Okafor with Eve Fox",
            "You settled it",
        ]
        assert [one.sentence for one in happenings(evening.program, [done.step])] == [
            "Sofia rematched Chi Okafor with Eve Fox"
        ]

    def test_a_draft_makes_room_and_its_people_are_told_nothing(self, evening, sofia):
        rematch(evening.concern, "Flo", "Eve", by=sofia)
        assert live() == [("Eve", "Gus", "draft"), ("Flo", "Chi", "announced")]
        assert told() == [
            ("match_changed", "dee"),
            ("match_changed", "chi"),
            ("match_in_person", "flo", "chi"),
        ]
        evening.concern.refresh_from_db()
        assert evening.concern.is_open

    def test_a_mentor_who_is_asked_first_is_asked(self, sofia, evening):
        type(evening.program).objects.update(mentors_first=True)
        evening.concern.refresh_from_db()
        done = rematch(evening.concern, "Eve", by=sofia)
        assert told()[-1] == ("ask_mentor", "eve")
        assert ("Eve", "Chi", "draft") in live()
        take_back(done.batch, by=sofia)
        assert live() == [("Dee", "Chi", "announced"), ("Flo", "Gus", "draft")]

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "change",
        [
            lambda evening: MatchFactory(
                program=evening.program,
                mentor=evening.people["Eve"],
                mentee=ParticipantFactory(program=evening.program, mentee=True),
            ),
            lambda evening: withdraw(evening.people["Eve"], "ill"),
            lambda evening: (
                type(evening.people["Eve"])
                .objects.filter(name="Eve Fox")
                .update(name="Eva Fox", short_name="")
            ),
            lambda evening: evening.program.email_templates.create(
                kind="match_changed", subject="Changed", body="Sorry, {{ person.name }}"
            ),
        ],
    )
    def test_what_has_changed_since_is_refused_in_words(self, evening, sofia, change):
        chosen = option(evening.concern, "Eve")
        shown = preview_rematch(evening.concern, chosen, by=sofia)
        change(evening)
        before = everything()
        with pytest.raises(ValidationError) as refused:
            apply_rematch(evening.concern, chosen.key, shown.mark, by=sofia)
        assert refused.value.messages == [CHANGED]
        assert everything() == before
        assert list(rematches()) == []

    def test_who_cannot_be_told_is_not_matched(self, evening, sofia):
        type(evening.people["Eve"]).objects.filter(short_name="Eve").update(
            mail_bounced_at=timezone.now()
        )
        before = everything()
        shown = preview_rematch(evening.concern, option(evening.concern, "Eve"), by=sofia)
        assert shown.refused == ("Eve Fox & Chi Okafor cannot be told: email to Eve Fox bounced.")
        assert everything() == before


class TestUndoing:
    @pytest.mark.slow
    @pytest.mark.parametrize("mentors", [("Eve",), ("Flo", "Eve")])
    def test_everything_is_as_it_was_row_for_row(self, evening, sofia, mentors):
        chi, dee = evening.people["Chi"], evening.people["Dee"]
        hour = (timezone.now() + datetime.timedelta(days=2)).replace(
            hour=15, minute=0, second=0, microsecond=0
        )
        meetings.propose(evening.match, chi, hour)
        meetings.accept(evening.match, dee, hour)
        queue_mail(evening.program, "check_in")
        hold_emails(EmailLog.objects.filter(kind="check_in", people=chi))
        handling.assign(evening.concern, sofia, by=sofia)
        other = ask_for_help(dee, "cannot_reach", "Chi?", evening.match)
        before = everything()
        step_before = next_to_undo(evening.program, sofia)

        done = rematch(evening.concern, *mentors, by=sofia, settles=True)
        stopped = EmailLog.objects.filter(kind="check_in").values_list("state", flat=True)
        assert set(stopped) == {"cancelled"}
        sent = list(done.batch.emails.order_by("pk"))
        assert take_back(done.batch, by=sofia) == len(sent) == 3

        after = everything()
        assert {row["state"] for row in after["emails"][-3:]} == {"cancelled"}
        assert after["emails"][:-3] == before.pop("emails")
        del after["emails"]
        assert after == before
        other.refresh_from_db()
        assert other.is_open
        assert next_to_undo(evening.program, sofia) == step_before
        assert handling.sentence_of(evening.concern.entries.last()) == "Sofia undid the rematch"
        # And once more, since nothing is left of it.
        rematch(evening.concern, "Eve", by=sofia)
        assert ("Eve", "Chi", "announced") in live()

    def test_who_left_is_one_request_after_it_as_before(self, evening, sofia):
        withdraw(evening.people["Dee"], "ill")
        left = Concern.objects.get(kind="cannot_take_part")
        before = everything()["requests"]
        done = rematch(left, "Eve", by=sofia)
        left.refresh_from_db()
        assert left.outcome == "The match has ended."
        assert [kind for kind, *_ in told()] == ["match_changed", "match_in_person"]
        take_back(done.batch, by=sofia)
        assert everything()["requests"] == before

    def test_after_two_minutes_and_on_the_board_it_is_refused(self, evening, sofia):
        done = rematch(evening.concern, "Eve", by=sofia)
        with pytest.raises(ValidationError, match="Undo them in the outbox instead"):
            undo(done.step, sofia)
        with pytest.raises(ValidationError, match="It is too late to undo"):
            take_back(done.batch, by=sofia, now=done.batch.leaves_at)
        assert ("Eve", "Chi", "announced") in live()

    def test_what_somebody_has_built_on_stays_with_its_emails(self, evening, sofia):
        done = rematch(evening.concern, "Eve", by=sofia)
        marek = member(evening.program, "Marek")
        lock(Match.objects.live().get(mentee=evening.people["Chi"]), by=marek)
        with pytest.raises(ValidationError, match="Marek has since locked Eve Fox & Chi Okafor"):
            take_back(done.batch, by=sofia)
        assert len(told()) == 3

    def test_what_its_people_have_used_stays(self, evening, sofia):
        done = rematch(evening.concern, "Eve", by=sofia)
        new = Match.objects.live().get(mentee=evening.people["Chi"])
        ask_for_help(evening.people["Chi"], "cannot_reach", "", new)
        with pytest.raises(ValidationError, match="Eve Fox & Chi Okafor have seen their match"):
            take_back(done.batch, by=sofia)
        assert len(told()) == 3


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_who_apply_different_rematches_make_one(self):
        evening = make_evening()
        chosen = {
            member(evening.program, "Sofia"): option(evening.concern, "Eve"),
            member(evening.program, "Marek"): option(evening.concern, "Flo", "Eve"),
        }
        marks = {
            user.pk: preview_rematch(evening.concern, one, by=user).mark
            for user, one in chosen.items()
        }
        whose = iter(list(chosen.items()))
        turn = threading.Lock()

        def apply():
            with turn:
                user, one = next(whose)
            concern = Concern.objects.get()
            try:
                apply_rematch(concern, one.key, marks[user.pk], by=user)
            except ValidationError as error:
                return " ".join(error.messages)
            return user.first_name

        ends = together(2, apply)
        winners = [end for end in ends if end in ("Sofia", "Marek")]
        assert len(winners) == 1
        refused = next(end for end in ends if end not in winners)
        assert f"Nothing was changed: {winners[0]} has applied a rematch for this request" in (
            refused
        )
        assert rematches().count() == 1
        assert len(told()) == 3
        expected = {
            "Sofia": [("Eve", "Chi", "announced"), ("Flo", "Gus", "draft")],
            "Marek": [("Eve", "Gus", "draft"), ("Flo", "Chi", "announced")],
        }
        assert live() == expected[winners[0]]

    def test_two_who_undo_at_once_undo_it_once(self):
        evening = make_evening()
        sofia = member(evening.program)
        before = everything()["matches"]
        done = rematch(evening.concern, "Eve", by=sofia)

        def undo_it():
            try:
                return take_back(done.batch, by=sofia)
            except ValidationError:
                return "refused"

        assert sorted(map(str, together(2, undo_it))) == ["3", "refused"]
        assert everything()["matches"] == before
        undone = [one for one in steps_of(evening.program) if one.undone_at]
        assert undone == [done.step]

    def test_a_rematch_and_a_move_on_the_board_at_once_leave_no_mentor_too_many(self):
        evening = make_evening()
        sofia = member(evening.program)
        one = option(evening.concern, "Eve")
        mark = preview_rematch(evening.concern, one, by=sofia).mark
        work = iter(
            [
                lambda: apply_rematch(Concern.objects.get(), one.key, mark, by=sofia),
                lambda: change_mentor(
                    Match.objects.get(pk=evening.draft.pk), evening.people["Eve"]
                ),
            ]
        )
        turn = threading.Lock()

        def do():
            with turn:
                mine = next(work)
            try:
                mine()
            except ValidationError:
                return "refused"
            finally:
                connection.close()
            return "done"

        assert sorted(together(2, do)) == ["done", "refused"]
        assert [mentor for mentor, _, _ in live()].count("Eve") == 1
