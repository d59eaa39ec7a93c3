"""Who counts as a colleague, and who only looks like one."""

import pytest

from matching.domain.exclusions.affiliations import alike, similar
from matching.domain.exclusions.colleagues import Colleagues
from matching.domain.exclusions.domains import registrable_domain
from matching.domain.exclusions.rules import Exclusion
from matching.domain.matches.changes import announce, create_match, dissolve
from matching.domain.matches.people import read_people
from matching.models import KeepApart
from tests.factories import (
    KeepApartFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@eastport.example", "eastport.example"),
        ("ada@mail.eastport.example", "eastport.example"),
        ("ada@CS.Tall-Pines.Example", "tall-pines.example"),
        ("ada@maths.ox.ac.uk", "ox.ac.uk"),
        ("ada@ac.uk", "ac.uk"),
        ("ada@dept.uni-münchen.de", "uni-münchen.de"),
        ("ada@dept.xn--uni-mnchen-eeb.de", "uni-münchen.de"),
        ("ada@xn--\u00fc.de", "xn--ü.de"),
        ("ada@shop.xn--55qx5d.cn", "shop.公司.cn"),
        ("ada@pages.github.io", "github.io"),
        ("ada@maths.city.kobe.jp", "city.kobe.jp"),
        ("ada@localhost", "localhost"),
        ("ada@", ""),
        ("ada", ""),
    ],
)
def test_registrable_domain(address, domain):
    assert registrable_domain(address) == domain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("University of Eastport", "University of Eastport"),
        ("Univ. of Eastport", "University of Eastport"),
        ("U. of Eastport", "Eastport University"),
        ("Université d\u2019Eastport", "Universite d'Eastport"),
        ("Universität Hannover", "University of Hanover"),
        ("Harbor National Laboratory", "harbor natl lab"),
        ("Quill Analytics, Inc.", "Quill Analytics"),
        ("Tall Pines College", "Tall Pines"),
        ("Department of Physics, University of Eastport", "University of Eastport"),
        ("Dept. of Physics, Univ. of Eastport", "University of Eastport - School of Law"),
        ("Stanford University", "Standford University"),
        ("Massachusetts Institute of Technology", "MIT"),
        ("M.I.T.", "Massachusetts Institute of Technology"),
        ("Open Kernel Foundation", "The Open Kernel Fdn"),
        ("Uniwersytet w Łodzi", "uniwersytet w Lodzi"),
        ("Straße Forschung", "Strasse Forschung"),
        ("UC Berkeley", "University of California, Berkeley"),
        ("Alder University, Physics", "Alder University, Library"),
        ("Alder University (Computer Science)", "Alder University"),
    ],
)
def test_one_employer(one, other):
    assert (alike(one, other), alike(other, one)) == (True, True)
    assert other in similar([one, other])[one]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("University of Eastport", "University of Westport"),
        ("University of Eastport", "Eastport College"),
        ("University of California, Berkeley", "University of California, Davis"),
        ("University of Michigan", "Michigan State University"),
        ("Harbor National Laboratory", "Harbor General Hospital"),
        ("Northfield University", "Northfields Robotics"),
        ("University of Jena", "University of Gena"),
        ("Austin College", "Justin College"),
        ("Blue Heron Health", "Blue Heron Bank"),
        ("Department of Physics, University of Eastport", "Department of Physics, Westport Uni"),
        ("University", "University"),
        ("IT", "Institute of Technology"),
        ("none", "none"),
        ("N/A", "n/a"),
        ("self-employed", "Self employed"),
        ("Student", "student"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_two_employers_or_none(one, other):
    assert (alike(one, other), alike(other, one)) == (False, False)
    assert other not in similar([one, other]).get(one, ())


def person(program, name, domain="freemail.example", affiliation="", **kwargs):
    email = f"{name.lower()}@{domain}"
    return ParticipantFactory(
        program=program, name=name, email=email, affiliation=affiliation, **kwargs
    )


@pytest.mark.parametrize(
    "said",
    [
        "Postdoc",
        "PhD student",
        "PhD student, looking for work",
        "Looking for work",
        "Industry",
        "Independent / open source",
        "Independent researcher",
        "Open source maintainer",
        "Software engineer",
        "Data Scientist",
        "Graduate student",
        "Between jobs",
        "Self-employed (consulting)",
        "Academia",
        "Associate professor",
        "Retired",
    ],
)
def test_what_somebody_is_makes_nobody_a_colleague(said):
    assert not alike(said, said)


@pytest.mark.parametrize(
    "place",
    [
        "Open Kernel Foundation",
        "Independent System Operator",
        "Data Foundry",
        "Academia Sinica",
        "University of Eastport",
        "Career Karma",
        "Open Source Initiative",
    ],
)
def test_a_place_stays_one_though_it_has_such_words(place):
    assert alike(place, place)


def test_gives_the_reason_and_never_takes_a_free_provider_for_an_employer(db):
    program = ProgramFactory()
    ada = person(program, "Ada", "mail.eastport.example", "Meridian")
    ben = person(program, "Ben", "eastport.example", "Cedar Bank")
    cy = person(program, "Cy", affiliation="Univ. of Eastport")
    dee = person(program, "Dee", affiliation="University of Eastport")
    eve = person(program, "Eve", affiliation="University of Eastport")
    people = [ada, ben, cy, dee, eve]
    colleagues = Colleagues(people, program.free_mail_domains)

    reasons = {
        f"{one} {other}": why
        for i, one in enumerate(people)
        for other in people[i + 1 :]
        if (why := colleagues.why(one, other))
    }

    assert reasons == {
        "Ada Ben": "both @eastport.example",
        "Cy Dee": "Univ. of Eastport ~ University of Eastport",
        "Cy Eve": "Univ. of Eastport ~ University of Eastport",
        "Dee Eve": "both University of Eastport",
    }
    assert list(colleagues.pairs([ada, cy, dee], [ben, eve])) == [(0, 0), (1, 1), (2, 1)]


def test_rulings_wishes_and_failed_matches_keep_apart_unless_overruled(
    db, django_assert_num_queries
):
    program = ProgramFactory()
    ada = person(program, "Ada Lund", capacity=3)
    ben, cy, dee, eve, fay = (
        person(program, name, mentee=True) for name in ("Ben", "Cy Ng", "Dee", "Eve", "Fay")
    )
    bob = person(program, "Bob", "eastport.example")
    bea = person(program, "Bea", "eastport.example", mentee=True)
    KeepApartFactory(
        program=program, first=ada, second=ben, reason=KeepApart.Reason.LAST_YEAR, note="2026"
    )
    SurveyResponseFactory(participant=cy, rather_not_meet="Please not ada lund, thanks")
    SurveyResponseFactory(participant=fay, wants_to_meet="Ada Lund")
    match = create_match(ada, eve)
    announce([match])
    dissolve(match, "no answer")
    SurveyResponseFactory(participant=dee, rather_not_meet="Ada")
    KeepApartFactory(program=program, first=bob, second=bea, overruled=True)
    people = read_people(program)

    with django_assert_num_queries(7):
        exclusions = people.exclusions

    assert {
        f"{mentor} {mentee}": reason
        for mentor in people.mentors
        for mentee in people.mentees
        if (reason := exclusions.why(mentor, mentee))
    } == {
        "Ada Lund Ben": Exclusion("kept_apart", "paired last year: 2026"),
        "Ada Lund Cy Ng": Exclusion("kept_apart", "Cy Ng would rather not meet Ada Lund"),
        "Ada Lund Eve": Exclusion("kept_apart", "their match was dissolved: no answer"),
    }
    assert list(exclusions.pairs(people.mentors, people.mentees)) == [(0, 0), (0, 1), (0, 3)]
    assert exclusions.wants_to_meet == {fay.pk: "Ada Lund"}
    assert exclusions.open_wishes == {dee.pk}


def test_only_the_newest_answer_holds_a_wish(db):
    program = ProgramFactory()
    ada = person(program, "Ada Lund")
    ben = person(program, "Ben", mentee=True)
    SurveyResponseFactory(participant=ben, rather_not_meet="Ada Lund")
    SurveyResponseFactory(participant=ben, submitted_at="2083-06-25T00:00Z")

    assert read_people(program).exclusions.why(ada, ben) is None
