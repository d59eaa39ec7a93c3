"""Who takes either role, or could take the other one: what the form keeps, and what it changes."""

import pytest

from mentorship.domain.survey.sending import send_form
from mentorship.models import Participant
from tests.factories import ParticipantFactory
from tests.mentorship.survey.test_intake_form import problems, sent, unsent

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return ParticipantFactory(signup_role="mentor", survey_role="mentee", name="Ana Lima")


def save(form):
    assert problems(form) == {}
    send_form(form.participant, form.answers(), seen=None)
    return Participant.objects.get(pk=form.participant.pk)


def test_either_is_fine_ends_every_doubt_and_leaves_the_sign_up(person):
    assert list(Participant.objects.with_role_in_doubt()) == [person]
    saved = save(sent(person, role="either", capacity="2"))
    assert (saved.role, saved.other_role, saved.capacity) == ("mentor", "either", 2)
    assert (saved.role_doubt, list(Participant.objects.with_role_in_doubt())) == ("", [])


@pytest.mark.parametrize(("said", "kept"), [("yes", "if_short"), ("", None)])
def test_the_other_role_if_the_program_is_short(person, said, kept):
    saved = save(sent(person, role="mentee", other_role=said))
    assert (saved.role, saved.other_role) == ("mentee", kept)


def test_who_takes_either_is_asked_as_a_mentor_too(person):
    assert list(problems(sent(person, role="either", capacity=""))) == ["capacity"]


def test_names_are_corrected_and_never_taken_out(person):
    saved = save(sent(person, name="  Ána   Lima ", short_name="Ani"))
    assert (saved.name, saved.short_name) == ("Ána Lima", "Ani")
    assert saved.detail_sources["name"] == "survey"
    assert problems(sent(person, name=" ")) == {"name": ["Enter your name."]}
    before = save(sent(person))  # a page that does not ask for it
    assert (before.name, before.short_name) == ("Ána Lima", "Ani")


def test_a_sector_need_not_be_said_and_the_form_remembers(person):
    saved = save(sent(person, sector="unsaid"))
    assert saved.sector is None
    assert unsent(saved)["sector"].value() == "unsaid"
