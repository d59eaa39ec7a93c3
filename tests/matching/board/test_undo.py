"""Undo and redo of the board's steps: row for row, refused where somebody has built on them."""

import random
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from matching.domain.board.history import happenings, steps_of
from matching.domain.board.undo import next_to_redo, next_to_undo, redo, undo
from matching.domain.matches.bins import change_bin
from matching.domain.matches.changes import (
    announce,
    change_mentor,
    create_match,
    dissolve,
    lock,
    swap,
    unlock,
    write_note,
)
from matching.domain.proposals.propose import propose
from matching.models import BoardStep, Match
from mentorship.models import Participant
from notifications.models import EmailLog, Kind
from tests.factories import (
    EmailLogFactory,
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)

BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"


def rows():
    return list(Match.objects.order_by("pk").values())


@pytest.fixture
def sofia(db):
    return UserFactory(username="sofia", first_name="Sofia")


@pytest.fixture
def marek(db):
    return UserFactory(username="marek", first_name="Marek")


def make_people(program):
    people = {}
    for name, details in {
        "Ada": {"capacity": 2, "fields": [BIOLOGY, PHYSICS]},
        "Cy": {"fields": [PHYSICS]},
        "Ben": {"mentee": True, "fields": [BIOLOGY, PHYSICS]},
        "Di": {"mentee": True, "fields": [PHYSICS]},
        "Eve": {"mentee": True},
    }.items():
        email = f"{name.lower()}@freemail.example"
        people[name] = ParticipantFactory(program=program, name=name, email=email, **details)
    return people


@pytest.fixture
def people(program):
    return make_people(program)


def said(program, reader=None):
    return [one.sentence for one in happenings(program, list(steps_of(program)), reader)]


def test_every_kind_of_step_is_told_undone_and_redone_row_for_row(program, people, sofia):
    states = [rows()]

    def does(act):
        act()
        states.append(rows())

    def live(name):
        return Match.objects.live().get(mentee=people[name])

    does(lambda: create_match(people["Ada"], people["Ben"], by=sofia))
    does(lambda: lock(live("Ben"), by=sofia))
    does(lambda: change_bin(live("Ben"), live("Ben").mentor.fields.get(name=BIOLOGY).pk, by=sofia))
    does(lambda: write_note(live("Ben"), "asked for  her", by=sofia))
    does(lambda: unlock(live("Ben"), by=sofia))
    does(lambda: change_mentor(live("Ben"), people["Cy"], by=sofia))
    does(lambda: create_match(people["Ada"], people["Di"], by=sofia))
    does(lambda: swap(live("Ben"), people["Di"], by=sofia))
    does(lambda: swap(live("Di"), people["Eve"], by=sofia))
    does(lambda: dissolve(live("Ben"), "ill", by=sofia))
    does(lambda: propose(program, sofia))

    told = [
        "You saved a proposal: 2 mentees have another mentor",
        "You dissolved Ada & Ben",
        "You swapped Di to unmatched and Eve to Cy",
        "You swapped Ben to Ada and Di to Cy",
        "You matched Di with Ada",
        "You moved Ben from Ada to Cy",
        "You unlocked Ada & Ben",
        "You changed the note on Ada & Ben",
        "You moved Ada & Ben to Biology/Health",
        "You locked Ada & Ben",
        "You matched Ben with Ada",
    ]
    assert said(program, sofia) == told
    for state in reversed(states[:-1]):
        undo(next_to_undo(program, sofia), sofia)
        assert rows() == state
    assert next_to_undo(program, sofia) is None
    for state in states[1:]:
        redo(next_to_redo(program, sofia), sofia)
        assert rows() == state
    assert next_to_redo(program, sofia) is None
    versions = sorted(steps_of(program).values_list("version", flat=True))
    assert versions == list(range(2 * len(told) + 1, 3 * len(told) + 1))


def test_an_action_that_changes_nothing_is_no_step(people):
    match = create_match(people["Ada"], people["Ben"])
    lock(match)
    lock(match)
    write_note(match, "")
    change_mentor(match, people["Ada"])

    assert list(BoardStep.objects.values_list("kind", flat=True)) == ["lock", "match"]


def test_what_somebody_has_built_on_stays_and_is_told(program, people, sofia, marek):
    match = create_match(people["Ada"], people["Ben"], by=sofia)
    change_mentor(match, people["Cy"], by=marek)
    before = rows()

    with pytest.raises(ValidationError, match="Marek has since moved Ben from Ada to Cy"):
        undo(next_to_undo(program, sofia), sofia)
    assert rows() == before

    undo(next_to_undo(program, marek), marek)
    undo(next_to_undo(program, sofia), sofia)
    assert rows() == []
    with pytest.raises(ValidationError, match="already undone"):
        undo(next_to_redo(program, sofia), marek)


def test_a_place_or_a_mentee_given_away_meanwhile_is_not_taken_back(program, people, sofia, marek):
    ben = create_match(people["Cy"], people["Ben"], by=sofia)
    dissolve(ben, "unsure", by=sofia)
    di = create_match(people["Cy"], people["Di"], by=marek)

    with pytest.raises(
        ValidationError, match=r"Cy has no free place any more\. Marek has since matched Di with Cy"
    ):
        undo(next_to_undo(program, sofia), sofia)
    dissolve(di, "unsure", by=marek)
    create_match(people["Ada"], people["Ben"], by=marek)
    with pytest.raises(ValidationError, match="Marek has since matched Ben with Ada"):
        undo(next_to_undo(program, sofia), sofia)
    assert [str(match) for match in Match.objects.live()] == ["Ada & Ben"]


def test_nobody_who_has_left_comes_back(program, people, sofia):
    dissolve(create_match(people["Cy"], people["Ben"], by=sofia), "unsure", by=sofia)
    Participant.objects.filter(name="Ben").update(withdrawn_at=timezone.now())

    with pytest.raises(ValidationError, match="Ben is no longer taking part"):
        undo(next_to_undo(program, sofia), sofia)


def test_what_changed_outside_of_the_board_is_not_overwritten(program, people, sofia):
    create_match(people["Cy"], people["Ben"], by=sofia)
    Match.objects.update(affinity=1)

    with pytest.raises(ValidationError, match="changed since, outside of the board"):
        undo(next_to_undo(program, sofia), sofia)


def test_announcing_is_told_and_is_no_matter_of_undo(program, people, sofia):
    match = create_match(people["Ada"], people["Ben"], by=sofia)
    announce([match], by=sofia)

    assert said(program)[0] == "Sofia announced Ada & Ben"
    with pytest.raises(ValidationError, match="You have since announced Ada & Ben"):
        undo(next_to_undo(program, sofia), sofia)
    with pytest.raises(ValidationError, match="in the outbox"):
        undo(BoardStep.objects.first(), sofia)


@pytest.mark.parametrize("told", [False, True])
def test_an_announced_match_comes_back_unless_its_people_were_told_otherwise(
    program, people, sofia, told
):
    match = create_match(people["Ada"], people["Ben"])
    announce([match])
    change_mentor(match, people["Cy"], by=sofia)
    state = EmailLog.State.SENT if told else EmailLog.State.QUEUED
    mail = EmailLogFactory(
        program=program, kind=Kind.MATCH_CHANGED, match=match, about=match.pk, state=state,
        which=str(people["Ben"].pk), sent_at=timezone.now() if told else None,
    )  # fmt: skip
    mail.people.add(people["Ben"])

    if told:
        with pytest.raises(ValidationError, match="The match of Ada & Ben stays dissolved"):
            undo(next_to_undo(program, sofia), sofia)
    else:
        undo(next_to_undo(program, sofia), sofia)
    mail.refresh_from_db()
    live = [(str(one), one.status) for one in Match.objects.live()]
    assert (live, mail.state) == (
        ([("Cy & Ben", "draft")], "sent") if told else ([("Ada & Ben", "announced")], "cancelled")
    )


def test_a_new_step_ends_what_could_be_redone(program, people, sofia):
    create_match(people["Ada"], people["Ben"], by=sofia)
    undo(next_to_undo(program, sofia), sofia)
    create_match(people["Ada"], people["Di"], by=sofia)

    assert next_to_redo(program, sofia) is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_steps_of_two_members_can_all_be_undone(program, sofia, marek, seed):
    chance = random.Random(seed)
    mentors = [ParticipantFactory(program=program, capacity=n % 3 + 1) for n in range(4)]
    mentees = [ParticipantFactory(program=program, mentee=True) for _ in range(7)]
    for n in range(3):
        MatchFactory(program=program, mentor=mentors[n], mentee=mentees[n])
    start = rows()

    def act(user):
        live = list(Match.objects.live())
        mentor, mentee = chance.choice(mentors), chance.choice(mentees)
        if not live or chance.random() < 0.3:
            return create_match(mentor, mentee, by=user)
        match = chance.choice(live)
        return chance.choice([
            lambda: change_mentor(match, mentor, by=user),
            lambda: swap(match, mentee, by=user),
            lambda: (unlock if match.locked else lock)(match, by=user),
            lambda: write_note(match, f"note {chance.random()}", by=user),
            lambda: dissolve(match, "why", by=user),
            lambda: propose(program, user),
            lambda: undo(step, user) if (step := next_to_undo(program, user)) else None,
            lambda: redo(step, user) if (step := next_to_redo(program, user)) else None,
        ])()  # fmt: skip

    for _ in range(60):
        try:
            act(chance.choice([sofia, marek]))
        except ValidationError:
            continue
    assert rows() != start
    in_force = steps_of(program).filter(undone_at=None)
    # Versions say in which order steps came into force; the last one is always free to go.
    while step := in_force.order_by("-version").first():
        undo(step, chance.choice([sofia, marek]))
    assert rows() == start


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_one_step_at_once_one_does():
    program = ProgramFactory()
    people, user = make_people(program), UserFactory()
    create_match(people["Ada"], people["Ben"], by=user)
    step, start, results = next_to_undo(program, user), threading.Barrier(4), []

    def take_back():
        try:
            start.wait()
            undo(step, user)
            results.append("undone")
        except ValidationError as error:
            results.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=take_back) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["This step is already undone."] * 3 + ["undone"]
    assert rows() == []
