"""What is kept of a program's people is found again as long as nothing about them has changed."""

from itertools import pairwise

import pytest
from django.utils import timezone

from matching.domain.board.roster import read_roster
from matching.domain.matches.changes import create_match, dissolve, lock
from matching.domain.matches.kept import kept, stamp_of
from matching.domain.matches.people import read_affinity
from matching.domain.proposals.problem import read_inputs, solve, solve_now
from matching.models import Match, MentorAnswer, WishDecision
from mentorship.models import Field, Participant, Program, Question, Sector
from tests.factories import (
    KeepApartFactory,
    MatchFactory,
    ParticipantFactory,
    QuestionFactory,
    SurveyResponseFactory,
)

BIOLOGY = "Biology/Health"


@pytest.fixture
def people(program):
    return {
        "ada": ParticipantFactory(program=program, name="Ada", notes="ocean", fields=[BIOLOGY]),
        "ben": ParticipantFactory(program=program, name="Ben", notes="ocean", mentee=True),
        "di": ParticipantFactory(program=program, name="Di", notes="genome", mentee=True),
    }


def changes(program, people):
    """Yield a change of each kind of row that matching reads, to be made in this order."""
    ada, ben = people["ada"], people["ben"]
    person = Participant.objects.filter(pk=ada.pk)
    yield lambda: person.update(name="Ada B.")
    yield lambda: person.update(withdrawn_at=timezone.now())
    yield lambda: person.update(withdrawn_at=None)
    yield lambda: ada.fields.clear()
    yield lambda: ada.fields.set(Field.objects.filter(program=program)[:1])
    yield lambda: SurveyResponseFactory(participant=ada, wants_to_meet="Ben")
    yield lambda: Field.objects.filter(program=program).update(order=1)
    yield lambda: Sector.objects.filter(program=program, is_other=True).update(is_other=False)
    yield lambda: QuestionFactory(program=program)
    yield lambda: Question.objects.update(counts="same")
    yield lambda: KeepApartFactory(program=program, first=ada, second=ben)
    yield lambda: MentorAnswer.objects.create(
        program=program, mentor=ada, mentee=ben, answer="declined", answered_at=timezone.now()
    )
    yield lambda: WishDecision.objects.create(participant=ben, text="Ada")
    yield lambda: WishDecision.objects.get().apart_from.add(ada)
    yield lambda: MatchFactory(
        program=program, mentor=ada, mentee=ben, status="dissolved", announced_at=timezone.now()
    )
    yield lambda: Program.objects.filter(pk=program.pk).update(free_mail_domains=["x.example"])
    yield lambda: ParticipantFactory(program=program)
    yield lambda: person.delete()


def test_the_stamp_changes_with_each_kind_of_row(program, people):
    seen = [stamp_of(program)]
    for change in changes(program, people):
        change()
        seen.append(stamp_of(program))

    assert all(one != other for one, other in pairwise(seen))
    assert len(seen) == 19


def test_the_stamp_stays_when_drafts_come_and_go_and_other_programs_change(program, people):
    stamp = stamp_of(program)
    lock(create_match(people["ada"], people["ben"]))
    dissolve(Match.objects.get(), "moved")
    MatchFactory()

    assert stamp_of(program) == stamp
    assert read_affinity(program) is read_affinity(program)


def test_the_stamp_is_the_one_before_once_a_change_is_taken_back(program, people):
    stamp = stamp_of(program)
    ada = Participant.objects.filter(pk=people["ada"].pk)
    ada.update(email="somebody.else@freemail.example")
    assert stamp_of(program) != stamp
    ada.update(email=people["ada"].email)  # which puts the row behind the others

    assert stamp_of(program) == stamp


def test_values_do_not_run_into_each_other(program, people):
    ada = Participant.objects.filter(pk=people["ada"].pk)
    ada.update(topics_wanted="a", topics_offered="b,c")
    stamp = stamp_of(program)
    ada.update(topics_wanted="a,b", topics_offered="c")

    assert stamp_of(program) != stamp


def test_what_changes_while_it_is_read_is_not_kept(program, people):
    ada = Participant.objects.filter(pk=people["ada"].pk)

    @kept()
    def read_name(program):
        found = ada.get().name
        if found == "Ada":
            ada.update(name="Changed meanwhile")
        return found

    assert [read_name(program), read_name(program)] == ["Ada", "Changed meanwhile"]
    ada.update(name="Ada")
    assert read_name(program) == "Ada"


def test_a_roster_is_kept_once_nothing_changed_between_two_that_were_read(program, people):
    first, second, third = (read_roster(program) for _ in range(3))

    assert first is not second
    assert second is third
    Participant.objects.filter(pk=people["ada"].pk).update(name="Changed")
    changed = read_roster(program)
    assert changed.by_pk[people["ada"].pk].name == "Changed"
    assert read_roster(program) is not changed


def test_a_pair_gets_the_affinity_that_a_proposal_gives_it(program, people):
    match = create_match(people["ada"], people["ben"])

    result = solve(read_inputs(program))
    row = [person.pk for person in result.inputs.mentors].index(people["ada"].pk)
    column = [person.pk for person in result.inputs.mentees].index(people["ben"].pk)
    assert match.affinity_parts == result.affinity.of_pairs([row], [column])[0]


def test_a_solution_is_found_again_until_a_pair_is_locked(program, people):
    first = solve_now(program)
    match = create_match(people["ada"], people["di"])
    assert solve_now(program) is first
    assert first.mentor_of.keys() == {people["ben"].pk}

    lock(match)
    assert solve_now(program).mentor_of == {people["di"].pk: people["ada"]}
