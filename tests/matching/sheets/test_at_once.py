"""Somebody brings the sheets back while somebody else does, or works on the board."""

import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from matching.domain.matches.changes import create_match
from matching.domain.sheets.upload import import_matches
from matching.interfaces.sheets.match_workbook import export_matches
from matching.models import Match
from mentorship.domain.files.spreadsheets import read_sheets
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory
from tests.mentorship.imports.test_imports_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def match():
    program = ProgramFactory()
    return MatchFactory(program=program, mentor__name="Ann A", mentee__name="Bo B")


def sheets_that_move(match, mentor):
    book = openpyxl.load_workbook(io.BytesIO(export_matches(match.program)[0]))
    row = next(row for row in book["Mentees"].iter_rows() if row[1].value == match.mentee.name)
    row[2].value = mentor.name
    content = io.BytesIO()
    book.save(content)
    return read_sheets(content.getvalue(), "in.xlsx")


def test_of_two_workbooks_at_once_the_second_is_a_conflict(match):
    people = [ParticipantFactory(program=match.program, name=f"{name} X") for name in ("Cy", "Di")]
    books = [sheets_that_move(match, mentor) for mentor in people]
    reports = at_once(*[lambda book=book: import_matches(match.program, book) for book in books])
    kinds = sorted([problem.kind for problem in report.problems] for report in reports)
    assert kinds == [[], ["edited_meanwhile"]]
    winner = next(mentor for mentor, r in zip(people, reports, strict=True) if not r.problems)
    assert Match.objects.get().mentor == winner


def test_a_place_taken_on_the_board_at_the_same_moment_is_given_once(match):
    mentor = ParticipantFactory(program=match.program, name="Cy C")
    mentee = ParticipantFactory(program=match.program, name="Di D", mentee=True)
    book = sheets_that_move(match, mentor)
    report, made = at_once(
        lambda: import_matches(match.program, book), lambda: create_match(mentor, mentee)
    )
    if isinstance(made, ValidationError):
        assert report.problems == []
    else:
        assert [problem.kind for problem in report.problems] == ["mentor_over_capacity"]
    assert Match.objects.live().filter(mentor=mentor).count() == 1
