"""The committee's own questions: each kind is asked, checked, kept, shown and retired."""

import pytest
from django.urls import reverse

from mentorship.domain.programs.copy import copy_program
from mentorship.domain.survey.readable import own_answers, questions_of
from mentorship.interfaces.intake.form import IntakeForm
from mentorship.models import Question
from tests.factories import MembershipFactory, ParticipantFactory, QuestionFactory
from tests.mentorship.survey.test_intake_form import problems, sent

pytestmark = pytest.mark.django_db
Kind = Question.Kind


@pytest.fixture
def person():
    return ParticipantFactory(mentee=True)


@pytest.mark.parametrize(
    ("kind", "choices", "typed", "stored", "words"),
    [
        (Kind.LONG, [], "One\r\ntwo", "One\ntwo", "One\ntwo"),
        (Kind.NUMBER, [], "1 200.5", "1200.5", "1200.5"),
        (Kind.YES_NO, [], "yes", "yes", "yes"),
        (Kind.DATE, [], "2083-07-13", "2083-07-13", "July 13, 2083"),
        (Kind.SCALE, ["not at all", "very"], "5", "5", "5"),
    ],
)
def test_each_kind_is_kept_and_shown(person, kind, choices, typed, stored, words):
    program = person.program
    question = QuestionFactory(program=program, text="Q?", kind=kind, choices=choices)
    form = sent(person, **{f"question_{question.pk}": typed})
    assert problems(form) == {}
    assert form.answers().other_answers == {str(question.pk): stored}
    person.responses.create(
        submitted_at="2083-06-01T12:00Z", other_answers=form.answers().other_answers
    )
    response = person.responses.get()
    assert own_answers(response, questions_of(program), program.formats) == [("Q?", words)]
    again = IntakeForm(participant=person, newest=response)
    assert again[f"question_{question.pk}"].value() == stored


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        (Kind.NUMBER, "many", "Enter a number in digits, such as 12."),
        (Kind.YES_NO, "maybe", "Choose from the options listed here."),
        (Kind.DATE, "tomorrow", "Enter a day as year-month-day: 2027-07-12."),
        (Kind.SCALE, "6", "Choose from the options listed here."),
    ],
)
def test_what_is_no_answer_is_refused(person, kind, typed, said):
    question = QuestionFactory(program=person.program, kind=kind)
    form = sent(person, **{f"question_{question.pk}": typed})
    assert problems(form) == {f"question_{question.pk}": [said]}


def test_the_ends_of_a_scale_say_what_they_mean(person):
    question = QuestionFactory(
        program=person.program, kind=Kind.SCALE, choices=["never", "daily"], required=True
    )
    form = IntakeForm(participant=person, newest=None)
    labels = [label for _, label in form.fields[f"question_{question.pk}"].choices]
    assert labels == ["1 (never)", "2", "3", "4", "5 (daily)"]


def test_a_question_with_answers_is_retired_and_not_deleted(person, client):
    program = person.program
    question = QuestionFactory(program=program, text="Old?")
    person.responses.create(
        submitted_at="2083-06-01T12:00Z", other_answers={str(question.pk): "Words"}
    )
    user = MembershipFactory(program=program, level="chair").user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:mentorship_question_change", args=[question.pk])
    delete = reverse("admin:mentorship_question_delete", args=[question.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    typed = {"text": "Old?", "help_text": "", "kind": "text", "role": "", "choices": "", "order": 0}
    typed |= {"counts": "not", "retired": "on"}
    assert client.post(page, typed).status_code == 302
    question.refresh_from_db()
    assert question.retired_at is not None
    assert f"question_{question.pk}" not in IntakeForm(participant=person, newest=None).fields
    answer = person.responses.get()
    assert own_answers(answer, questions_of(program), program.formats) == [("Old?", "Words")]
    copy = copy_program(
        program,
        name="Next",
        slug="next",
        starts_on=program.starts_on,
        ends_on=program.ends_on,
        time_zone="UTC",
    ).program
    assert not copy.questions.exists()
    typed.pop("retired")
    client.post(page, typed)
    question.refresh_from_db()
    assert question.retired_at is None
