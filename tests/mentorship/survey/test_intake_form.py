"""What the intake form asks, refuses and hands on."""

import datetime
from types import SimpleNamespace

import pytest
from django.http import QueryDict

from mentorship.domain.survey.answers import Answers
from mentorship.interfaces.intake.choices import breakable
from mentorship.interfaces.intake.form import IntakeForm
from mentorship.interfaces.intake.own_questions import question_field
from mentorship.interfaces.intake.time_zones import time_zone_choices
from mentorship.models import Participant, Question
from tests.factories import ParticipantFactory, QuestionFactory, SurveyResponseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return ParticipantFactory(mentee=True)


def sent(person, **given):
    """A form as the browser sends it: complete for a mentee in person, save for what is given."""
    program = person.program
    typed = {
        "role": "mentee",
        "attendance": "in_person",
        "expertise": [str(program.fields.get(name="Biology/Health").pk)],
        "sector": str(program.sectors.get(name="Industry").pk),
        "capacity": "1",
    } | given
    data = QueryDict(mutable=True)
    for name, value in typed.items():
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    person = Participant.objects.select_related("program").get(pk=person.pk)
    return IntakeForm(data, participant=person, newest=person.responses.first())


def unsent(person):
    person = Participant.objects.select_related("program").get(pk=person.pk)
    return IntakeForm(participant=person, newest=person.responses.first())


def problems(form) -> dict[str, list[str]]:
    return {name: list(map(str, errors)) for name, errors in form.errors.items()}


def test_what_was_said_becomes_answers(person):
    meal = QuestionFactory(
        program=person.program, text="Meal?", kind=Question.Kind.CHOICE, choices=["Lunch", "Dinner"]
    )
    tongues = QuestionFactory(
        program=person.program,
        text="Languages?",
        kind=Question.Kind.MULTIPLE,
        choices=["English", "Hindi", "Spanish"],
        role="mentor",
        required=True,
    )
    form = sent(
        person,
        role="mentor",
        attendance="virtual",
        career_stage="senior",
        affiliation="Harbor Lab",
        capacity="2",
        topics_offered="Packaging",
        topics_wanted="Left from when I was a mentee",
        notes="I like xarray",
        time_zone="Asia/Tokyo",
        free_hours=["morning", "early"],
        days_there=["2083-07-13", "2083-07-14"],
        wants_to_meet="Somebody from NASA",
        rather_not_meet="My boss",
        **{f"question_{meal.pk}": "Dinner", f"question_{tongues.pk}": ["Hindi", "English"]},
    )
    assert problems(form) == {}
    assert form.answers() == Answers(
        role="mentor",
        attendance="virtual",
        fields=[person.program.fields.get(name="Biology/Health")],
        sector=person.program.sectors.get(name="Industry"),
        career_stage="senior",
        affiliation="Harbor Lab",
        capacity=2,
        topics_offered="Packaging",
        topics_wanted="Left from when I was a mentee",
        notes="I like xarray",
        time_zone="Asia/Tokyo",
        free_hours=[6, 7, 8, 9, 10, 11],
        days_there=["2083-07-13", "2083-07-14"],
        wants_to_meet="Somebody from NASA",
        rather_not_meet="My boss",
        other_answers={str(meal.pk): "Dinner", str(tongues.pk): ["Hindi", "English"]},
    )


def test_a_line_break_counts_as_one_character_as_in_the_browser(person):
    lines = "\r\n".join(["x" * 99] * 100)  # what a browser sends for 9,999 characters
    form = sent(person, notes=lines)
    assert problems(form) == {}
    assert form.answers().notes == lines.replace("\r\n", "\n")
    assert problems(sent(person, notes=lines + "yy")) == {
        "notes": ["Shorten this to at most 10000 characters. It has 10001."]
    }


def test_who_cannot_take_part_is_asked_nothing_else(person):
    QuestionFactory(program=person.program, required=True)
    form = sent(
        person,
        role="none",
        attendance=None,
        expertise=None,
        sector="nonsense",
        capacity="lots",
        free_hours=["morning"],
    )
    assert problems(form) == {}
    assert form.answers() == Answers(taking_part=False)


def test_needed_questions_are_asked_for_by_name(person):
    question = QuestionFactory(program=person.program, text="Meal?", required=True)
    form = sent(person, role=None, attendance=None, expertise=None, sector=None, capacity=None)
    assert problems(form) == {
        "role": ["Choose mentor, mentee or either, or say that you can’t take part."],
        "attendance": ["Choose in person or virtually."],
        "expertise": ["Choose at least one field."],
        "sector": ["Choose your sector."],
        f"question_{question.pk}": ["Answer “Meal?”."],
    }
    assert form.problems() == [
        ("id_role_0", "I’d like to take part as", form.errors["role"][0]),
        ("id_attendance_0", "I’m attending", form.errors["attendance"][0]),
        ("id_expertise_0", "My fields", form.errors["expertise"][0]),
        ("id_sector", "Employment sector", form.errors["sector"][0]),
        (f"id_question_{question.pk}", "Meal?", "Answer “Meal?”."),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter how many mentees you could take. Most mentors enter 1."),
        ("as many as you need", "Enter the number of mentees in digits, such as 1."),
        ("-1", "The number of mentees can’t be below 0."),
        ("21", "That’s more than one person can mentor. Enter 20 or fewer."),
    ],
)
def test_a_capacity_is_needed_from_mentors_only(person, typed, said):
    assert problems(sent(person, role="mentor", capacity=typed)) == {"capacity": [said]}
    mentee = sent(person, capacity=typed)
    assert problems(mentee) == {}
    assert mentee.answers().capacity is None


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("role", "king", "Choose from the options listed here."),
        ("expertise", ["0"], "Choose from the options listed here."),
        ("sector", "0", "Choose from the options listed here."),
        ("career_stage", "x", "Choose from the options listed here."),
        ("notes", "x" * 10_001, "Shorten this to at most 10000 characters. It has 10001."),
        ("notes", "a\0b", "Type this again. It has a character that can’t be saved."),
        ("affiliation", "x" * 201, "Shorten this to at most 200 characters. It has 201."),
    ],
)
def test_what_cannot_be_stored_is_refused_and_kept_in_the_form(person, name, typed, said):
    form = sent(person, **{name: typed})
    assert problems(form) == {name: [said]}
    assert form[name].value() == typed


def test_words_of_another_program_cannot_be_chosen(person):
    other = ParticipantFactory().program
    field, sector = str(other.fields.first().pk), str(other.sectors.first().pk)
    assert sorted(problems(sent(person, expertise=[field], sector=sector))) == [
        "expertise",
        "sector",
    ]


def test_free_hours_need_a_time_zone_of_virtual_people(person):
    needed = {"time_zone": ["Choose the time zone of your free hours."]}
    given = {"attendance": "virtual", "free_hours": ["late"]}
    assert problems(sent(person, **given)) == needed
    assert problems(sent(person, **given, time_zone="Mars/Base")) == {
        "time_zone": ["Choose a time zone from the list."]
    }
    assert problems(sent(person, **given, time_zone="Asia/Tokyo")) == {}


def test_the_form_starts_with_what_is_known(person):
    program = person.program
    question = QuestionFactory(program=program)
    person.fields.set(program.fields.filter(is_other=True))
    person.sector = program.sectors.first()
    person.affiliation, person.capacity, person.time_zone = "Harbor Lab", 3, "US/Pacific"
    person.save()
    form = unsent(person)
    known = {name: form[name].value() for name in form.fields}
    other = str(program.fields.get(is_other=True).pk)
    assert known == {
        "name": person.name,
        "short_name": "",
        "role": "mentee",
        "other_role": "",
        "attendance": "in_person",
        "expertise": [other],
        "sector": str(program.sectors.first().pk),
        "career_stage": "",
        "affiliation": "Harbor Lab",
        "capacity": 3,
        "topics_offered": "",
        "topics_wanted": "",
        "notes": "",
        "time_zone": "US/Pacific",
        "free_hours": None,
        "days_there": None,
        "wants_to_meet": None,
        "rather_not_meet": None,
        f"question_{question.pk}": None,
    }
    SurveyResponseFactory(
        participant=person,
        wants_to_meet="Ana",
        rather_not_meet="Kit",
        free_hours=[9, 10, 11, 12],
        other_answers={str(question.pk): "Words"},
    )
    form = unsent(person)
    names = ("wants_to_meet", "rather_not_meet", "free_hours", f"question_{question.pk}")
    assert [form[name].value() for name in names] == ["Ana", "Kit", ["morning"], "Words"]
    again = sent(person, attendance="virtual", time_zone="US/Pacific")
    assert problems(again) == {}


@pytest.mark.parametrize(
    ("region", "hours"),
    [
        ("en-us", ["6 AM to 9 AM", "9 AM to noon", "noon to 3 PM", "9 PM to midnight"]),
        ("en-gb", ["06:00 to 09:00", "09:00 to noon", "noon to 15:00", "21:00 to midnight"]),
    ],
)
def test_free_hours_are_written_as_the_region_does(person, region, hours):
    person.program.region = region
    person.program.save()
    offered = [str(label) for _, label in unsent(person).fields["free_hours"].choices]
    assert [*offered[:3], offered[-1]] == hours


def test_a_list_without_words_is_not_asked_for(person):
    person.program.fields.all().delete()
    person.program.sectors.all().delete()
    data = QueryDict("role=mentee&attendance=virtual")
    form = IntakeForm(data, participant=person, newest=None)
    assert problems(form) == {}


def test_a_long_name_breaks_at_its_slashes_and_stays_text():
    assert breakable("Physics/<b>Astro/A&B") == ("Physics/<wbr>&lt;b&gt;Astro/<wbr>A&amp;B")


def test_a_question_of_the_committee_keeps_its_help_as_text():
    field = question_field(
        Question(text="Been a mentor?", help_text="<b>Say</b>", role="mentor", kind="text")
    )
    shown = SimpleNamespace(
        label=field.label, help_text=str(field.help_text), required=field.required
    )
    assert shown == SimpleNamespace(
        label="If you’re a mentor: been a mentor?",
        help_text="&lt;b&gt;Say&lt;/b&gt;",
        required=False,
    )


@pytest.mark.parametrize("kind", [Question.Kind.CHOICE, Question.Kind.MULTIPLE])
def test_nobody_is_stuck_at_a_question_without_choices(person, kind):
    QuestionFactory(program=person.program, kind=kind, choices=[], required=True)
    assert problems(sent(person)) == {}


def test_time_zones_say_how_far_they_are_from_utc_at_the_conference():
    regions = dict(time_zone_choices(datetime.date(2083, 7, 12)))
    assert ("Europe/Berlin", "Berlin (UTC+02:00)") in regions["Europe"]
    assert ("Asia/Kolkata", "Kolkata (UTC+05:30)") in regions["Asia"]
    assert regions["No region"] == [("UTC", "UTC")]
    winter = dict(time_zone_choices(datetime.date(2083, 1, 12)))
    assert ("Europe/Berlin", "Berlin (UTC+01:00)") in winter["Europe"]
