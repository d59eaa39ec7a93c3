"""A pair of an earlier conference is not matched again, as soon as both are there."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from matching.domain.exclusions.past_pairs import (
    Remembered,
    count_waiting,
    pairs_of,
    remember_pairs,
)
from matching.domain.exclusions.rules import read_exclusions
from matching.domain.sheets.past_pairs import read_pairs
from matching.models import KeepApart, Match, PastPair
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.records import keep_import
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.imports.undo import undo_import
from mentorship.models import Import
from tests.factories import (
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db

ADA, BO, CY = "ada@conf.example", "bo@conf.example", "cy@conf.example"
PAIRS = [(ADA, BO), (CY, ADA)]


@pytest.fixture
def program():
    return ProgramFactory(slug="now")


def signups(*addresses):
    rows = [
        Row(number, [address, address.partition("@")[0].title(), "mentor", "In person"])
        for number, address in enumerate(addresses, start=2)
    ]
    return Table("people.csv", ["Email", "Name", "Mentorship", "Ticket"], rows)


def apart(program):
    """Return the do-not-match pairs as (two names, reason, note, overruled)."""
    return [
        ({r.first.name, r.second.name}, r.reason, r.note, r.overruled)
        for r in KeepApart.objects.filter(program=program).order_by("pk")
    ]


def test_pairs_wait_by_address_until_both_have_signed_up(program):
    done = remember_pairs(program, PAIRS, "matched in Conf 2026")
    assert done == Remembered(pairs=2, new=2, excluded=0)

    import_signups(program, signups(ADA))
    assert (apart(program), count_waiting(program)) == ([], 2)

    import_signups(program, signups(ADA, BO.upper()))

    assert apart(program) == [({"Ada", "Bo"}, "last_year", "matched in Conf 2026", False)]
    assert count_waiting(program) == 1
    people = list(program.participants.all())
    why = read_exclusions(program, people).why(*people)
    assert why.detail == "paired last year: matched in Conf 2026"


def test_pairs_of_people_who_are_here_are_kept_apart_at_once(program):
    for address in (ADA, BO, CY):
        ParticipantFactory(program=program, email=address)

    done = remember_pairs(program, [*PAIRS, (BO, ADA), (ADA, ADA), ("", BO)], "matched before")

    assert done == Remembered(pairs=2, new=2, excluded=2)
    assert str(done) == ("2 pairs added: 2 with both people here, 0 wait until both sign up.")
    assert KeepApart.objects.count() == 2


def test_what_the_committee_has_ruled_stays(program):
    import_signups(program, signups(ADA, BO))
    remember_pairs(program, PAIRS, "matched before")
    KeepApart.objects.update(overruled=True)

    again = remember_pairs(program, PAIRS, "matched before")
    import_signups(program, signups(ADA, BO, CY))

    assert str(again) == "All 2 pairs were already known."
    assert apart(program) == [
        ({"Ada", "Bo"}, "last_year", "matched before", True),
        ({"Ada", "Cy"}, "last_year", "matched before", False),
    ]


def test_a_pair_that_was_deleted_does_not_come_back(client, program):
    sign_in(client, program)
    import_signups(program, signups(ADA, BO))
    remember_pairs(program, PAIRS, "matched before")
    ruling = KeepApart.objects.get()

    client.post(reverse("admin:matching_keepapart_delete", args=[ruling.pk]), {"post": "yes"})
    import_signups(program, signups(ADA, BO, CY))

    assert apart(program) == [({"Ada", "Cy"}, "last_year", "matched before", False)]


def test_whoever_is_added_by_hand_or_gets_another_address_is_looked_at(client, program):
    sign_in(client, program)
    remember_pairs(program, PAIRS, "matched before")
    import_signups(program, signups(ADA))
    other = ParticipantFactory(program=program, name="Bo", email="other@conf.example")

    client.post(
        reverse("admin:mentorship_participant_add"),
        {"name": "Cy", "email": CY, "signup_role": "mentee", "signup_attendance": "virtual",
         "capacity": 1},
    )  # fmt: skip
    client.post(
        reverse("admin:mentorship_participant_change", args=[other.pk]),
        {"name": "Bo", "email": BO, "capacity": 1},
    )

    assert [names for names, *_ in apart(program)] == [{"Ada", "Cy"}, {"Ada", "Bo"}]


def test_number_of_queries_does_not_grow(program, django_assert_max_num_queries):
    addresses = [f"p{number}@conf.example" for number in range(40)]
    remember_pairs(program, zip(addresses[::2], addresses[1::2], strict=True), "before")

    with django_assert_max_num_queries(15):
        import_signups(program, signups(*addresses))

    assert KeepApart.objects.count() == 20


def test_an_undone_import_takes_them_along_and_the_next_brings_them_back(program):
    remember_pairs(program, PAIRS, "matched before")
    table = signups(ADA, BO)
    report = import_signups(program, table)
    done = keep_import(
        program,
        Import.Kind.SIGNUPS,
        table,
        report.done,
        difference={"numbers": []},
        unattached=[],
        undecided=[],
    )
    assert KeepApart.objects.count() == 1

    undo_import(done)
    assert (KeepApart.objects.count(), program.participants.count()) == (0, 0)

    import_signups(program, table)
    assert KeepApart.objects.count() == 1


class TestOfProgram:
    def test_are_the_announced_matches_that_lived(self, program):
        last = ProgramFactory()
        kept = MatchFactory(program=last, status=Match.Status.ANNOUNCED)
        MatchFactory(program=last)
        MatchFactory(program=last, status=Match.Status.DISSOLVED)

        assert pairs_of(last) == [(kept.mentor.email, kept.mentee.email)]

    def test_are_not_known_once_it_is_anonymised(self):
        last = ProgramFactory(name="Conf 2026")
        last.anonymised_at = last.created_at

        with pytest.raises(ValidationError, match="Conf 2026 is anonymized"):
            pairs_of(last)


class TestFiles:
    def table(self, *rows):
        numbered = [Row(number, list(cells)) for number, cells in enumerate(rows[1:], start=2)]
        return Table("pairs.csv", list(rows[0]), numbered)

    def test_two_columns_of_addresses(self):
        table = self.table(("Year", "Mentor", "Mentee"), ("2026", ADA, BO), ("2026", CY, "nobody"),
                           ("2026", "", ADA))  # fmt: skip

        assert read_pairs([table]) == (
            [(ADA, BO)],
            ["Row 3: “nobody” is not an email address.", "Row 4: an email address is missing."],
        )

    def test_the_two_sheets(self):
        mentors = self.table(("Name", "Email", "Mentee match"), ("Ada", ADA, "Bo; Dee"))
        mentees = self.table(
            ("Name", "Email", "Mentor match"), ("Bo", BO, "Ada"), ("Dee", "", "Ada")
        )

        assert read_pairs([mentees, mentors]) == (
            [(ADA, BO)],
            ["Ada and Dee: Dee has no email address, or more than one."],
        )

    def test_anything_else_is_refused(self):
        with pytest.raises(ValidationError, match="We need two sheets with names: mentors"):
            read_pairs([self.table(("Name", "Email"), ("Ada", ADA))])
        with pytest.raises(ValidationError, match="3 columns of email addresses"):
            read_pairs([self.table(("A", "B", "C"), (ADA, BO, CY))])


def sign_in(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


class TestPastPairsPage:
    PAGE = reverse("past_pairs")

    def post(self, client, **data):
        answer = client.post(self.PAGE, data, follow=True)
        return [str(message) for message in answer.context["messages"]]

    def test_is_reached_from_the_list(self, client, program):
        sign_in(client, program)

        assert (
            self.PAGE in client.get(reverse("admin:matching_keepapart_changelist")).content.decode()
        )
        assert client.get(self.PAGE).status_code == 200

    def test_takes_over_the_pairs_of_a_program(self, client, program):
        user = sign_in(client, program)
        last = MembershipFactory(user=user, program__name="Last").program
        MatchFactory(program=last, status=Match.Status.ANNOUNCED)
        client.get(reverse("switch_program", args=["now"]))

        assert self.post(client, earlier=last.pk) == [
            "1 pair added: 0 with both people here, 1 waits until both sign up."
        ]
        assert PastPair.objects.get().came_from == "matched in Last"

    def test_another_committees_program_is_no_choice(self, client, program):
        sign_in(client, program)
        match = MatchFactory(status=Match.Status.ANNOUNCED)

        answer = client.post(self.PAGE, {"earlier": match.program_id})

        assert answer.status_code == 400
        assert PastPair.objects.count() == 0

    def test_takes_over_the_pairs_of_a_file(self, client, program):
        sign_in(client, program)
        file = io.BytesIO(f"One,Other\n{ADA},{BO}\n{CY},x\n".encode())
        file.name = "pairs.csv"

        said = self.post(client, sheets=file)

        assert said[1:] == ["Skipped. Row 3: “x” is not an email address."]
        assert PastPair.objects.get().came_from == "paired in pairs.csv"

    def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(self, client, program):
        sign_in(client, program)
        file = io.BytesIO(b"%PDF")
        file.name = "pairs.pdf"

        answer = client.post(self.PAGE, {"sheets": file})

        assert answer.status_code == 400
        assert "pairs.pdf is a PDF" in answer.content.decode()
