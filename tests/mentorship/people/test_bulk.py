import pytest

from mentorship.domain.people.bulk import create_people, update_people
from mentorship.models import Participant
from tests.factories import ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db


def history(person):
    """Return what the history keeps of a person, newest first, and how it came to be."""
    columns = [field.attname for field in Participant.history.model.tracked_fields]
    return [
        (
            line.history_type,
            line.history_change_reason,
            line.history_user_id,
            {column: getattr(line, column) for column in columns},
        )
        for line in person.history.all()
    ]


def row(person):
    person.refresh_from_db()
    columns = [field.attname for field in Participant.history.model.tracked_fields]
    return {column: getattr(person, column) for column in columns}


def test_new_people_and_their_history():
    program = ProgramFactory()
    made = [
        ParticipantFactory.build(program=program, sector=sector, detail_sources={"name": "signup"})
        for sector in (None, program.sectors.first())
    ]
    create_people(made, "an import")
    people = list(Participant.objects.order_by("pk"))
    assert [person.email for person in people] == [person.email for person in made]
    for person in people:
        assert history(person) == [("+", "an import", None, row(person))]


def test_only_the_named_columns_are_written_and_the_history_has_the_whole_row():
    people = ParticipantFactory.create_batch(2, name="Before", notes="Before")
    before = [row(person) for person in people]
    for person in people:
        person.name = person.notes = "After"
    update_people(people, ["name"], "an import")
    for person, was in zip(people, before, strict=True):
        assert row(person) == was | {"name": "After"}
        assert history(person)[0] == ("~", "an import", None, was | {"name": "After"})
        assert len(history(person)) == 2


def test_the_objects_keep_the_time_at_which_they_were_made():
    person = ParticipantFactory()
    made = person.created_at
    update_people([person], ["name"], "an import")
    assert person.created_at == made


def test_nobody_is_no_trouble(django_assert_num_queries):
    with django_assert_num_queries(0):
        create_people([], "an import")
        update_people([], ["name"], "an import")
