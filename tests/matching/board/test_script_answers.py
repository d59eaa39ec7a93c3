"""What the board's script is answered: what changed, questions, refusals, and nothing new."""

import json
import re

import pytest
from django.urls import reverse

from matching.domain.board.actions import move
from matching.domain.matches.changes import announce, create_match
from matching.domain.matches.steps import version_of
from matching.models import Match
from tests.factories import MatchFactory, ParticipantFactory, UserFactory
from tests.matching.board.test_undo import BIOLOGY, make_people

BOARD, MOVE, SWAP = reverse("matching_board"), reverse("move_mentee"), reverse("swap_mentees")
ACT, UNDO, REDO = reverse("act_on_match"), reverse("undo_step"), reverse("redo_step")
CHANGES, CONSEQUENCES = reverse("board_changes"), reverse("drop_consequences")


@pytest.fixture
def people(program):
    return make_people(program)


@pytest.fixture
def send(signed_in):
    """Send as the board's script does; return status and what the answer has in it."""

    def send(address, **data):
        values = {k: v.pk if hasattr(v, "pk") else v for k, v in data.items()}
        response = signed_in.post(address, values, headers={"HX-Request": "true"})
        return response.status_code, parts(response)

    return send


def parts(response):
    text = response.content.decode()
    said = re.search(r"<p data-said>(.*?)</p>", text)
    title = re.search(r'<h2 id="dialog-title"[^>]*>(.*?)</h2>', text)
    return {
        "rows": re.findall(r'<li id="mentor-\d+".*?data-words="([^"]*)"', text),
        "chips": re.findall(r'aria-label="Select ([^"]*)"', text),
        "waits": re.findall(r'data-waits data-after="\d*"><a[^>]*>([^<]*)</a>', text),
        "said": said and said[1].strip(),
        "dialog": title and title[1].strip(),
        "version": response["X-Board-Version"],
    }


def pairs():
    return [str(match) for match in Match.objects.live().order_by("mentee__name")]


def test_a_move_answers_with_the_rows_it_changed(send, people):
    assert send(MOVE, mentee=people["Di"], mentor=people["Cy"], seen=0) == (200, {
        "rows": ["Cy, 0 of 1 free"], "chips": ["Cy &amp; Di"], "waits": [],
        "said": "Di is now matched with Cy.", "dialog": None, "version": "1",
    })  # fmt: skip
    status, answer = send(MOVE, mentee=people["Di"], mentor=people["Ada"], seen=1, dropped=1)
    assert (status, answer["rows"]) == (200, ["Ada, 1 of 2 free", "Cy, 1 of 1 free"])
    status, answer = send(MOVE, mentee=people["Di"], nobody=1, seen=2)
    assert (status, answer["rows"], answer["waits"], answer["said"]) == (
        200, ["Ada, 2 of 2 free"], ["Di"], "Di is now unmatched.",
    )  # fmt: skip


def test_a_drop_asks_only_about_what_is_more_than_a_warning(send, program, people):
    colleague = ParticipantFactory(
        program=program, name="Kim", email="kim@x.example", virtual=True, mentee=True
    )
    boss = ParticipantFactory(program=program, name="Lou", email="lou@x.example")

    asked = send(MOVE, mentee=colleague, mentor=people["Cy"], seen=0)
    assert (asked[0], asked[1]["dialog"], pairs()) == (422, "Match Kim with Cy?", [])
    assert send(MOVE, mentee=colleague, mentor=people["Cy"], seen=0, dropped=1)[0] == 200
    asked = send(MOVE, mentee=colleague, mentor=boss, seen=1, dropped=1)
    assert (asked[0], asked[1]["dialog"], pairs()) == (422, "Match Kim with Lou?", ["Cy & Kim"])
    assert send(MOVE, mentee=colleague, mentor=boss, seen=1, dropped=1, read=1)[0] == 200
    assert pairs() == ["Lou & Kim"]


def test_a_drop_on_a_full_mentor_offers_a_swap(send, people):
    create_match(people["Cy"], people["Di"])
    create_match(people["Ada"], people["Ben"])

    status, answer = send(MOVE, mentee=people["Ben"], mentor=people["Cy"], seen=2, dropped=1)
    assert (status, answer["dialog"]) == (422, "Cy has no free place")
    status, answer = send(SWAP, mentee=people["Ben"], other=people["Di"], seen=2, read=1)
    assert (status, answer["said"]) == (200, "Ben is now matched with Cy, in place of Di.")
    assert pairs() == ["Cy & Ben", "Ada & Di"]


def test_an_announced_pair_asks_before_it_ends_and_before_it_comes_back(send, member, people):
    announce([create_match(people["Ada"], people["Ben"])])

    asked = send(MOVE, mentee=people["Ben"], nobody=1, seen=2)
    assert (asked[0], asked[1]["dialog"], pairs()) == (422, "Unmatch Ben?", ["Ada & Ben"])
    assert send(MOVE, mentee=people["Ben"], nobody=1, seen=2, read=1)[0] == 200
    asked = send(UNDO, seen=3)
    assert (asked[0], asked[1]["dialog"], pairs()) == (422, "People know about this", [])
    assert send(UNDO, seen=3, sure=1)[0] == 200
    assert [m.status for m in Match.objects.live()] == ["announced"]


def test_undo_and_redo_answer_with_what_came_back(send, people):
    send(MOVE, mentee=people["Ben"], mentor=people["Ada"], seen=0)
    status, answer = send(UNDO, seen=1)
    assert (status, answer["waits"], answer["said"]) == (
        200, ["Ben"], "Undone: You matched Ben with Ada.",
    )  # fmt: skip
    status, answer = send(REDO, seen=2)
    assert (status, answer["chips"]) == (200, ["Ada &amp; Ben"])
    status, answer = send(REDO, seen=3)
    assert (status, answer["dialog"]) == (409, "Nothing was changed")


def test_a_stale_edit_is_refused_with_what_happened_and_how_to_apply_it_again(send, people):
    move(people["Ben"], people["Ada"], by=UserFactory(first_name="Marek"), seen=0)

    status, answer = send(MOVE, mentee=people["Ben"], mentor=people["Cy"], seen=0, dropped=1)
    assert (status, answer["chips"], answer["version"]) == (409, ["Ada &amp; Ben"], "1")
    assert pairs() == ["Ada & Ben"]
    assert send(MOVE, mentee=people["Ben"], mentor=people["Cy"], seen=1, dropped=1)[0] == 200
    assert pairs() == ["Cy & Ben"]


def test_several_pairs_change_at_once_or_not_at_all(signed_in, send, program, people):
    matches = [create_match(people["Ada"], people[name]) for name in ("Ben", "Di")]
    keys = [match.pk for match in matches]

    status, answer = send(ACT, match=keys, do="lock", seen=2)
    assert (status, answer["said"]) == (200, "Locked 2 pairs. Proposals will keep them.")
    assert list(Match.objects.values_list("locked", flat=True)) == [True, True]
    stranger = MatchFactory()
    assert signed_in.post(ACT, {"match": [*keys, stranger.pk], "do": "unlock"}).status_code == 404
    status, answer = send(ACT, match=keys, do="dissolve", why=" ", seen=3)
    assert (status, answer["dialog"]) == (409, "Nothing was changed")
    status, answer = send(ACT, match=keys, do="dissolve", why="again", seen=3)
    assert (status, answer["waits"], pairs()) == (
        200, ["Ben", "Di"], [str(stranger)],
    )  # fmt: skip
    assert send(ACT, do="lock", seen=4)[0] == 409


def test_a_note_is_kept_shown_and_refused_if_too_long(signed_in, send, people):
    match = create_match(people["Ada"], people["Ben"])

    assert send(ACT, match=match, do="note", note="<b>asked</b> for her", seen=1)[0] == 200
    text = signed_in.get(BOARD).content.decode()
    assert "&lt;b&gt;asked&lt;/b&gt; for her" in text
    assert send(ACT, match=match, do="note", note="x" * 301, seen=2)[0] == 409
    match.refresh_from_db()
    assert match.note == "<b>asked</b> for her"


def test_a_poll_is_told_what_others_did_and_otherwise_304(signed_in, program, people):
    def poll(seen):
        return signed_in.get(f"{CHANGES}?since={seen}", headers={"If-None-Match": f'"{seen}"'})

    assert (poll(0).status_code, poll(0).content) == (304, b"")
    marek = UserFactory(first_name="Marek")
    move(people["Ben"], people["Ada"], by=marek)
    answer = poll(0)
    assert (answer.status_code, parts(answer)["said"]) == (200, "Marek matched Ben with Ada.")
    assert (parts(answer)["chips"], parts(answer)["version"]) == (["Ada &amp; Ben"], "1")
    assert poll(version_of(program)).status_code == 304


def test_each_mentor_says_what_a_drop_would_do(signed_in, program, people):
    create_match(people["Cy"], people["Di"])
    boss = ParticipantFactory(program=program, name="Lou", email="lou@x.example", virtual=True)
    kim = ParticipantFactory(program=program, name="Kim", email="kim@x.example", mentee=True)
    ParticipantFactory(program=program, name="Moe", email="moe@freemail.example", capacity=0)

    answer = signed_in.get(f"{CONSEQUENCES}?mentee={kim.pk}")

    names = {person.pk: name for name, person in people.items()} | {boss.pk: "Lou"}
    said = {
        names.get(pk, "Moe"): (one["tone"], one["words"])
        for one in json.loads(answer.content)["consequences"]
        for pk in one["mentors"]
    }
    assert said == {
        "Ada": ("warning", "No shared field · costs the best matching nothing"),
        "Cy": ("warning", "full: drop to swap · No shared field · costs the best matching nothing"),
        "Lou": ("bad", "Colleagues · Mixed attendance"),
        "Moe": ("bad", "not taking mentees"),
    }
    assert signed_in.get(f"{CONSEQUENCES}?mentee={boss.pk}").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "rows", "waits"),
    [
        ("q=ben", ["Ada"], []),
        ("q=EVE", [], ["Eve"]),
        ("q=asked", ["Ada"], []),
        ("q=telescope", [], ["Eve"]),
        ("q=cy%40freemail", ["Cy"], []),
        ("only=virtual", [], ["Eve"]),
        ("only=locked", ["Ada"], []),
        ("only=free", ["Ada", "Lou"], []),
        ("only=warnings", ["Cy"], []),
        ("only=announced", [], []),
        ("only=locked&only=virtual", [], []),
        ("only=nonsense", ["Ada", "Cy", "Lou"], ["Eve"]),
        ("bin=0&after=none", 404, 404),
    ],
)
def test_the_board_is_searched_and_filtered(signed_in, program, people, query, rows, waits):
    match = create_match(people["Ada"], people["Ben"], locked=True)
    Match.objects.filter(pk=match.pk).update(note="asked for her")
    people["Di"].fields.clear()
    create_match(people["Cy"], people["Di"])
    ParticipantFactory(program=program, name="Lou", email="lou@x.example", fields=[BIOLOGY])
    people["Eve"].signup_attendance, people["Eve"].notes = "virtual", "A telescope"
    people["Eve"].save()

    if rows == 404:
        assert signed_in.get(f"{reverse('board_rows')}?{query}").status_code == 404
        return
    found = signed_in.get(f"{BOARD}?{query}").context
    shown = sorted(str(row.mentor) for one in found["groups"] for row in one["rows"])
    assert (shown, [str(person) for person in found["found"].waiting]) == (rows, waits)


def test_a_bin_comes_a_few_rows_at_a_time(signed_in, program):
    mentors = [ParticipantFactory(program=program, name=f"M{n:03}") for n in range(95)]
    other = program.fields.get(is_other=True)

    first = signed_in.get(BOARD).content.decode()
    names = re.findall(r"data-words=\"(M\d+), ", first)
    while address := re.search(r'hx-get="([^"]+bin=[^"]+)" hx-trigger="intersect', first):
        first = signed_in.get(address[1].replace("&amp;", "&")).content.decode()
        names += re.findall(r"data-words=\"(M\d+), ", first)

    assert names == [mentor.name for mentor in mentors]
    whole = signed_in.get(f"{BOARD}?bin={other.pk}").content.decode()
    assert re.findall(r"data-words=\"(M\d+), ", whole) == names


def test_the_history_undoes_any_step_that_nobody_built_on(signed_in, member, people):
    move(people["Ben"], people["Ada"], by=member)
    first = Match.objects.get().program.board_steps.get()
    move(people["Di"], people["Cy"], by=UserFactory(first_name="Marek"))
    page = reverse("board_history")

    told = signed_in.get(page).context["happenings"]
    assert [one.sentence for one in told] == [
        "Marek matched Di with Cy",
        "You matched Ben with Ada",
    ]
    for step in (told[0].step, first):
        assert signed_in.post(UNDO, {"step": step.pk, "next": page}).url == page
    assert pairs() == []
    signed_in.post(REDO, {"step": first.pk, "next": page})
    assert pairs() == ["Ada & Ben"]


def test_steps_of_another_program_are_out_of_reach(signed_in, member):
    move(ParticipantFactory(mentee=True), None, by=member)
    match = MatchFactory()
    move(match.mentee, None, by=member)

    step = match.program.board_steps.get()
    assert signed_in.post(UNDO, {"step": step.pk}).status_code == 404
    assert signed_in.post(UNDO, {"step": "9" * 30}).status_code == 404
