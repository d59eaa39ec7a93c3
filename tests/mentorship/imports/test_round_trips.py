"""What is exported and imported again changes nothing, whatever people wrote."""

import datetime
import json

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.responses import import_responses
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.people import decisions
from mentorship.domain.survey.answers import Answers, Submission
from mentorship.domain.survey.responses import record_all
from mentorship.interfaces.exports.formats import CSV, JSON, XLSX
from mentorship.interfaces.exports.people import AnswersExport, PeopleExport
from mentorship.models import Participant, SurveyResponse
from mentorship.models.cleaning import clean
from tests.factories import ParticipantFactory, ProgramFactory, QuestionFactory

# Letters of all scripts, what starts formulas, quotes and separators; no row may have a NUL.
LETTERS = st.one_of(
    st.sampled_from(
        [*"=+-@'\"’“,;|\t\n ", "\r\n", "\uff1d", "_x000D_", "👩‍🔬", "שלום", "\u202e", "#N/A"]
    ),
    st.characters(exclude_categories=["Cs", "Cc"]),
)
# Without what nobody sees, which does not survive a file.
TEXTS = st.one_of(
    st.lists(LETTERS, max_size=12).map(lambda letters: clean("".join(letters))),
    st.sampled_from(["=cmd|' /C calc'!A0", "+1 555 0100", "-5", "x" * 10_000, "'=1", "''=1"]),
)
SHORT = TEXTS.map(lambda text: " ".join(text[:150].split()))
# Around the night in which clocks go back, where one local time is two moments.
MOMENTS = st.datetimes(
    datetime.datetime(2027, 11, 7), datetime.datetime(2027, 11, 8), timezones=st.just(datetime.UTC)
)
PEOPLE = st.lists(
    st.tuples(
        SHORT.filter(bool), SHORT, st.sampled_from(["mentor", "mentee"]), SHORT, SHORT, MOMENTS
    ),
    min_size=1,
    max_size=4,
)
ANSWERS = st.lists(
    st.tuples(TEXTS, SHORT, MOMENTS, st.booleans(), st.sampled_from(["form", "import"])),
    min_size=1,
    max_size=4,
)
HEADINGS = ["Email", "Name", "Affiliation", "Mentorship", "Ticket", "Order", "Registered"]


def everything(program):
    """All that an import could change, without when it was changed."""
    people = Participant.objects.filter(program=program).order_by("pk")
    return (
        list(people.values()),
        list(SurveyResponse.objects.filter(participant__in=people).order_by("pk").values()),
        Participant.history.filter(program=program).count(),
    )


def signed_up(people):
    program = ProgramFactory()
    rows = [
        Row(
            number,
            [
                f"p{number}@conf.example",
                name,
                affiliation,
                role,
                f"Virtual {ticket}"[:120],
                order[:60],
                moment.isoformat(" "),
            ],
        )
        for number, (name, affiliation, role, ticket, order, moment) in enumerate(people, start=2)
    ]
    assert import_signups(program, Table("people.csv", HEADINGS, rows)).refused == []
    return program


def exported(export, queryset, form):
    return form().export_data(export.export(queryset)).read()


# Few in the normal run, since each example writes to the database.
FEW = settings(
    max_examples=max(12, settings().max_examples // 10),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


class RoundTrips(TestCase):
    def test_people_who_left_or_are_not_registered_any_more(self):
        moment = datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC)
        program = signed_up([(f"P{n}", "", "mentor", "", str(n), moment) for n in range(3)])
        gone, missing, _ = program.participants.order_by("pk")
        decisions.withdraw(gone, "ill")
        Participant.objects.filter(pk=missing.pk).update(missing_since=moment)
        before = everything(program)

        file = exported(PeopleExport(program), program.participants.all(), CSV)
        report = import_signups(program, read_table(file, "people"))

        assert (report.updated, report.no_longer_registered) == ([], [missing.email])
        assert everything(program) == before

    @given(people=PEOPLE, form=st.sampled_from([CSV, XLSX]))
    @FEW
    def test_people(self, people, form):
        program = signed_up(people)
        before = everything(program)

        file = exported(PeopleExport(program), Participant.objects.filter(program=program), form)
        report = import_signups(program, read_table(file, "people"))

        # Some of the tickets' names may be unclear, and are asked about.
        assert report.as_json() | {"questions": []} == {
            "rows": len(people),
            "created": 0,
            "updated": 0,
            "unchanged": len(people),
            "not_taking_part": 0,
            "refused": [],
            "role_changes": [],
            "attendance_changes": [],
            "no_longer_registered": [],
            "left_out": [],
            "questions": [],
        }
        assert everything(program) == before

    @pytest.mark.slow
    @given(answers=ANSWERS, question=SHORT.filter(bool), form=st.sampled_from([CSV, XLSX]))
    @FEW
    def test_answers(self, answers, question, form):
        program = ProgramFactory()
        QuestionFactory(program=program, text=question)
        answer(program, answers)
        before = everything(program)

        file = exported(AnswersExport(program), answers_of(program), form)
        report = import_responses(program, read_table(file, "answers"))

        assert (report.recorded, report.refused, report.unknown) == (0, [], [])
        assert everything(program) == before

    @pytest.mark.slow
    @given(answers=ANSWERS, form=st.sampled_from([CSV, XLSX]))
    @FEW
    def test_answers_into_an_empty_program(self, answers, form):
        program, other = ProgramFactory(), ProgramFactory()
        answer(program, answers)
        for person in program.participants.all():
            ParticipantFactory(program=other, email=person.email)

        file = exported(AnswersExport(program), answers_of(program), form)
        report = import_responses(other, read_table(file, "answers"))

        columns = ["participant__email", "submitted_at", "taking_part", "notes", "affiliation"]
        said = answers_of(program).exclude(taking_part=True, notes="", affiliation="")
        assert list(answers_of(other).values_list(*columns)) == list(said.values_list(*columns))
        assert {row.why for row in report.left_out} <= {"blank"}
        assert len(report.left_out) == answers_of(program).count() - said.count()

    @given(people=PEOPLE)
    @FEW
    def test_people_as_json(self, people):
        program = signed_up(people)
        found = Participant.objects.filter(program=program).order_by("pk")

        exported_people = json.loads(exported(PeopleExport(program), found, JSON))

        said = [
            (p["Name"], p["Email"], p["Affiliation"], p["Ticket"], p["Registered"])
            for p in exported_people
        ]
        assert said == [
            (p.name, p.email, p.affiliation, p.ticket, program.local(p.registered_at).isoformat())
            for p in found
        ]


def answer(program, answers):
    for notes, affiliation, moment, takes_part, origin in answers:
        person = ParticipantFactory(program=program)
        said = Answers(taking_part=takes_part, notes=notes, affiliation=affiliation)
        moment = moment.replace(microsecond=0)
        record_all([Submission(person, said, moment)], origin=origin)


def answers_of(program):
    return SurveyResponse.objects.filter(participant__program=program).order_by("participant")
