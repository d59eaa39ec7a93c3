"""What no button sends is answered with a clear refusal, whatever it is."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from matching.models import KeepApart, Match
from tests.factories import MatchFactory

NO_KEYS = ["9" * 5_000, "9" * 30, "-1", "1.5", "none", "1\x002", "\x00"]
BOARD, PROPOSE, WHAT_IF = reverse("matching_board"), reverse("propose_matches"), reverse("what_if")


@pytest.fixture
def match(program):
    return MatchFactory(program=program)


@pytest.mark.parametrize("value", NO_KEYS)
@pytest.mark.parametrize(
    ("name", "address"), [("mentee", BOARD), ("to", BOARD), ("mentee", reverse("next_mentors"))]
)
def test_an_address_with_no_key_leads_nowhere(signed_in, match, name, address, value):
    assert signed_in.get(address, {name: value}).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("value", NO_KEYS)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["mentor", "mentee"])
def test_a_proposal_for_nobody_is_refused_in_words(signed_in, match, name, method, value):
    pair = {"mentor": match.mentor_id, "mentee": match.mentee_id} | {name: value}

    answer = getattr(signed_in, method)(PROPOSE, pair)

    assert (answer.status_code, answer.url) == (302, BOARD)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Choose a mentor and a mentee who are taking part."
    ]
    assert list(Match.objects.values_list("pk", "locked")) == [(match.pk, False)]


@pytest.mark.slow
@pytest.mark.parametrize("value", NO_KEYS)
@pytest.mark.parametrize("name", ["count", "field", "attendance", "mentor", "places", "unlock"])
def test_what_if_says_what_cannot_be(signed_in, match, name, value):
    asked = {"if-mentor": match.mentor_id, "if-places": 1, "ask": 1} | {f"if-{name}": value}

    form = signed_in.get(WHAT_IF, asked).context["what_if_form"]

    assert list(form.errors) == [name]


@pytest.mark.slow
@pytest.mark.parametrize("value", NO_KEYS)
@pytest.mark.parametrize(
    ("name", "url", "status"),
    [
        ("mentee", "move_mentee", 404),
        ("mentor", "move_mentee", 404),
        ("lock", "lock_or_unlock", 404),
        ("unlock", "lock_or_unlock", 404),
        ("match", "act_on_match", 404),
        ("bin", "act_on_match", 400),
        ("do", "act_on_match", 400),
        ("earlier", "past_pairs", 400),
    ],
)
def test_a_button_without_a_key_does_nothing(signed_in, match, name, url, status, value):
    whole = {
        "move_mentee": {"mentee": match.mentee_id, "mentor": match.mentor_id, "read": 1},
        "act_on_match": {"match": match.pk, "do": "bin"},
    }

    answer = signed_in.post(reverse(url), whole.get(url, {}) | {name: value})

    assert answer.status_code == status
    assert list(Match.objects.values_list("pk", "bin", "locked")) == [(match.pk, None, False)]
    assert KeepApart.objects.count() == 0


@pytest.mark.parametrize("value", ["9" * 5_000, "x\x00y"])
def test_a_reason_that_cannot_be_kept_is_refused(signed_in, match, value):
    signed_in.post(reverse("act_on_match"), {"match": match.pk, "do": "dissolve", "why": value})

    match.refresh_from_db()
    assert (match.status, match.dissolved_why) == ("draft", "")


@pytest.mark.parametrize(("value", "status"), [("9" * 5_000, 302), ("x", 302), ("\x00", 302)])
def test_a_preview_that_nobody_made_is_not_saved(signed_in, match, value, status):
    answer = signed_in.post(reverse("confirm_sheets"), {"token": value})

    assert answer.status_code == status
    assert list(Match.objects.values_list("pk", "mentor")) == [(match.pk, match.mentor_id)]


@pytest.mark.parametrize("value", ["9" * 5_000, "x", "\x00"])
@pytest.mark.parametrize("name", ["seen", "floor", "priorities", "weight_sector"])
def test_criteria_that_no_page_sends_are_refused(signed_in, program, name, value):
    answer = signed_in.post(reverse("try_criteria"), {name: value})

    assert answer.context["refusal"]
