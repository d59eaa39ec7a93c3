"""The matching board's pages: what they show, what they do, whom they let in."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from matching.domain.board.board import Tile, read_board
from matching.domain.matches.changes import announce, create_match
from matching.domain.proposals.propose import propose
from matching.models import Match
from mentorship.domain.programs.data_log import log_once_a_day
from tests.factories import MatchFactory, ParticipantFactory

BOARD, PROPOSE = reverse("matching_board"), reverse("propose_matches")
MOVE, ACT = reverse("move_mentee"), reverse("act_on_match")
BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"


def person(program, name, *fields, **kwargs):
    email = kwargs.pop("email", f"{name.lower()}@freemail.example")
    return ParticipantFactory(program=program, name=name, email=email, fields=fields, **kwargs)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def pairs():
    live = Match.objects.live().order_by("mentor__name", "mentee__name")
    return [
        f"{mentor} {mentee}" for mentor, mentee in live.values_list("mentor__name", "mentee__name")
    ]


@pytest.fixture
def people(program):
    return {
        "ada": person(program, "Ada", BIOLOGY, capacity=2),
        "cy": person(program, "Cy", PHYSICS, virtual=True),
        "ben": person(program, "Ben", BIOLOGY, mentee=True),
        "di": person(program, "Di", PHYSICS, mentee=True, virtual=True),
    }


def test_the_board_groups_mentors_by_bin_and_counts_places(program, people):
    create_match(people["ada"], people["ben"])

    board = read_board(program)

    assert [
        (group.title, group.pairs, group.free, [str(row.mentor) for row in group.rows])
        for group in board.groups
    ] == [(PHYSICS, 0, 1, ["Cy"]), (BIOLOGY, 1, 1, ["Ada"])]
    waiting = [person.pk for person in board.waiting]
    assert (waiting, board.places, board.locked, board.problems) == ([people["di"].pk], 3, 0, 0)
    assert [(tile.name, tile.value, tile.best) for tile in board.tiles[:-2]] == [
        ("unmatched", 1, None), ("spread", 0, None), ("mixed", 0, None), ("cross_field", 0, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tile", "verdict"),
    [
        (Tile("mixed", 2, None), "no proposal yet"),
        (Tile("mixed", 2, 2), "best possible"),
        (Tile("mixed", 3, 2), "+1 over the best possible"),
        (Tile("mixed", 1, 2), "1 fewer than in the best matching"),
        (Tile("affinity", -90, -100), "10 below the best matching"),
        (Tile("affinity", -110, -100), "10 above the best matching"),
    ],
)
def test_each_priority_is_held_against_the_best_possible(tile, verdict):
    assert tile.verdict == verdict


def test_after_a_proposal_every_tile_is_at_its_best(program, people):
    propose(program)

    assert {tile.verdict for tile in read_board(program).tiles} == {"best possible"}


def test_the_page_says_which_proposal_the_best_is_of(signed_in, program, people):
    sentence = "Best possible is what the proposal of "
    assert sentence not in signed_in.get(BOARD).content.decode()

    propose(program)

    made = program.formats.short_moment(program.proposals.get().created_at)
    assert f"{sentence}{made} proved" in signed_in.get(BOARD).content.decode()


def test_the_page_shows_chips_with_warnings(signed_in, program):
    MatchFactory(
        program=program,
        mentor=person(program, "Ada", email="ada@eastport.example"),
        mentee=person(program, "<b>Ben</b>", mentee=True, email="ben@eastport.example"),
        affinity=640,
    )

    text = signed_in.get(BOARD).content.decode()

    chips = re.findall(r'<li id="mentee-\d+".*?</li>', text, re.S)
    assert len(chips) == 1
    assert "&lt;b&gt;Ben&lt;/b&gt;" in chips[0]
    assert re.findall(r'cm-state [\w-]+">([^<]+)<', chips[0]) == ["Colleagues"]
    assert re.findall(r"affinity </span>(\d+)", chips[0]) == ["640"]


def test_the_number_of_queries_does_not_grow(
    signed_in, member, program, people, django_assert_max_num_queries
):
    match = create_match(people["ada"], people["ben"])
    address = f"{BOARD}?mentee={match.mentee_id}"
    log_once_a_day(program, member, "matching board")  # the first look of a day is noted
    with django_assert_max_num_queries(51) as few:
        signed_in.get(address)
    MatchFactory.create_batch(15, program=program)
    ParticipantFactory.create_batch(5, program=program, mentee=True)
    with django_assert_max_num_queries(len(few)):
        signed_in.get(address)


def test_moving_a_waiting_mentee_makes_a_match(signed_in, member, people):
    response = signed_in.post(MOVE, {"mentee": people["ben"].pk, "mentor": people["ada"].pk})

    assert response.url == f"{BOARD}?mentee={people['ben'].pk}#mentee-{people['ben'].pk}"
    assert said(response) == ["Ben is now matched with Ada."]
    assert pairs() == ["Ada Ben"]
    assert Match.objects.get().history.get().history_user == member


def test_a_move_with_warnings_is_asked_about_first(signed_in, people):
    create_match(people["ada"], people["ben"])
    wish = {"mentee": people["ben"].pk, "mentor": people["cy"].pk}

    asked = signed_in.post(MOVE, wish)
    assert asked.url == f"{BOARD}?mentee={wish['mentee']}&to={wish['mentor']}#chosen"
    assert pairs() == ["Ada Ben"]
    context = signed_in.get(asked.url).context
    assert [finding.kind for finding in context["going_to"].findings] == [
        "mixed_attendance",
        "cross_field",
    ]

    signed_in.post(MOVE, wish | {"read": "1"})
    assert pairs() == ["Cy Ben"]


def test_moving_to_a_full_mentor_or_to_nobody_is_refused_in_words(signed_in, people):
    create_match(people["cy"], people["di"])
    wish = {"mentee": people["ben"].pk, "mentor": people["cy"].pk, "read": "1"}

    assert said(signed_in.post(MOVE, wish)) == ["Cy has no free place: 1 of 1 taken."]
    nobody = signed_in.post(MOVE, {"mentee": people["ben"].pk})
    assert said(nobody)[-1] == "Choose a mentor first."
    assert pairs() == ["Cy Di"]


def test_lock_unlock_and_dissolve(signed_in, people):
    match = create_match(people["ada"], people["ben"])

    signed_in.post(ACT, {"match": match.pk, "do": "lock"})
    match.refresh_from_db()
    assert match.locked is True
    signed_in.post(ACT, {"match": match.pk, "do": "unlock"})
    refused = signed_in.post(ACT, {"match": match.pk, "do": "dissolve", "why": " "})
    assert said(refused)[-1] == "Enter why this match ends, in 1 to 200 characters."
    assert pairs() == ["Ada Ben"]
    done = signed_in.post(ACT, {"match": match.pk, "do": "dissolve", "why": "ill", "next": BOARD})
    assert (done.url, pairs()) == (BOARD, [])
    match.refresh_from_db()
    assert (match.locked, match.dissolved_why) == (False, "ill")


def test_the_boards_locks_toggle_one_match(signed_in, people):
    match = create_match(people["ada"], people["ben"])
    other = MatchFactory()
    address = reverse("lock_or_unlock")

    signed_in.post(address, {"lock": match.pk})
    match.refresh_from_db()
    assert match.locked is True
    signed_in.post(address, {"unlock": match.pk})
    match.refresh_from_db()
    assert match.locked is False
    assert signed_in.post(address, {"lock": other.pk}).status_code == 404
    assert signed_in.post(address).status_code == 404


def test_next_leads_nowhere_else(signed_in, people):
    match = create_match(people["ada"], people["ben"])
    form = {"match": match.pk, "do": "lock", "next": "https://evil.example/"}

    assert signed_in.post(ACT, form).url.startswith(BOARD)


def test_a_proposal_is_shown_before_it_is_written(signed_in, people):
    create_match(people["ada"], people["di"])

    shown = signed_in.get(PROPOSE)
    assert pairs() == ["Ada Di"]
    assert [f"{a} {b}" for a, b in shown.context["coming"]] == ["Ada Ben", "Cy Di"]
    assert [f"{a} {b}" for a, b in shown.context["going"]] == ["Ada Di"]

    written = signed_in.post(PROPOSE)
    assert said(written) == [
        "Saved 2 pairs. Every mentee has a mentor. This is proven to be the best possible matching."
    ]
    assert pairs() == ["Ada Ben", "Cy Di"]


def test_another_program_is_out_of_reach(signed_in, people):
    match = MatchFactory()
    stranger = ParticipantFactory(program=match.program, mentee=True)
    place = ParticipantFactory(program=match.program)

    assert signed_in.get(f"{BOARD}?mentee={match.mentee_id}").context.get("chosen") is None
    for address, form in [
        (ACT, {"match": match.pk, "do": "dissolve", "why": "x"}),
        (ACT, {"match": "9" * 30, "do": "lock"}),
        (MOVE, {"mentee": stranger.pk, "mentor": place.pk}),
        (MOVE, {"mentee": people["ben"].pk, "mentor": place.pk}),
        (MOVE, {"mentee": "none", "mentor": place.pk}),
    ]:
        assert signed_in.post(address, form).status_code == 404
    assert signed_in.post(ACT, {"match": match.pk, "do": "burn"}).status_code == 400
    assert list(Match.objects.values_list("pk", "status")) == [(match.pk, "draft")]


@pytest.mark.parametrize("address", [BOARD, PROPOSE, MOVE, ACT])
def test_signed_out_nothing_is_reached(client, db, address):
    response = client.post(address) if address in (MOVE, ACT) else client.get(address)

    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:login"))


def test_an_announced_match_says_what_moving_means(signed_in, people):
    announce([create_match(people["ada"], people["ben"])])

    text = signed_in.get(f"{BOARD}?mentee={people['ben'].pk}").content.decode()

    assert text.count("Moving the mentee dissolves it and starts a new draft") == 1


def test_an_empty_program_has_an_empty_board(signed_in):
    text = signed_in.get(BOARD).content.decode()

    assert "There are no mentors yet." in text
    assert "Everyone has a mentor." not in text
