"""Proposals: read from the database, found, proved, written."""

import json
import threading
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from matching.domain.affinity.score import Affinity
from matching.domain.matches.changes import announce, create_match, lock
from matching.domain.matches.checks import check_matches
from matching.domain.proposals.propose import as_json, propose
from matching.models import Match, Proposal
from mentorship.models import Participant
from tests.factories import (
    KeepApartFactory,
    MatchFactory,
    ParticipantFactory,
    ProgramFactory,
    UserFactory,
)

BIOLOGY, PHYSICS, ECON = "Biology/Health", "Physics/Astro/Chemistry", "Social Science/Econ"


def person(program, name, *fields, **kwargs):
    email = f"{name.lower()}@freemail.example"
    return ParticipantFactory(program=program, name=name, email=email, fields=fields, **kwargs)


def pairs(program):
    return sorted(
        program.matches.live().values_list(
            "mentor__name", "mentee__name", "bin__name", "status", "locked"
        )
    )


@pytest.fixture
def small(program):
    """Three mentors with four places and four mentees, of whom one is virtual."""
    person(program, "Ada", BIOLOGY, capacity=2, notes="genomics pipelines")
    person(program, "Ben", PHYSICS, virtual=True)
    person(program, "Cy", PHYSICS, notes="lattice QCD")
    person(program, "Out", PHYSICS, withdrawn_at=timezone.now())
    person(program, "Pause", PHYSICS, capacity=0)
    person(program, "Dee", BIOLOGY, PHYSICS, mentee=True, notes="lattice QCD")
    person(program, "Eve", PHYSICS, mentee=True, virtual=True)
    person(program, "Fay", BIOLOGY, mentee=True, notes="genomics")
    person(program, "Gus", mentee=True)
    person(program, "Gone", BIOLOGY, mentee=True, withdrawn_at=timezone.now())
    return program


def test_writes_the_best_matching_as_drafts_and_keeps_the_proof(small):
    user = UserFactory()

    proposal = propose(small, by=user)

    # Gus fits nobody; he takes Ada's second place, since Dee and Cy write of the same thing.
    assert pairs(small) == [
        ("Ada", "Fay", BIOLOGY, "draft", False),
        ("Ada", "Gus", pairs(small)[1][2], "draft", False),
        ("Ben", "Eve", PHYSICS, "draft", False),
        ("Cy", "Dee", PHYSICS, "draft", False),
    ]
    assert [(t["name"], t["value"], t["bound"]) for t in proposal.tiers[:6]] == [
        ("unmatched", 0, 0),
        ("changed", 0, 0),
        ("spread", 1, 1),
        ("mixed", 0, 0),
        ("cross_field", 1, 1),
        ("weak", proposal.tiers[5]["value"], proposal.tiers[5]["value"]),
    ]
    total = sum(match.affinity for match in small.matches.live())
    assert proposal.tiers[6] == {"name": "affinity", "value": -total, "bound": -total}
    assert (proposal.status, proposal.why_not_proven) == ("optimal", "")
    assert (proposal.mentors, proposal.mentees, proposal.created_by) == (4, 4, user)
    assert (proposal.unmatched_mentees, proposal.idle_mentors) == ([], [])
    for match in small.matches.live():
        assert match.proposal == proposal
        assert sum(match.affinity_parts.values()) == match.affinity
        assert match.history.get().history_user == user


def test_a_second_proposal_changes_nothing(small):
    first = propose(small)
    before = list(small.matches.order_by("pk").values())
    records = Match.history.count()

    second = propose(small)

    assert list(small.matches.order_by("pk").values()) == before
    assert Match.history.count() == records
    assert second.fingerprint == first.fingerprint
    same = ["tiers", "pairs", "unmatched_mentees", "idle_mentors", "status", "priorities"]
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]


def test_a_proposal_is_called_by_when_it_was_made(small):
    made = datetime(2027, 7, 8, 16, 30, tzinfo=small.zone)

    assert str(Proposal(program=small, created_at=made)) == "Proposal from Jul 8, 2027, 4:30 PM"


def test_a_dry_run_writes_nothing_and_says_the_same(small):
    dry = propose(small, dry_run=True)

    assert (dry.pk, Proposal.objects.count(), Match.objects.count()) == (None, 0, 0)
    assert propose(small).pairs == dry.pairs


def test_however_many_people_there_are_two_are_compared_once(small, monkeypatch):
    compared = []
    compare = Affinity.block

    def block(self, start, stop):
        compared.extend(range(start, stop))
        return compare(self, start, stop)

    monkeypatch.setattr(Affinity, "block", block)
    monkeypatch.setattr("matching.domain.proposals.problem.TABLE_CELLS", 0)  # as for thousands
    # What was asked lately of people with the same words would not be compared again.
    small.participants.update(notes="Only those who are compared once wrote this.")

    propose(small)

    assert compared == [0, 1, 2, 3]


def test_says_who_is_left_over(program):
    ada = person(program, "Ada", BIOLOGY)
    ben = person(program, "Ben", BIOLOGY)
    cy = person(program, "Cy", BIOLOGY, mentee=True)
    KeepApartFactory(program=program, first=ben, second=cy)
    assert propose(program).idle_mentors == [ben.pk]

    KeepApartFactory(program=program, first=ada, second=cy)
    proposal = propose(program)

    assert pairs(program) == []
    assert (proposal.unmatched_mentees, proposal.idle_mentors) == ([cy.pk], [ada.pk, ben.pk])
    assert as_json(proposal)["unmatched_mentees"] == ["cy@freemail.example"]


def test_keeps_locked_and_announced_pairs_and_replaces_other_drafts(program):
    ada = person(program, "Ada", BIOLOGY)
    ben = person(program, "Ben", PHYSICS)
    cy = person(program, "Cy", ECON)
    dee = person(program, "Dee", BIOLOGY, mentee=True)
    eve = person(program, "Eve", PHYSICS, mentee=True)
    fay = person(program, "Fay", ECON, mentee=True)
    gus = person(program, "Gus", mentee=True)
    worst = lock(create_match(ada, eve))
    told = create_match(ben, dee)
    announce([told])
    create_match(cy, gus)

    proposal = propose(program)

    assert pairs(program) == [
        ("Ada", "Eve", pairs(program)[0][2], "draft", True),
        ("Ben", "Dee", pairs(program)[1][2], "announced", False),
        ("Cy", "Fay", ECON, "draft", False),
    ]
    assert {worst.pk, told.pk} < set(program.matches.live().values_list("pk", flat=True))
    assert proposal.unmatched_mentees == [gus.pk]
    assert [t["value"] for t in proposal.tiers[:2]] == [1, 0]
    assert proposal.status == "optimal"
    assert fay.pk not in proposal.unmatched_mentees


def test_a_kept_pair_that_the_rules_no_longer_allow_stays_and_is_reported(program):
    ada = person(program, "Ada", BIOLOGY, capacity=2)
    ben = person(program, "Ben", BIOLOGY, capacity=2)
    dee = person(program, "Dee", BIOLOGY, mentee=True)
    eve = person(program, "Eve", BIOLOGY, mentee=True)
    fay = person(program, "Fay", BIOLOGY, mentee=True)
    announce([create_match(ada, dee), create_match(ben, eve)])
    lock(create_match(ben, fay))
    Participant.objects.filter(pk=dee.pk).update(withdrawn_at=timezone.now())
    Participant.objects.filter(pk=ben.pk).update(capacity=1)
    KeepApartFactory(program=program, first=ben, second=eve)
    new = person(program, "New", BIOLOGY, mentee=True)
    last = person(program, "Last", BIOLOGY, mentee=True)

    proposal = propose(program)

    taken = [(mentor, mentee) for mentor, mentee, *_ in pairs(program)]
    assert taken[1:] == [("Ada", taken[1][1]), ("Ben", "Eve"), ("Ben", "Fay")]
    assert taken[0] == ("Ada", "Dee")
    assert {taken[1][1], *(p.name for p in [new, last] if p.pk in proposal.unmatched_mentees)} == {
        "New",
        "Last",
    }
    assert (proposal.status, proposal.why_not_proven) == ("optimal", "")
    assert [str(finding) for finding in check_matches(program)[0]] == [
        "Too many mentees: 2 mentees, but Ben takes at most 1",
        "Not taking part: Dee is no longer taking part",
        "Do not match: by request",
    ]


@pytest.mark.parametrize("sides", [(0, 0), (2, 0), (0, 2)])
def test_an_empty_side_is_no_trouble(program, sides):
    for i in range(sides[0]):
        person(program, f"Mentor{i}")
    for i in range(sides[1]):
        person(program, f"Mentee{i}", mentee=True)

    proposal = propose(program)

    assert (proposal.status, proposal.pairs) == ("optimal", [])
    assert (len(proposal.idle_mentors), len(proposal.unmatched_mentees)) == sides


def test_colleagues_are_not_paired_unless_overruled(program):
    ada = person(program, "Ada", BIOLOGY, affiliation="Univ. of Eastport")
    ben = person(program, "Ben", BIOLOGY, mentee=True, affiliation="University of Eastport")
    propose(program)
    assert pairs(program) == []

    KeepApartFactory(program=program, first=ada, second=ben, overruled=True)
    propose(program)
    assert pairs(program) == [("Ada", "Ben", BIOLOGY, "draft", False)]


def test_weights_that_cannot_be_used_are_refused_with_nothing_written(small):
    small.affinity_weights = {"hopes": "much"}
    small.save()

    with pytest.raises(ValidationError, match="The weight of “hopes” is 'much'"):
        propose(small)
    assert Proposal.objects.count() == 0


def test_the_number_of_queries_does_not_grow_with_the_people(program, django_assert_num_queries):
    def grow(number):
        for i in range(number):
            person(program, f"M{number}{i}", BIOLOGY)
            person(program, f"E{number}{i}", BIOLOGY, mentee=True)

    grow(2)
    # people, their fields, the program's fields, live matches, wishes, dissolved, pairs that a
    # mentor declined, exclusions, questions that count, answers
    with django_assert_num_queries(12):
        propose(program, dry_run=True)
    grow(20)
    with django_assert_num_queries(12):
        propose(program, dry_run=True)


def test_what_changes_while_the_matcher_runs_counts(small, monkeypatch):
    from matching.domain.proposals import propose as module

    solved = []

    def solve_and_meddle(inputs, watch):
        solved.append(inputs.fingerprint)
        if len(solved) == 1:
            Participant.objects.filter(name="Eve").update(withdrawn_at=timezone.now())
        return real(inputs, watch)

    real = module._run
    monkeypatch.setattr(module, "_run", solve_and_meddle)

    proposal = propose(small)

    assert "Eve" not in [mentee for _, mentee, *_ in pairs(small)]
    assert (len(set(solved)), proposal.fingerprint) == (2, solved[1])


@pytest.mark.django_db(transaction=True)
def test_two_proposals_and_a_member_at_once_leave_one_whole_matching():
    program = ProgramFactory()
    for i in range(6):
        person(program, f"Mentor{i}", BIOLOGY)
        person(program, f"Mentee{i}", BIOLOGY, mentee=True)
    mentor = program.participants.get(name="Mentor0")
    mentee = program.participants.get(name="Mentee5")
    start, failed = threading.Barrier(3), []

    def run(what):
        try:
            start.wait()
            what()
        except ValidationError:
            pass  # the member came second: the place is taken
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    jobs = [lambda: propose(program)] * 2 + [lambda: create_match(mentor, mentee)]
    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    mentors = sorted(mentor for mentor, *_ in pairs(program))
    assert mentors == [f"Mentor{i}" for i in range(6)]


def test_the_command_prints_the_contract(small, capsys):
    call_command("propose_matches", program=small.slug, json=True)

    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == [
        "status", "tiers", "mentors", "mentees", "pairs", "unmatched_mentees", "idle_mentors",
        "seconds",
    ]  # fmt: skip
    assert printed["pairs"][0].keys() == {
        "mentor", "mentee", "bin", "affinity", "mixed", "cross_field", "locked",
    }  # fmt: skip
    assert sorted([pair["mentor"], pair["mentee"]] for pair in printed["pairs"]) == [
        ["ada@freemail.example", "fay@freemail.example"],
        ["ada@freemail.example", "gus@freemail.example"],
        ["ben@freemail.example", "eve@freemail.example"],
        ["cy@freemail.example", "dee@freemail.example"],
    ]


def test_matches_of_another_program_are_left_alone(small):
    other = MatchFactory()

    propose(small)

    assert list(other.program.matches.values_list("pk", "status")) == [(other.pk, "draft")]
