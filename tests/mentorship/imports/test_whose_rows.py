"""Which rows of an export count, whose they are, and who has to be decided on."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.imports.difference import signup_difference
from mentorship.domain.imports.kinds import NothingRead, dry_run, run_import
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.imports.undecided import decide_signup, waiting_signups
from mentorship.domain.imports.undo import undo_import
from mentorship.domain.people.decisions import decide_role
from mentorship.domain.programs.copy import copy_program
from mentorship.interfaces.decisions.registry import Settled, open_decisions, settle_case
from mentorship.models import Participant
from tests.factories import MembershipFactory, ProgramFactory

pytestmark = pytest.mark.django_db

HEADINGS = "Order,Name,Email,Buyer email,Status,Ticket,Mentorship,Registered at"


@pytest.fixture
def program():
    return ProgramFactory()


def sheet(*rows: str, headings: str = HEADINGS):
    return read_table("\n".join([headings, *rows]).encode(), "tickets.csv")


def bring_in(program, *rows, **options):
    return run_import(program, "signups", sheet(*rows, **options))[0]


def people(program):
    rows = program.participants.order_by("email")
    return list(rows.values_list("email", "role", "attendance"))


def refused(report):
    return [(row.row, row.value, row.why) for row in report.refused]


def left_out(report):
    return [(row.row, row.value, row.why) for row in report.left_out]


def test_what_is_no_valid_ticket_is_left_out_with_the_reason(program):
    report = bring_in(
        program,
        "1,Ada Quist,ada@a.example,,paid,In person,Mentor,2027-06-01",
        "2,Ben Orr,ben@b.example,,Refunded,Virtual,Mentee,2027-06-02",
        "3,Cai Lee,cai@c.example,,canceled,Virtual,Mentee,2027-06-02",
        "4,Dot May,dot@d.example,,waiting list,Virtual,Mentee,2027-06-02",
        "5,Eve Ng,eve@e.example,,pending,Virtual,Mentee,2027-06-02",
        "1,Ada Quist,ada@a.example,,paid,T-shirt,Mentor,2027-06-01",
    )
    assert left_out(report) == [
        (3, "Refunded", "refunded"),
        (4, "canceled", "canceled"),
        (5, "waiting list", "on the waiting list"),
        (7, "T-shirt", "admits nobody"),
    ]
    assert people(program) == [
        ("ada@a.example", "mentor", "in_person"),
        ("eve@e.example", "mentee", "virtual"),
    ]


def test_the_page_says_who_was_left_out_and_why(program):
    report = bring_in(
        program,
        "1,Ada Quist,ada@a.example,,paid,In person,Mentor,2027-06-01",
        "2,Ben Orr,,buyer@b.example,Refunded,Virtual,Mentee,2027-06-02",
        "3,,cai@c.example,,waiting list,Virtual,Mentee,2027-06-02",
        "4,,,,paid,T-shirt,Mentor,2027-06-01",
    )
    [section] = [one for one in signup_difference(report).sections if one.slug == "left-out"]
    assert [(line.row, line.head, line.sub, line.text) for line in section.lines] == [
        (3, "Ben Orr", "buyer@b.example", "refunded"),
        (4, "cai@c.example", "", "waiting list: on the waiting list"),
        (5, "T-shirt", "", "admits nobody"),
    ]


@pytest.mark.parametrize("last", [True, False])
def test_of_a_canceled_and_a_valid_ticket_the_valid_one_stands(program, last):
    rows = [
        "1,Ada Quist,ada@a.example,,paid,In person,Mentor,2027-06-01",
        "2,Ada Quist,ada@a.example,,refunded,Virtual,Mentee,2027-06-20",
    ]
    bring_in(program, *(rows if last else reversed(rows)))
    assert people(program) == [("ada@a.example", "mentor", "in_person")]


def test_somebody_refunded_since_is_no_longer_registered(program):
    row = "1,Ada Quist,ada@a.example,,{},In person,Mentor,2027-06-01"
    bring_in(program, row.format("paid"))
    report = bring_in(program, row.format("refunded"))
    assert (report.unchanged, report.no_longer_registered) == (0, ["ada@a.example"])
    assert program.participants.get().missing_since is not None


def test_the_attendees_own_address_counts_and_the_buyers_only_for_one_person(program):
    office = "office@u.example"
    report = bring_in(
        program,
        f"1,Ada Quist,ada@a.example,{office},paid,In person,Mentor,2027-06-01",
        f"1,Ben Orr,ben@b.example,{office},paid,Virtual,Mentee,2027-06-01",
        "2,Cai Lee,,cai@c.example,paid,Virtual,Mentee,2027-06-01",
        f"3,Dot May,,{office},paid,Virtual,Mentee,2027-06-01",
        f"3,Eve Ng,,{office},paid,Virtual,Mentor,2027-06-01",
        f"3,Fay Roe,,{office},paid,Virtual,No,2027-06-01",
    )
    why = "needs an email address: order 3 is for 3 people and has only the buyer’s"
    assert refused(report) == [(5, "Dot May", why), (6, "Eve Ng", why)]
    assert [email for email, *_ in people(program)] == [
        "ada@a.example",
        "ben@b.example",
        "cai@c.example",
    ]


def test_people_who_share_an_address_are_never_made_one(program):
    report = bring_in(
        program,
        "1,Sue Ross,sue@r.example,,paid,In person,Mentor,2027-06-01",
        "2,Tom Ross,sue@r.example,,paid,Virtual,Mentee,2027-06-02",
        "3,Ross Sue,SUE@r.example,,paid,In person,Mentor,2027-06-03",
        "4,Una Ross,sue@r.example,,paid,Virtual,No,2027-06-04",
    )
    assert refused(report) == [
        (3, "sue@r.example", "same email address as row 4 (Ross Sue): Tom Ross needs one of "
         "their own")
    ]  # fmt: skip
    assert people(program) == [("sue@r.example", "mentor", "in_person")]


def test_a_corrected_address_is_a_change_and_can_be_undone(program):
    row = "1,Ada Quist,{},,paid,In person,Mentor,2027-06-01"
    bring_in(program, row.format("ada@wrong.example"))
    key = program.participants.get().pk
    table = sheet(row.format("ada@right.example"))
    planned = dry_run(program, "signups", table)
    report, kept = run_import(program, "signups", table)
    for each in (planned, report):
        assert [change.fields for change in each.updated] == [
            {"email address": ("ada@wrong.example", "ada@right.example")}
        ]
        assert each.as_json() | {"updated": 0} == planned.as_json() | {"updated": 0}
        assert each.no_longer_registered == []
    person = program.participants.get()
    assert (person.pk, person.email) == (key, "ada@right.example")
    undo_import(kept)
    assert program.participants.get().email == "ada@wrong.example"


def test_another_person_of_the_same_order_is_somebody_else(program):
    bring_in(program, "1,Ada Quist,ada@a.example,,paid,In person,Mentor,2027-06-01")
    report = bring_in(program, "1,Ben Orr,ben@b.example,,paid,In person,Mentor,2027-06-01")
    assert (len(report.created), report.no_longer_registered) == (1, ["ada@a.example"])


BOTH = "1,Ada Quist,ada@a.example,,paid,In person,{},2027-06-01"


@pytest.mark.parametrize("said", ["Both", "Either", "Maybe", "Mentor or mentee", "Not sure yet"])
def test_who_has_not_decided_waits_for_the_committee(program, said):
    report = bring_in(program, BOTH.format(said))
    assert refused(report) == [(2, said, "answer not understood")]
    assert people(program) == []
    [(key, entry)] = waiting_signups(program)
    assert (entry["name"], entry["said"]) == ("Ada Quist", said)

    assert decide_signup(program, key, "mentee") == "Ada Quist"
    assert people(program) == [("ada@a.example", "mentee", "in_person")]
    assert waiting_signups(program) == []
    with pytest.raises(ValidationError):
        decide_signup(program, key, "mentor")
    again = bring_in(program, BOTH.format(said))
    assert (again.newly_undecided, waiting_signups(program)) == (0, [])
    assert again.no_longer_registered == []


def test_who_takes_no_part_is_not_asked_about_again(program):
    bring_in(program, BOTH.format("Both"))
    [(key, _)] = waiting_signups(program)
    decide_signup(program, key, "no")
    assert people(program) == []
    bring_in(program, BOTH.format("Both"))
    assert waiting_signups(program) == []


def test_a_clear_answer_in_the_next_export_settles_it(program):
    bring_in(program, BOTH.format("Both"))
    bring_in(program, BOTH.format("Mentor"))
    assert (people(program), waiting_signups(program)) == (
        [("ada@a.example", "mentor", "in_person")],
        [],
    )


def test_somebody_known_who_says_both_keeps_the_role_until_it_is_decided(program):
    bring_in(program, BOTH.format("Mentor"))
    report = bring_in(program, BOTH.format("Both"))
    assert (report.no_longer_registered, len(waiting_signups(program))) == ([], 1)
    [(key, _)] = waiting_signups(program)
    decide_signup(program, key, "mentee")
    assert people(program) == [("ada@a.example", "mentee", "in_person")]
    decide_role(program.participants.get(), "mentor")
    bring_in(program, BOTH.format("Either"))
    assert waiting_signups(program) == []


def test_undoing_the_import_takes_the_decided_with_it(program):
    _, kept = run_import(program, "signups", sheet(BOTH.format("Both")))
    decide_signup(program, waiting_signups(program)[0][0], "mentor")
    kept.refresh_from_db()
    undo_import(kept)
    assert (people(program), waiting_signups(program)) == ([], [])


def test_a_file_without_tickets_asks_once_how_everyone_attends(program):
    headings = "Name,Email,Mentorship"
    table = sheet("Ada Quist,ada@a.example,Mentor", headings=headings)
    with pytest.raises(ValidationError) as error:
        run_import(program, "signups", table)
    assert error.value.messages == [
        "No column is known to say how people attend. How does everyone in this file attend? "
        "Answer with --attendance in_person, --attendance virtual or --attendance ask."
    ]
    assert not Participant.objects.exists()
    run_import(program, "signups", table, given={"attendance_of_everyone": "virtual"})
    assert people(program) == [("ada@a.example", "mentor", "virtual")]
    # It is remembered for the program.
    report, _ = run_import(program, "signups", table)
    assert (report.unchanged, [question.must for question in report.questions]) == (1, [True])


def test_a_file_without_names_is_taken_by_its_addresses(program):
    report = bring_in(program, "ada@a.example,In person,Mentor", headings="Email,Ticket,Mentorship")
    assert report.notes == [
        "No column has names. People are listed by their email address until they give one."
    ]
    assert program.participants.get().name == ""
    bring_in(program, "Ada,ada@a.example,Virtual,Mentor", headings="Name,Email,Ticket,Mentorship")
    assert program.participants.get().name == "Ada"


@pytest.mark.parametrize(
    ("answer", "notes"),
    [
        ("", ["Nobody in this file takes part: no row names a role."]),
        ("No", ["Nobody in this file takes part: no row names a role."]),
        ("Mentee", []),
        ("Maybe", []),
    ],
)
def test_a_file_in_which_nobody_takes_part_says_so(program, answer, notes):
    table = sheet(
        "1,,Mentors,,",
        "2,ada@a.example,Ada Quist,In person,",
        f"3,b@b.example,Ben,Virtual,{answer}",
        headings="Order,Email,Name,Ticket,Mentorship",
    )
    assert dry_run(program, "signups", table).notes == notes


def test_a_row_for_several_people_is_refused(program):
    report = bring_in(
        program,
        "1,Ada Quist,ada@a.example,In person,Mentor,3",
        "2,Ben Orr,ben@b.example,In person,Mentor,1",
        headings="Order,Name,Email,Ticket,Mentorship,Quantity",
    )
    assert refused(report) == [
        (2, "3", "one row for 3 people: export the attendees, a row for each of them")
    ]


def test_two_yes_or_no_questions_give_one_role(program):
    headings = "Name,Email,Ticket,Would you like to be a mentor?,Would you like to have a mentor?"
    report = bring_in(
        program,
        "Ada,ada@a.example,In person,Yes,No",
        "Ben,ben@b.example,In person,No,Yes",
        "Cai,cai@c.example,In person,No,No",
        "Dot,dot@d.example,In person,Yes,Yes",
        headings=headings,
    )
    assert people(program) == [
        ("ada@a.example", "mentor", "in_person"),
        ("ben@b.example", "mentee", "in_person"),
    ]
    assert (report.not_taking_part, refused(report)) == (
        1,
        [(5, "Yes / Yes", "answer not understood")],
    )


def test_days_and_months_are_asked_about_only_where_an_order_rests_on_them(program):
    rows = [
        "1,Ada Quist,ada@a.example,,paid,In person,Mentor,05/06/2027",
        "2,Ada Quist,ada@a.example,,paid,Virtual,Mentee,06/05/2027",
    ]
    assert import_signups(program, sheet(rows[0])).questions == []
    [question] = import_signups(program, sheet(*rows), dry_run=True).questions
    assert question.value == "05/06/2027"
    for order, role in (("month first", "mentee"), ("day first", "mentor")):
        import_signups(program, sheet(*rows), given={question.key: order})
        assert program.participants.get().role == role


HYBRID = "1,Ada Quist,ada@a.example,,paid,Conference (hybrid),Wherever,2027-06-01"


def test_what_somebody_says_a_word_means_is_remembered_and_goes_on_to_next_year(program):
    given = {"role wherever": "mentee", "attendance conference hybrid": "ask"}
    report = import_signups(program, sheet(HYBRID), dry_run=True)
    assert [(q.key, q.rows, q.must) for q in report.questions] == [
        ("attendance conference hybrid", 1, False),
        ("role wherever", 1, False),
    ]
    run_import(program, "signups", sheet(HYBRID), given=given)
    assert people(program) == [("ada@a.example", "mentee", "")]
    copied = copy_program(
        program,
        name="Next",
        slug="next",
        starts_on=program.starts_on,
        ends_on=program.ends_on,
        time_zone=program.time_zone,
    ).program
    for each in (program, copied):
        report = import_signups(each, sheet(HYBRID), dry_run=True)
        assert (report.questions, [(v.text, v.meaning, v.by) for v in report.values]) == (
            [],
            [
                ("Conference (hybrid)", "ask", "remembered"),
                ("Wherever", "mentee", "remembered"),
                ("Status: paid", "counts", ""),
            ],
        )
    # Deleted, it is asked about again.
    program.value_meanings.all().delete()
    assert len(import_signups(program, sheet(HYBRID), dry_run=True).questions) == 2


def test_a_command_is_told_with_flags_and_says_what_is_open(program, tmp_path, capsys):
    file = tmp_path / "a.csv"
    file.write_text("Name,Email,Mentorship\nAda Quist,ada@a.example,Wherever\n")
    command = ["import_signups", str(file), "--program", program.slug, "--json"]
    with pytest.raises(SystemExit) as end:
        call_command(*command, "--dry-run")
    out, err = capsys.readouterr()
    assert end.value.code == 1
    assert [question["flag"] for question in json.loads(out)["questions"]] == [
        "--attendance in_person, --attendance virtual or --attendance ask",
        '--value "Wherever=mentor|mentee|no|undecided"',
    ]
    assert "--attendance in_person" in err
    with pytest.raises(CommandError) as refused:
        call_command(*command, "--value", "Wherever=mentor")
    assert (refused.value.returncode, "--attendance in_person" in str(refused.value)) == (1, True)
    with pytest.raises(CommandError) as wrong:
        call_command(*command, "--value", "Wherever")
    assert wrong.value.returncode == 2
    call_command(*command, "--value", "Wherever=mentor", "--attendance", "in_person")
    assert people(program) == [("ada@a.example", "mentor", "in_person")]


def test_of_a_file_whose_rows_are_all_refused_nothing_is_imported(program, tmp_path, capsys):
    bring_in(program, "1,Ada Quist,ada@a.example,,paid,In person,Mentor,2027-06-01")
    for wrong in ("ben@nowhere", "nowhere"):
        with pytest.raises(NothingRead, match=rf"Row 2, “{wrong}”: invalid address\. Nothing was"):
            bring_in(program, f"2,Ben Orr,{wrong},,paid,In person,Mentor,2027-06-01")
    file = tmp_path / "a.csv"
    file.write_text(f"{HEADINGS}\n2,Ben Orr,ben@nowhere,,paid,In person,Mentor,2027-06-01\n")
    for more in ([], ["--dry-run"]):
        with pytest.raises(SystemExit) as end:
            call_command("import_signups", str(file), "--program", program.slug, "--json", *more)
        out, err = capsys.readouterr()
        assert (end.value.code, [row["row"] for row in json.loads(out)["refused"]]) == (1, [2])
        assert err.splitlines()[-1].startswith("No row of this file can be imported.")
    assert (program.imports.count(), people(program)) == (
        1,
        [("ada@a.example", "mentor", "in_person")],
    )


def test_the_dashboard_asks_for_a_role_and_settles_it(program):
    bring_in(program, BOTH.format("Both"))
    [decision] = [each for each in open_decisions(program) if each.kind.name == "signup"]
    [case] = decision.waiting.cases
    assert (decision.sentence, case.who, case.detail) == (
        "1 sign-up could be mentor or mentee",
        "Ada Quist",
        "Answered “Both” at sign-up",
    )
    assert settle_case("signup", Settled(program, case.key, "mentor")) == "Ada Quist is a mentor."
    with pytest.raises(ValidationError):
        settle_case("signup", Settled(program, case.key, "mentor"))
    assert people(program) == [("ada@a.example", "mentor", "in_person")]


def test_the_words_of_another_program_are_not_shown(client, program):
    run_import(program, "signups", sheet(HYBRID), given={"role wherever": "mentee"})
    [word] = program.value_meanings.all()
    page = f"/committee/mentorship/valuemeaning/{word.pk}/change/"
    client.force_login(MembershipFactory().user)
    assert client.get(page).status_code == 302
    client.force_login(MembershipFactory(program=program).user)
    assert client.post(page, {"meaning": "in_person"}).context["errors"]
    client.post(page, {"meaning": "mentor"})
    word.refresh_from_db()
    assert word.meaning == "mentor"
