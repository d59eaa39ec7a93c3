"""A followed sheet: each read is an import like a file's, and nonsense changes nothing."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from mentorship.domain.imports.drafts import confirm_draft
from mentorship.domain.imports.undo import undo_import
from mentorship.domain.sources.connect import change, connect, pause, read_now, remove, resume
from mentorship.domain.sources.open_words import (
    answer_question,
    open_questions,
    refused_rows,
    take_note,
)
from mentorship.domain.sources.runs import read_due, read_source
from mentorship.domain.sources.sheets import export_address
from mentorship.models import Import, ImportSource, Participant, ValueMeaning
from tests.factories import ImportFactory, MembershipFactory, ParticipantFactory, ProgramFactory
from tests.mentorship.sources.conftest import flagged, outcome, people, read

pytestmark = pytest.mark.django_db

HEAD = "Name,Email,Ticket,Mentorship\n"


def row(number, role="mentor", ticket="In person", name=""):
    name = name or f"Person {chr(64 + number)}"
    return f"{name},p{number}@a.example,{ticket},{role}\n"


def rows(numbers, **said):
    return HEAD + "".join(row(number, **said) for number in numbers)


@pytest.fixture
def program():
    return ProgramFactory()


@pytest.fixture
def chair(program):
    return MembershipFactory(program=program, level="chair").user


@pytest.fixture
def sheet(web):
    """Put another text into the sheet; it returns its address."""
    return lambda text, **more: web.serve("/list.csv", text, **more)


@pytest.fixture
def source(program, sheet, follow, chair):
    """A sheet with ten people that somebody has confirmed."""
    source = follow(program, sheet(rows(range(1, 11))))
    assert outcome(source) == ("waits", "")
    confirm_draft(source.imports.get(), chair)
    source.refresh_from_db()
    return source


def test_the_first_read_waits_for_a_member_who_imports_it_in_their_name(
    program, sheet, follow, chair
):
    source = follow(program, sheet(rows([1, 2])))

    assert outcome(source) == ("waits", "")
    assert people(program) == {}
    draft = source.imports.get()
    assert [(head["slug"], head["total"]) for head in draft.report["sections"]] == [("new", 2)]

    confirm_draft(draft, chair)
    assert people(program) == {
        "p1@a.example": ("Person A", "mentor", "in_person"),
        "p2@a.example": ("Person B", "mentor", "in_person"),
    }
    kept = Import.objects.get()
    assert (kept.state, kept.created_by, kept.source) == ("done", chair, source)
    assert outcome(source) == ("nothing_new", "")
    assert Import.objects.count() == 1


def test_what_is_certain_is_imported_by_itself_and_can_be_undone(program, sheet, source):
    sheet(rows(range(1, 12)) + row(12, "mentee", "Virtual"))

    run = read(source)

    assert (run.outcome, run.imported.state, run.imported.created_by) == ("imported", "done", None)
    assert people(program)["p12@a.example"] == ("Person L", "mentee", "virtual")
    assert len(people(program)) == 12

    undo_import(run.imported)
    source.refresh_from_db()
    assert len(people(program)) == 10
    assert (source.is_paused, source.paused_why) == (True, "An import from it was undone.")
    assert read_due() == 0

    resume(source)
    assert read(source).outcome == "imported"
    assert len(people(program)) == 12


def test_without_leave_to_import_everything_waits_and_the_newest_read_replaces_the_draft(
    program, sheet, source, chair
):
    source.automatic = False
    change(source)
    sheet(rows(range(1, 12)))
    assert outcome(source) == ("waits", "")
    sheet(rows(range(1, 13)))
    assert outcome(source) == ("waits", "")
    sheet(rows(range(1, 11)))
    assert outcome(source) == ("nothing_new", "")
    assert Import.objects.filter(state="draft").count() == 0

    sheet(rows(range(1, 13)))
    assert outcome(source) == ("waits", "")
    confirm_draft(Import.objects.get(state="draft"), chair)
    assert len(people(program)) == 12


def test_who_vanishes_is_flagged_when_the_next_read_confirms_it(program, sheet, source):
    sheet(rows([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    read(source)
    assert flagged(program) == []

    read(source)
    assert flagged(program) == ["p10@a.example"]
    assert outcome(source) == ("nothing_new", "")

    sheet(rows(range(1, 11)))
    read(source)
    assert flagged(program) == []


def test_who_is_back_in_the_next_read_is_not_flagged(program, sheet, source):
    sheet(rows(range(1, 10)))
    read(source)
    sheet(rows(range(1, 11)))
    read(source)
    sheet(rows(range(1, 10)))
    read(source)

    assert flagged(program) == []


def test_who_is_marked_as_canceled_is_flagged_at_once(program, sheet, source):
    text = (
        rows(range(1, 11))
        .replace("Mentorship\n", "Mentorship,Status\n")
        .replace("mentor\n", "mentor,paid\n")
    )
    sheet(
        text.replace("p3@a.example,In person,mentor,paid", "p3@a.example,In person,mentor,refunded")
    )
    read(source)

    assert flagged(program) == ["p3@a.example"]


PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"
NONSENSE = {
    "empty": ("", {}, "failed", "is empty"),
    "headings": (HEAD, {}, "failed", "no rows under them"),
    "page": (PAGE, {"Content_Type": "text/html"}, "failed", "a web page"),
    "page_as_csv": (PAGE, {"Content_Type": "text/csv"}, "failed", "a web page"),
    "error": ("", {"status": 500}, "failed", "out of order or busy (500)"),
    "gone": ("", {"status": 404}, "failed", "has no sheet at this address"),
    "private": ("", {"status": 403}, "failed", "does not let us read the sheet"),
    "other_columns": ("A,B\n1,2\n3,4\n", {}, "waits", "Say what its columns are."),
    "half": (rows(range(1, 6)), {}, "doubted", "5 of 10 people are suddenly not in the list"),
    "another_event": (
        rows(range(30, 45)), {}, "doubted", "10 of 10 people are suddenly not in the list",
    ),
    "all_changed": (
        rows(range(1, 11), role="mentee"), {}, "doubted", "10 of 10 people changed at once",
    ),
    "all_canceled": (
        rows(range(1, 11), role="No"), {}, "doubted", "10 of 10 people suddenly have no valid",
    ),
    "unreadable": (
        rows(range(1, 11), role="qwertz"), {}, "doubted", "None of its rows can be imported",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_changes_nothing_and_says_why(program, sheet, source, kind):
    text, headers, expected, words = NONSENSE[kind]
    before = list(Participant.objects.order_by("pk").values())
    sheet(text, **headers)

    for _ in range(2):
        run = read(source)
        assert list(Participant.objects.order_by("pk").values()) == before
    first = source.runs.order_by("pk")[1]
    assert (first.outcome, words in first.words) == (expected, True), first.words
    assert source.trouble == (first.words if expected == "failed" else "")
    waits = Import.objects.filter(state="draft").count()
    assert waits == (expected != "failed")

    sheet(rows(range(1, 11)))
    run = read(source)
    assert (run.outcome, source.trouble, source.tries) == ("nothing_new", "", 0)
    assert Import.objects.filter(state="draft").count() == 0


def test_what_looks_wrong_can_be_imported_all_the_same(program, sheet, source, chair):
    sheet(rows(range(1, 6)))
    assert read(source).outcome == "doubted"

    confirm_draft(Import.objects.get(state="draft"), chair)
    assert flagged(program) == []
    read(source)
    assert len(flagged(program)) == 5


def test_words_that_are_unclear_wait_and_an_answer_has_the_source_read_again(
    program, sheet, source, chair
):
    sheet(rows(range(1, 11)) + row(11, "mentor", "Pass B") + row(12, "qwertz"))
    assert read(source).outcome == "imported"

    asked = dict(open_questions(program))
    assert sorted(question["sentence"] for question in asked.values()) == [
        "1 row says “Pass B”. In person, virtual, or ask them?",
        "1 row says “qwertz”. Mentor, mentee, or not taking part?",
    ]
    assert refused_rows(source) == [[13, "qwertz", "answer not understood"]]

    key = next(key for key, question in asked.items() if question["value"] == "qwertz")
    with pytest.raises(ValidationError):
        answer_question(program, key, "virtual", chair)
    assert answer_question(program, key, "mentee", chair) == "qwertz"
    assert ValueMeaning.objects.get().created_by == chair
    with pytest.raises(ValidationError):
        answer_question(program, "1-7", "mentee", chair)

    assert read(source).outcome == "imported"
    assert people(program)["p12@a.example"] == ("Person L", "mentee", "in_person")
    assert [question["value"] for _, question in open_questions(program)] == ["Pass B"]


def test_refused_rows_wait_until_somebody_takes_note(program, sheet, source):
    sheet(rows(range(1, 12)) + "Person Z,,In person,mentee\n")
    read(source)
    assert refused_rows(source, unseen=True) == [[13, "", "no address"]]

    take_note(source)
    source.refresh_from_db()
    assert refused_rows(source, unseen=True) == []
    sheet(rows(range(1, 13)) + "Person Z,,In person,mentee\nPerson Y,y,In person,mentee\n")
    read(source)
    assert refused_rows(source, unseen=True) == [[15, "y", "invalid address"]]


def test_responses_are_followed_alike(program, web, follow, chair):
    for number in range(1, 11):
        ParticipantFactory(program=program, email=f"p{number}@a.example")
    head = "Timestamp,Email,Role,Fields\n"
    text = "".join(
        f"2027-06-{number:02} 10:00,p{number}@a.example,mentor,Other\n" for number in range(1, 10)
    )
    source = follow(program, web.serve("/r.csv", head), brings="responses")
    assert outcome(source) == ("nothing_new", "There are no rows yet.")

    web.serve("/r.csv", head + text)
    assert read(source).outcome == "waits"
    confirm_draft(source.imports.get(), chair)
    more = "2027-06-20 10:00,p10@a.example,mentee,Other\n2027-06-20 11:00,x@a.example,mentee,\n"
    web.serve("/r.csv", head + text + more)
    run = read(source)
    assert (run.outcome, [each["value"] for each in run.imported.unattached]) == (
        "imported", ["x@a.example"],
    )  # fmt: skip
    assert Participant.objects.get(email="p10@a.example").survey_role == "mentee"
    web.serve("/r.csv", head + text + more + "\n")
    assert outcome(source) == ("nothing_new", "")

    web.serve("/r.csv", head + text[:90])
    assert outcome(source) == ("doubted", "The list has 3 rows and had 11 before.")


def test_a_change_of_where_it_is_asks_for_another_confirmation(program, web, source):
    source.address = web.serve("/other.csv", rows(range(1, 15)))
    change(source)

    assert outcome(source) == ("waits", "")
    assert len(people(program)) == 10


def test_a_paused_or_removed_source_is_not_read(program, source):
    pause(source)
    source.refresh_from_db()
    with pytest.raises(ValidationError, match="It is paused"):
        read_now(source)
    assert not read_source(source.pk)

    done = source.imports.get()
    remove(source)
    done.refresh_from_db()
    assert (done.source, done.state) == (None, "done")
    assert not ImportSource.objects.exists()


def test_a_program_has_one_source_of_signups(program, sheet, source):
    with pytest.raises(ValidationError, match="has a source of sign-ups already"):
        connect(ImportSource(program=program, kind="sheet", address=sheet("")))


def test_nothing_is_read_once_the_conference_is_over(program, source):
    program.starts_on = program.ends_on = datetime.date(2020, 1, 1)
    program.save()
    ImportSource.objects.update(next_at="2020-01-01T00:00Z")

    assert read_due() == 0
    source.refresh_from_db()
    assert source.paused_why == "The conference is over."


def test_failures_back_off_and_what_lasts_is_told_at_once(program, sheet, source):
    sheet("", status=503, Retry_After="4000")
    read(source)
    waits = (source.next_at - source.runs.first().ended_at).total_seconds()
    assert (source.tries, round(waits)) == (1, 4000)

    sheet("", status=500)
    for minutes in (3, 10, 30, 60, 60):
        read(source)
        waits = (source.next_at - source.runs.first().ended_at).total_seconds()
        assert round(waits / 60) == minutes
    assert source.tries == 6

    sheet("", status=404)
    ImportSource.objects.update(tries=0, trouble="")
    read(source)
    assert source.tries == 3


def test_uploads_are_deleted_in_time_but_not_what_waits_of_a_source(program, sheet, source):
    source.automatic = False
    change(source)
    sheet(rows(range(1, 12)))
    read(source)
    Import.objects.filter(state="draft").update(created_at="2020-01-01T00:00Z")
    old = ImportFactory(program=program, state="draft", imported_at=None)
    Import.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00Z")

    from mentorship.domain.imports.records import new_draft

    new_draft(program, "signups", source.created_by, "a.csv", b"x")
    assert list(Import.objects.filter(state="draft").values_list("source", flat=True)) == [
        source.pk
    ]


@pytest.mark.parametrize(
    ("typed", "read_from"),
    [
        ("https://docs.google.com/spreadsheets/d/1aB-c_D/edit#gid=77",
         "https://docs.google.com/spreadsheets/d/1aB-c_D/export?format=csv&gid=77"),
        ("https://docs.google.com/spreadsheets/d/1aB-c_D/edit?usp=sharing",
         "https://docs.google.com/spreadsheets/d/1aB-c_D/export?format=csv"),
        ("https://docs.google.com/spreadsheets/d/e/2PACX-1v/pubhtml?gid=5&single=true",
         "https://docs.google.com/spreadsheets/d/e/2PACX-1v/pub?output=csv&gid=5&single=true"),
        ("https://docs.google.com/spreadsheets/d/e/2PACX-1v/pub?output=csv",
         "https://docs.google.com/spreadsheets/d/e/2PACX-1v/pub?output=csv"),
        ("https://form.example/export?format=csv&key=1", "https://form.example/export?format=csv&key=1"),
    ],
)  # fmt: skip
def test_the_page_of_a_google_sheet_leads_to_its_file(typed, read_from):
    assert export_address(typed) == read_from
