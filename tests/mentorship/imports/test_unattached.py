"""Responses from addresses that nobody in the program has, as decisions of the dashboard."""

import pytest
from django.core.exceptions import ValidationError

from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.imports.kinds import run_import
from mentorship.domain.imports.undo import undo_import
from mentorship.interfaces.decisions.registry import Settled, open_decisions, settle_case
from mentorship.models import Import
from tests.factories import (
    ImportSourceFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

HEADINGS = "Timestamp,Email,Name,Role"


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def ada(program):
    return ParticipantFactory(program=program, name="Ada Lee", email="ada@work.example")


def answers(program, *addresses, source=None):
    """Import a response from each of these addresses, and return the import."""
    rows = [f"2027-06-1{n} 10:00,{address},Ada Lee,mentee" for n, address in enumerate(addresses)]
    file = read_table("\n".join([HEADINGS, *rows]).encode(), "survey.csv")
    done = run_import(program, "responses", file)[1]
    Import.objects.filter(pk=done.pk).update(source=source)
    return done


def waiting(program):
    """Return the heading, and of each case who it is, what there is to decide and what is typed."""
    return [
        (
            decision.sentence,
            [
                (case.key, case.who, case.detail, case.blank.value)
                for case in decision.waiting.cases
            ],
        )
        for decision in open_decisions(program)
        if decision.kind.name == "unattached"
    ]


def settle(program, key, choice, value=""):
    return settle_case("unattached", Settled(program, key, choice, value))


def test_waits_until_somebody_says_whose_it_is(program, ada):
    done = answers(program, "ada@home.example")
    assert waiting(program) == [
        (
            "1 response from an unknown address",
            [
                (
                    f"{done.pk}-2",
                    "Ada Lee ada@home.example",
                    "Probably Ada Lee: the same name",
                    "ada@work.example",
                )
            ],
        )
    ]
    with pytest.raises(ValidationError, match="has the email address bo@work"):
        settle(program, f"{done.pk}-2", "attach", "bo@work.example")

    said = settle(program, f"{done.pk}-2", "attach", "Ada@work.example")

    assert said == "Saved as the response of Ada Lee."
    ada.refresh_from_db()
    assert ada.survey_role == "mentee"
    assert waiting(program) == []
    with pytest.raises(ValidationError, match="has been settled already"):
        settle(program, f"{done.pk}-2", "attach", ada.email)


def test_what_is_nobodys_is_not_asked_about_again(program, ada):
    done = answers(program, "bo@x.example", "cy@x.example")
    said = settle(program, f"{done.pk}-2", "nobody")
    assert said == "The response from bo@x.example stays with its import, as nobody’s."
    newer = answers(program, "bo@x.example", "cy@x.example")
    assert [case[0] for case in waiting(program)[0][1]] == [f"{newer.pk}-3"]
    done.refresh_from_db()
    assert [entry["value"] for entry in done.unattached] == ["bo@x.example", "cy@x.example"]

    undo_import(newer)
    undo_import(done)
    assert waiting(program) == []


def test_of_a_list_that_is_read_again_the_newest_read_counts(program, ada):
    source = ImportSourceFactory(program=program)
    answers(program, "bo@x.example", "gone@x.example", source=source)
    newest = answers(program, "bo@x.example", source=source)
    file = answers(program, "cy@x.example")
    assert [case[0] for case in waiting(program)[0][1]] == [f"{file.pk}-2", f"{newest.pk}-2"]


def test_who_has_joined_and_answered_since_needs_no_decision(program, ada):
    answers(program, "bo@x.example")
    bo = ParticipantFactory(program=program, email="bo@x.example")
    assert len(waiting(program)) == 1
    SurveyResponseFactory(participant=bo)
    assert waiting(program) == []
    answers(ProgramFactory(), "di@x.example")
    assert waiting(program) == []
