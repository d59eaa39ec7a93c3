"""A match that ended without a word: the dashboard asks whether to tell its people."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from matching.domain.matches.changes import change_mentor, dissolve
from mentorship.domain.people.decisions import withdraw
from mentorship.interfaces.decisions.registry import Settled, settle_case
from mentorship.models import Program
from notifications.domain.outbox.ending import dissolve_and_tell
from notifications.domain.outbox.preview import preview
from notifications.models import EmailLog
from tests.factories import MatchFactory, ParticipantFactory
from tests.matching.support.test_match_page import emails
from tests.matching.support.test_requests import decisions_of

pytestmark = pytest.mark.django_db


def settle(match, choice):
    return settle_case("ended", Settled(match.program, str(match.pk), choice))


def test_both_are_told_by_one_button(pair):
    dissolve(pair, "Colleagues after all.")
    assert decisions_of(pair.program) == {
        "ended": [
            (
                "Dee Marsh & Chi Okafor",
                "Colleagues after all. Not told yet: Dee Marsh and Chi Okafor.",
                "tell known",
            )
        ]
    }
    assert settle(pair, "tell") == "Dee Marsh & Chi Okafor: 2 emails in the outbox."
    assert [(state, people) for state, people, _ in emails("match_changed")] == [
        ("queued", ["dee@freemail.example"]),
        ("queued", ["chi@freemail.example"]),
    ]
    assert decisions_of(pair.program) == {}
    with pytest.raises(ValidationError, match="settled already"):
        settle(pair, "tell")


def test_who_knows_already_is_not_told(pair):
    change_mentor(pair, ParticipantFactory(program=pair.program, name="Eve"))
    withdraw(pair.mentor, "ill")
    assert decisions_of(pair.program)["ended"] == [
        (
            "Dee Marsh & Chi Okafor",
            "Chi Okafor has another mentor now. Not told yet: Chi Okafor.",
            "tell known",
        )
    ]
    with pytest.raises(ValidationError):
        settle(pair, "nothing")
    assert settle(pair, "known") == (
        "Dee Marsh & Chi Okafor: nobody is emailed about the end of this match."
    )
    assert [state for state, *_ in emails("match_changed")] == ["cancelled"]
    assert "ended" not in decisions_of(pair.program)


def test_nothing_is_asked_where_nobody_counts_on_it(pair):
    draft = MatchFactory(program=pair.program)
    dissolve(draft, "ill")
    assert decisions_of(pair.program) == {}
    dissolve_and_tell(pair, "ill")
    assert decisions_of(pair.program) == {}
    EmailLog.objects.filter(kind="match_changed").delete()
    assert [*decisions_of(pair.program)] == ["ended"]
    Program.objects.update(
        ends_on=timezone.localdate() - timezone.timedelta(days=2), starts_on="2020-01-01"
    )
    pair.program.refresh_from_db()
    assert decisions_of(pair.program) == {}
    (warning,) = [
        words
        for words in preview(pair.program, "match_changed").warnings
        if words.startswith("The conference")
    ]
    assert warning == "The conference is over, and these emails speak of what is still to come."
