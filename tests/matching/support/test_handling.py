"""What members do with a help request: one outcome of two at once, and words for the other."""

import datetime
import itertools

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from matching.domain.support import handling
from matching.domain.support.handling import last_entry, sentence_of
from matching.domain.support.requests import ask_for_help
from matching.models import Concern, ConcernEntry, Meeting
from tests.factories import ConcernFactory, MembershipFactory
from tests.notifications.conftest import together

pytestmark = pytest.mark.django_db


def user_of(program, first_name, level="member"):
    name = first_name.lower()
    return MembershipFactory(
        program=program, level=level, user__username=name, user__first_name=first_name
    ).user


@pytest.fixture
def sofia(program):
    return user_of(program, "Sofia")


@pytest.fixture
def marek(program):
    return user_of(program, "Marek")


@pytest.fixture
def concern(pair):
    return ConcernFactory(participant=pair.mentee, match=pair)


def told(concern, reader=None):
    return [(sentence_of(one, reader), one.text) for one in concern.entries.all()]


def test_each_act_is_noted_with_who_did_it(concern, sofia, marek):
    day = timezone.localdate(timezone=datetime.UTC) + datetime.timedelta(days=2)
    handling.assign(concern, sofia, by=sofia)
    handling.assign(concern, sofia, by=sofia)
    handling.assign(concern, marek, by=sofia)
    handling.write_note(concern, " Called Dee ", by=marek)
    handling.put_off(concern, day, by=marek)
    handling.settle(concern, "They met", by=marek)
    handling.settle(concern, "Again", by=sofia)
    handling.reopen(concern, by=sofia)
    row = handling.assign(concern, None, by=sofia)

    assert told(concern, sofia) == [
        ("You took this request", ""),
        ("You gave this request to Marek", ""),
        ("Marek noted", "Called Dee"),
        (f"Marek put it off until {concern.program.formats.date(day)}", ""),
        ("Marek settled it", "They met"),
        ("You reopened it", ""),
        ("You gave this request back: nobody takes care of it now", ""),
    ]
    assert (row.status, row.owner, row.due_on, row.outcome, row.settled_by) == (
        "open", None, None, "They met", None,
    )  # fmt: skip


def test_what_somebody_did_since_is_told_and_nothing_changes(concern, sofia, marek):
    seen = last_entry(concern)
    handling.assign(concern, marek, by=marek, seen=seen)
    for act in (
        lambda: handling.assign(concern, sofia, by=sofia, seen=seen),
        lambda: handling.settle(concern, "Done", by=sofia, seen=seen),
        lambda: handling.put_off(concern, None, by=sofia, seen=seen),
        lambda: handling.reopen(concern, by=sofia, seen=seen),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        [words] = refused.value.messages
        assert words.startswith("Nothing was changed. Meanwhile: Marek took this request (")
    concern.refresh_from_db()
    assert (concern.status, concern.owner) == ("open", marek)


def test_words_that_the_person_adds_are_seen_before_it_is_settled(pair, sofia):
    concern = ask_for_help(pair.mentee, "cannot_reach", "One", pair)
    seen = last_entry(concern)
    ask_for_help(pair.mentee, "cannot_reach", "And now she wrote", pair)
    with pytest.raises(ValidationError, match="Chi Okafor wrote again"):
        handling.settle(concern, "", by=sofia, seen=seen)


def test_what_is_for_the_chairs_is_given_to_no_member(pair, sofia):
    concern = ConcernFactory(participant=pair.mentee, kind="not_right")
    chair = user_of(pair.program, "Ines", "chair")
    outsider = MembershipFactory().user
    for user in (sofia, outsider):
        with pytest.raises(ValidationError, match="cannot see this request"):
            handling.assign(concern, user, by=chair)
    assert handling.assign(concern, chair, by=chair).owner == chair


def test_a_day_that_is_past_and_a_note_without_words_are_refused(concern, sofia):
    yesterday = timezone.localdate(timezone=datetime.UTC) - datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="That day is past"):
        handling.put_off(concern, yesterday, by=sofia)
    with pytest.raises(ValidationError, match="Write something first"):
        handling.write_note(concern, "  ", by=sofia)
    assert told(concern) == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_who_take_it_or_settle_it_at_once_are_one(self, pair):
        concern = ConcernFactory(participant=pair.mentee, match=pair)
        users = [user_of(pair.program, name) for name in ("Sofia", "Marek", "Ines", "Ben")]
        mine = itertools.count()

        def act():
            user = users[next(mine)]
            try:
                if users.index(user) % 2:
                    handling.settle(concern, user.first_name, by=user, seen=0)
                else:
                    handling.assign(concern, user, by=user, seen=0)
            except ValidationError as error:
                return error.messages[0].split(": ", 1)[0]
            return "done"

        refused = "Nothing was changed. Meanwhile"
        assert sorted(together(4, act)) == [refused] * 3 + ["done"]
        assert ConcernEntry.objects.count() == 1
        concern.refresh_from_db()
        assert bool(concern.owner) != (concern.status == "settled")

    def test_notes_at_once_are_all_kept(self, pair):
        concern = ConcernFactory(participant=pair.mentee, match=pair)
        user = user_of(pair.program, "Sofia")
        together(4, lambda: handling.write_note(concern, "Called", by=user))
        assert told(concern) == [("Sofia noted", "Called")] * 4

    def test_a_double_tap_on_a_help_request_is_one_row_with_one_receipt(self, client, pair):
        from django.test import Client

        from notifications.models import EmailLog
        from tests.matching.support.test_match_page import address

        path = address("match_help", pair.mentee, pair.pk, "cannot-reach")

        def tap():
            return Client().post(path, {"text": "Two emails, no answer"}).status_code

        assert together(4, tap) == [200] * 4
        rows = Concern.objects.values_list("kind", "status", "text")
        assert list(rows) == [("cannot_reach", "open", "Two emails, no answer")]
        assert ConcernEntry.objects.count() == 0
        assert EmailLog.objects.filter(kind="problem_received").count() == 1

    def test_a_double_tap_on_an_hour_is_one_meeting_with_one_email(self, pair):
        from django.test import Client

        from matching.domain.support.meetings import hours_to_propose
        from notifications.models import EmailLog
        from tests.matching.support.test_match_page import address

        hour = hours_to_propose(pair)[0]
        path = address("match_hour", pair.mentee, pair.pk)

        def tap():
            said = {"do": "propose", "hour": hour.isoformat()}
            return Client().post(path, said).status_code

        assert together(4, tap) == [302] * 4
        assert list(Meeting.objects.values_list("starts_at", "sequence")) == [(hour, 1)]
        assert EmailLog.objects.filter(kind="meeting").count() == 1
