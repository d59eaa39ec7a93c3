"""Two committee members at once, each on a connection of their own."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from mentorship.domain.people import decisions
from mentorship.domain.programs.access import is_only_chair
from mentorship.models import Membership, Participant
from tests.factories import MembershipFactory, ParticipantFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run these at the same moment in threads of their own; give what each returned."""
    start = threading.Barrier(len(acts))
    results = [None] * len(acts)

    def run(number, act):
        start.wait(10)
        try:
            results[number] = act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_chairs_cannot_both_leave():
    first = MembershipFactory(level="chair")
    second = MembershipFactory(program=first.program, level="chair")

    def leave(membership):
        with transaction.atomic():
            if not is_only_chair(membership):
                Membership.objects.filter(pk=membership.pk).update(level="member")

    at_once(lambda: leave(first), lambda: leave(second))

    assert sorted(Membership.objects.values_list("level", flat=True)) == ["chair", "member"]


def test_two_edits_of_different_details_both_stay():
    person = ParticipantFactory()
    one, other = (Participant.objects.get(pk=person.pk) for _ in range(2))
    one.affiliation, other.notes = "Eastport", "met at a workshop"

    at_once(
        lambda: decisions.save_details(one, ["affiliation"]),
        lambda: decisions.save_details(other, ["notes"]),
    )

    person.refresh_from_db()
    assert (person.affiliation, person.notes) == ("Eastport", "met at a workshop")
    assert person.detail_sources == {"affiliation": "research", "notes": "research"}


def test_a_link_renewed_twice_at_once_has_one_of_two_new_keys():
    person = ParticipantFactory()
    old = person.link_key

    renewed = at_once(*[lambda: decisions.renew_link(person)] * 2)

    person.refresh_from_db()
    keys = {row.link_key for row in renewed}
    assert len(keys - {old}) == 2
    assert person.link_key in keys


@pytest.mark.parametrize(
    ("decide", "column", "values"),
    [
        (decisions.decide_role, "decided_role", {"mentor": "mentor", "mentee": "mentee"}),
        (
            decisions.decide_attendance,
            "decided_attendance",
            {"in_person": "in person", "virtual": "virtual"},
        ),
    ],
)
def test_of_two_who_decide_otherwise_the_slower_is_told(decide, column, values):
    person = ParticipantFactory()

    def press(value):
        try:
            decide(person, value, shown="")
        except ValidationError as error:
            return error.messages[0]
        return None

    said = at_once(*[lambda value=value: press(value) for value in values])

    person.refresh_from_db()
    stands = getattr(person, column)
    what = column.removeprefix("decided_")
    assert dict(zip(values, said, strict=True)) == {
        value: None
        if value == stands
        else f"Nothing was changed. The {what} was decided as {values[stands]} while this page was "
        "open. Decide again to change that."
        for value in values
    }
