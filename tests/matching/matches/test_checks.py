"""What `check_matches` finds, on live matches and on two sheets."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from matching.domain.matches.checks import check_matches
from mentorship.models import Participant
from tests.conftest import ROOT
from tests.factories import KeepApartFactory, MatchFactory, ParticipantFactory, ProgramFactory

BIOLOGY = "Biology/Health"
DEMO = ROOT / "mentorship" / "demo"


def run(capsys, **options):
    """Run the command; give its exit code and what it printed."""
    code = 0
    try:
        call_command("check_matches", json=True, **options)
    except SystemExit as stop:
        code = stop.code
    return code, json.loads(capsys.readouterr().out)


def pair(program, mentor, mentee, **details):
    people = [
        ParticipantFactory(program=program, name=name, email=email, mentee=mentee, **details)
        for (name, email), mentee in ((mentor, False), (mentee, True))
    ]
    return MatchFactory(program=program, mentor=people[0], mentee=people[1])


def test_each_kind_is_found_once_and_warnings_are_no_problems(db, capsys):
    program = ProgramFactory()
    pair(program, ("Ada", "ada@eastport.example"), ("Bo", "bo@mail.eastport.example"))
    apart = pair(program, ("Cy", "cy@freemail.example"), ("Di", "di@freemail.example"))
    KeepApartFactory(program=program, first=apart.mentor, second=apart.mentee, note="friends")
    gone = pair(program, ("Ed", "ed@freemail.example"), ("Flo", "flo@freemail.example"))
    Participant.objects.filter(pk=gone.mentee_id).update(
        withdrawn_at=timezone.now(), withdrawn_why="ill"
    )
    other = pair(program, ("Gil", "gil@freemail.example"), ("Hal", "hal@freemail.example"))
    Participant.objects.filter(pk=other.mentor_id).update(decided_role="mentee")
    full = pair(program, ("Ian", "ian@freemail.example"), ("Jo", "jo@freemail.example"))
    Participant.objects.filter(pk=full.mentor_id).update(capacity=0)
    mixed = pair(program, ("Kim", "kim@freemail.example"), ("Lee", "lee@freemail.example"))
    Participant.objects.filter(pk=mixed.mentor_id).update(decided_attendance="virtual")
    cross = pair(program, ("May", "may@freemail.example"), ("Ned", "ned@freemail.example"))
    cross.mentor.fields.set(program.fields.filter(name=BIOLOGY))
    MatchFactory(program=program, status="dissolved", dissolved_at=timezone.now())

    code, printed = run(capsys, program=program.slug)

    def problem(kind, mentor, mentee, detail, **warning):
        mentee = mentee and f"{mentee}@freemail.example"
        mentor = f"{mentor}@freemail.example"
        return {"kind": kind, "mentor": mentor, "mentee": mentee, "detail": detail} | warning

    assert code == 1
    assert printed["problems"] == [
        problem("mentor_over_capacity", "ian", None, "1 mentee, but Ian takes at most 0"),
        {
            "kind": "colleagues",
            "mentor": "ada@eastport.example",
            "mentee": "bo@mail.eastport.example",
            "detail": "both @eastport.example",
        },
        problem("kept_apart", "cy", "di", "by request: friends"),
        problem("withdrawn", "ed", "flo", "Flo is no longer taking part (ill)"),
        problem("role_changed", "gil", "hal", "Gil is now a mentee, not a mentor"),
        problem(
            "mixed_attendance", "kim", "lee", "Kim attends virtually, Lee in person", warning=True
        ),
        problem("cross_field", "may", "ned", "May: Biology/Health; Ned: Other", warning=True),
    ]
    others = ["cy di", "ed flo", "gil hal", "ian jo", "kim lee", "may ned"]
    assert printed["pairs"] == [
        ["ada@eastport.example", "bo@mail.eastport.example"],
        *([f"{name}@freemail.example" for name in names.split()] for names in others),
    ]


def test_warnings_alone_exit_with_0(db, capsys):
    program = ProgramFactory()
    mixed = pair(program, ("Kim", "kim@freemail.example"), ("Lee", "lee@freemail.example"))
    Participant.objects.filter(pk=mixed.mentor_id).update(decided_attendance="virtual")

    code, printed = run(capsys, program=program.slug)

    assert (code, [problem["kind"] for problem in printed["problems"]]) == (
        0,
        ["mixed_attendance"],
    )


def test_an_empty_program_has_nothing_wrong(db, capsys):
    assert run(capsys, program=ProgramFactory().slug) == (0, {"problems": [], "pairs": []})


def test_the_sample_sheets_have_the_slips_that_were_planted(capsys):
    planted = [
        ["mentee_not_in_mentor_sheet", "Manola Patiño", "Primitivo Abril"],
        ["sheets_disagree", "Nuria Porta", "Alexandra Huertas"],
        ["mentee_with_two_mentors", "Ismael Ugarte", "Renato Prat"],
        ["name_not_in_mentee_sheet", "Vera Salom", "Nobody Known"],
        ["mentor_over_capacity", "Vera Salom", None],
        ["mentor_over_capacity", "Ismael Ugarte", None],
    ]

    code, printed = run(
        capsys,
        mentors=str(DEMO / "sheet-mentors-2026.csv"),
        mentees=str(DEMO / "sheet-mentees-2026.csv"),
    )

    found = [[p["kind"], p["mentor"], p["mentee"]] for p in printed["problems"]]
    assert code == 1
    assert sorted(found, key=str) == sorted(planted, key=str)


@pytest.mark.parametrize(
    "options", [{}, {"mentors": "a.csv"}, {"program": "conf", "mentors": "a.csv", "mentees": "b"}]
)
def test_wrong_usage_exits_with_2(options):
    with pytest.raises(CommandError, match="Pass either --program, or both") as error:
        call_command("check_matches", **options)
    assert error.value.returncode == 2


def test_the_words_say_what_the_json_says(db, capsys):
    program = ProgramFactory()
    pair(program, ("Ada", "ada@eastport.example"), ("Bo", "bo@eastport.example"))

    with pytest.raises(SystemExit):
        call_command("check_matches", program=program.slug)

    assert capsys.readouterr().out == (
        "problem colleagues: ada@eastport.example and bo@eastport.example:"
        " both @eastport.example\n"
        "Pairs: 1. Problems: 1. Warnings: 0.\n"
    )


def test_the_number_of_queries_does_not_grow(db, django_assert_num_queries):
    program = ProgramFactory()
    MatchFactory(program=program)
    with django_assert_num_queries(9):
        check_matches(program)
    MatchFactory.create_batch(10, program=program)
    with django_assert_num_queries(9):
        check_matches(program)
