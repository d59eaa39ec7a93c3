"""What the committee does on the board: one step each, and never on what they have not seen."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from matching.domain.board.actions import (
    BoardMoved,
    dissolve_all,
    happened_since,
    lock_all,
    move,
    move_all_to_bin,
    swap,
    write_note,
)
from matching.domain.board.undo import next_to_undo, undo
from matching.domain.matches.steps import version_of
from matching.models import BoardStep, Match
from tests.factories import ParticipantFactory, ProgramFactory, UserFactory
from tests.matching.board.test_undo import BIOLOGY, make_people


def pairs():
    return [str(match) for match in Match.objects.live().order_by("mentee__name")]


@pytest.fixture
def people(program):
    return make_people(program)


@pytest.fixture
def sofia(db):
    return UserFactory(username="sofia")


def test_a_mentee_moves_to_a_mentor_to_another_and_to_nobody(program, people, sofia):
    move(people["Ben"], people["Ada"], by=sofia)
    assert pairs() == ["Ada & Ben"]
    move(people["Ben"], people["Cy"], by=sofia)
    assert pairs() == ["Cy & Ben"]
    move(people["Ben"], None, by=sofia)
    move(people["Ben"], None, by=sofia)
    assert pairs() == []
    assert [one.sentence for one in happened_since(program, 0)] == [
        "sofia matched Ben with Ada",
        "sofia moved Ben from Ada to Cy",
        "sofia moved Ben from Cy to unmatched",
    ]


def test_two_mentees_change_places_in_one_step(program, people, sofia):
    move(people["Ben"], people["Ada"], by=sofia)
    move(people["Di"], people["Cy"], by=sofia)

    swap(people["Di"], people["Ben"], by=sofia)

    assert pairs() == ["Cy & Ben", "Ada & Di"]
    assert BoardStep.objects.count() == 3
    with pytest.raises(ValidationError, match="Eve has no mentor to swap"):
        swap(people["Di"], people["Eve"], by=sofia)


def test_several_pairs_are_one_step_or_none(program, people, sofia):
    matches = [
        move(people["Ben"], people["Ada"], by=sofia),
        move(people["Di"], people["Cy"], by=sofia),
    ]
    lock_all(matches, True, by=sofia)
    biology = people["Ada"].fields.get(name=BIOLOGY)
    move_all_to_bin(matches[:1], biology.pk, by=sofia)
    write_note(matches[0], "good", by=sofia)
    with pytest.raises(ValidationError, match="can only be listed under"):
        move_all_to_bin(matches, biology.pk, by=sofia)
    dissolve_all(matches, "starting over", by=sofia)
    with pytest.raises(ValidationError, match="already dissolved"):
        lock_all(matches, True, by=sofia)
    with pytest.raises(ValidationError, match="Select at least one pair first"):
        lock_all([], True, by=sofia)

    assert [one.did for one in happened_since(program, 2)] == [
        "locked 2 pairs",
        f"moved Ada & Ben to {BIOLOGY}",
        "changed the note on Ada & Ben",
        "dissolved 2 pairs",
    ]


def test_an_edit_on_an_old_board_is_refused_with_what_happened(program, people, sofia):
    marek = UserFactory(username="marek")
    seen = version_of(program)
    move(people["Ben"], people["Ada"], by=sofia, seen=seen)

    move(people["Di"], people["Cy"], by=marek, seen=seen)  # Ben's move is not in the way
    with pytest.raises(BoardMoved, match="sofia matched Ben with Ada") as refused:
        move(people["Ben"], people["Cy"], by=marek, seen=seen)
    assert [one.said for one in refused.value.happenings] == ["sofia matched Ben with Ada"]
    with pytest.raises(BoardMoved):
        swap(people["Di"], people["Ben"], by=marek, seen=seen)
    assert pairs() == ["Ada & Ben", "Cy & Di"]

    now = version_of(program)
    undo(next_to_undo(program, sofia), sofia)
    with pytest.raises(BoardMoved, match="sofia undid this: sofia matched Ben with Ada"):
        move(people["Ben"], people["Ada"], by=marek, seen=now)
    move(people["Ben"], people["Ada"], by=marek, seen=version_of(program))
    assert pairs() == ["Ada & Ben", "Cy & Di"]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_move_one_mentee_at_once_one_does_and_the_others_are_told():
    program = ProgramFactory()
    mentee = ParticipantFactory(program=program, name="Ben", mentee=True)
    mentors = ParticipantFactory.create_batch(4, program=program)
    users = [UserFactory(username=f"member{n}") for n in range(4)]
    start, results = threading.Barrier(4), []

    def take(user, mentor):
        try:
            start.wait()
            move(mentee, mentor, by=user, seen=0)
            results.append("moved")
        except BoardMoved as error:
            results.append(len(error.happenings))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=take, args=both) for both in zip(users, mentors, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, results)) == ["1", "1", "1", "moved"]
    assert (Match.objects.live().count(), version_of(program)) == (1, 1)
