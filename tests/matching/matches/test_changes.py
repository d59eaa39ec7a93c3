"""Making, changing, announcing and dissolving matches."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from matching.domain.matches.changes import (
    announce,
    change_mentor,
    create_match,
    dissolve,
    lock,
    unlock,
    warnings_of,
)
from matching.domain.matches.checks import check_pair
from matching.domain.matches.people import read_people
from matching.domain.signals import match_announced, match_dissolved
from matching.models import Match
from mentorship.models import Participant
from tests.factories import (
    KeepApartFactory,
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)

BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"


@pytest.fixture
def mentor(program):
    return ParticipantFactory(program=program, name="Ada", fields=[BIOLOGY, PHYSICS])


@pytest.fixture
def mentee(program):
    return ParticipantFactory(program=program, name="Ben", mentee=True, fields=[BIOLOGY])


@pytest.fixture
def heard():
    """What the signals said, as (signal, status, who)."""
    said = []

    def note(signal, match, **kwargs):
        name = "announced" if signal is match_announced else "dissolved"
        said.append((name, match.status, str(match)))

    match_announced.connect(note)
    match_dissolved.connect(note)
    yield said
    match_announced.disconnect(note)
    match_dissolved.disconnect(note)


def rows():
    return list(
        Match.objects.order_by("pk").values_list(
            "mentor__name", "mentee__name", "status", "locked", "bin__name"
        )
    )


def test_a_match_starts_as_a_draft_under_a_common_field_and_records_who_made_it(mentor, mentee):
    user = UserFactory()

    match = create_match(mentor, mentee, by=user)

    assert rows() == [("Ada", "Ben", "draft", False, BIOLOGY)]
    assert match.history.get().history_user == user


def test_a_pair_without_a_common_field_stands_under_one_of_the_mentors(program, mentor):
    stranger = ParticipantFactory(program=program, name="Cy", mentee=True)

    create_match(mentor, stranger)

    assert rows() == [("Ada", "Cy", "draft", False, PHYSICS)]


def refusal(call):
    before = rows()
    with pytest.raises(ValidationError) as error:
        call()
    assert rows() == before
    return error.value.messages


def test_refuses_a_mentor_without_a_free_place(program, mentor, mentee):
    create_match(mentor, ParticipantFactory(program=program, mentee=True))

    assert refusal(lambda: create_match(mentor, mentee)) == ["Ada has no free place: 1 of 1 taken."]


def test_refuses_a_mentee_who_has_a_mentor(program, mentor, mentee):
    create_match(mentor, mentee)
    other = ParticipantFactory(program=program)

    assert refusal(lambda: create_match(other, mentee)) == ["Ben already has a mentor: Ada."]


def test_refuses_people_who_do_not_take_part(mentor, mentee):
    Participant.objects.filter(pk=mentee.pk).update(withdrawn_at=timezone.now())

    assert refusal(lambda: create_match(mentor, mentee)) == ["Ben is no longer taking part."]


def test_refuses_the_wrong_way_round_and_two_programs_and_oneself(program, mentor, mentee):
    stranger = ParticipantFactory(name="Zoe", mentee=True)

    assert refusal(lambda: create_match(mentee, mentor)) == ["Ben is a mentee, not a mentor."]
    assert refusal(lambda: create_match(mentor, mentor)) == [
        "Mentor and mentee are the same person."
    ]
    assert refusal(lambda: create_match(mentor, stranger)) == [f"Zoe is not in {program}."]


def test_a_draft_moves_in_place(program, mentor, mentee, heard):
    other = ParticipantFactory(program=program, name="Dee", fields=[BIOLOGY])
    match = create_match(mentor, mentee)

    moved = change_mentor(match, other)

    assert moved.pk == match.pk
    assert rows() == [("Dee", "Ben", "draft", False, BIOLOGY)]
    assert heard == []


def test_an_announced_match_is_dissolved_and_replaced(program, mentor, mentee, heard):
    other = ParticipantFactory(program=program, name="Dee", fields=[BIOLOGY])
    match = create_match(mentor, mentee)
    announce([match])

    change_mentor(match, other)

    assert rows() == [
        ("Ada", "Ben", "dissolved", False, BIOLOGY),
        ("Dee", "Ben", "draft", False, BIOLOGY),
    ]
    assert heard == [
        ("announced", "announced", "Ada & Ben"),
        ("dissolved", "dissolved", "Ada & Ben"),
    ]
    match.refresh_from_db()
    assert match.dissolved_why == "Ben has another mentor now"


def test_the_reason_fits_however_long_the_name_is(program):
    mentee = ParticipantFactory(program=program, name="B" * 200, mentee=True)
    match = create_match(ParticipantFactory(program=program), mentee)
    announce([match])

    change_mentor(match, ParticipantFactory(program=program))

    match.refresh_from_db()
    assert match.dissolved_why == "B" * 200


def test_moving_to_a_full_mentor_leaves_everything_as_it_was(program, mentor, mentee, heard):
    other = ParticipantFactory(program=program, name="Dee", capacity=0)
    match = create_match(mentor, mentee)
    announce([match])
    heard.clear()

    assert refusal(lambda: change_mentor(match, other)) == ["Dee has no free place: 0 of 0 taken."]
    assert heard == []


def test_lock_and_unlock(mentor, mentee):
    match = create_match(mentor, mentee)

    assert lock(match).locked is True
    assert rows() == [("Ada", "Ben", "draft", True, BIOLOGY)]
    assert unlock(match).locked is False
    assert rows() == [("Ada", "Ben", "draft", False, BIOLOGY)]


def test_announcing_tells_of_each_match_once(program, mentor, mentee, heard):
    match = create_match(mentor, mentee)

    assert announce([match]) == [match]
    assert announce([match]) == []
    assert heard == [("announced", "announced", "Ada & Ben")]
    match.refresh_from_db()
    assert match.announced_at is not None


def test_announcing_refuses_all_when_somebody_has_withdrawn(program, mentor, mentee, heard):
    gone = ParticipantFactory(program=program, name="Gus", withdrawn_at=timezone.now())
    bad = MatchFactory(program=program, mentor=gone)
    good = create_match(mentor, mentee)

    assert refusal(lambda: announce([good, bad])) == [
        f"Gus is no longer taking part. Dissolve the match of {bad} first."
    ]
    assert heard == []


def test_dissolving_wants_a_reason_and_happens_once(mentor, mentee, heard):
    match = create_match(mentor, mentee)

    assert refusal(lambda: dissolve(match, "  ")) == [
        "Enter why this match ends, in 1 to 200 characters."
    ]
    ended = dissolve(match, " they  work together ")
    assert (ended.status, ended.dissolved_why) == ("dissolved", "they work together")
    assert refusal(lambda: dissolve(match, "again")) == [
        "The match of Ada & Ben is already dissolved."
    ]
    assert refusal(lambda: lock(match)) == ["The match of Ada & Ben is already dissolved."]
    assert refusal(lambda: announce([match])) == [
        "The match of Ada & Ben was dissolved. There is nothing to announce."
    ]
    assert heard == [("dissolved", "dissolved", "Ada & Ben")]


def test_warns_of_what_a_person_should_know_before_making_a_pair(program):
    mentor = ParticipantFactory(
        program=program, name="Ada", email="ada@mail.eastport.example", fields=[BIOLOGY]
    )
    mentee = ParticipantFactory(
        program=program, name="Ben", email="ben@eastport.example", mentee=True, virtual=True
    )

    assert [str(warning) for warning in warnings_of(mentor, mentee)] == [
        "Colleagues: both @eastport.example",
        "Mixed attendance: Ben attends virtually, Ada in person",
        "No shared field: Ada: Biology/Health; Ben: Other",
    ]


def test_an_overruled_pair_of_colleagues_is_no_warning(program):
    mentor = ParticipantFactory(program=program, email="ada@eastport.example")
    mentee = ParticipantFactory(program=program, email="ben@eastport.example", mentee=True)
    KeepApartFactory(program=program, first=mentor, second=mentee, overruled=True)

    assert check_pair(read_people(program), mentor, mentee) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_last_place_at_once_one_gets_it():
    program = ProgramFactory()
    mentor = ParticipantFactory(program=program, name="Ada", capacity=3)
    mentees = ParticipantFactory.create_batch(8, program=program, mentee=True)
    start, results = threading.Barrier(len(mentees)), []

    def take(mentee):
        try:
            start.wait()
            create_match(mentor, mentee)
            results.append("taken")
        except ValidationError as error:
            results.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[mentee]) for mentee in mentees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["Ada has no free place: 3 of 3 taken."] * 5 + ["taken"] * 3
    assert Match.objects.live().filter(mentor=mentor).count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_announce_at_once_each_match_is_announced_by_one(heard):
    program = ProgramFactory()
    matches = MatchFactory.create_batch(5, program=program)
    start, results = threading.Barrier(2), []

    def tell():
        try:
            start.wait()
            results.append(len(announce(matches)))
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [0, 5]
    assert sorted(heard) == sorted(("announced", "announced", str(m)) for m in matches)
