"""The rows of the committee's lists are Unfold's, made with less work."""

import pytest
from django.contrib import admin
from django.urls import resolve
from unfold.templatetags import unfold_list

from mentorship.interfaces.admin import list_rows
from mentorship.interfaces.requests import add_program
from mentorship.models import Program
from tests.factories import ParticipantFactory, UserFactory
from tests.mentorship.test_admin_permissions import MAKE, PAGES, address, name_of

pytestmark = [pytest.mark.django_db, pytest.mark.each]


@pytest.fixture
def list_of(rf):
    """Return the list of the admin's rows like this one, as a superuser sees it."""

    def build(row, **query):
        page = admin.site.get_model_admin(type(row))
        request = rf.get(address(type(row), "changelist"), query)
        request.resolver_match = resolve(request.path)
        request.user = UserFactory(is_superuser=True)
        program = row if isinstance(row, Program) else page._program_of(row)
        request.session = {"program": program.pk}
        add_program(request)
        return page.get_changelist_instance(request)

    return build


def cells_of_first(changelist):
    return list(unfold_list.items_for_result(changelist, changelist.result_list[0], None))


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_each_cell_is_what_unfold_writes(list_of, model):
    changelist = list_of(MAKE[model]())
    row = changelist.result_list[0]

    mine = cells_of_first(changelist)

    assert mine == list(list_rows._cells_by_unfold(changelist, row, None))
    assert all(hasattr(cell, "__html__") for cell in mine)


def test_unfold_asks_here_for_cells_and_headings(list_of):
    assert unfold_list.items_for_result is list_rows.cells_of
    assert unfold_list.result_headers is list_rows.headings_of
    changelist = list_of(ParticipantFactory())
    cells_of_first(changelist)
    assert len(changelist.columns) == len(changelist.list_display) == 7


def test_what_somebody_wrote_is_escaped(list_of):
    person = ParticipantFactory(name="<b>Ann", affiliation="A&B <i>")
    changelist = list_of(person)

    cells = cells_of_first(changelist)

    assert "<b>Ann" not in cells[1]
    assert "&lt;b&gt;Ann" in cells[1]
    assert cells[-1].endswith(">A&amp;B &lt;i&gt;</td>")


def test_a_list_that_is_searched_leads_back_to_what_was_found(list_of):
    person = ParticipantFactory(name="Ann")
    changelist = list_of(person, q="Ann", role="mentor")

    cell = cells_of_first(changelist)[1]

    back = "_changelist_filters=q%3DAnn%26role%3Dmentor"
    assert f'href="/committee/mentorship/participant/{person.pk}/change/?{back}"' in cell


def test_a_choice_for_a_form_is_left_to_unfold(list_of):
    person = ParticipantFactory(name="Ann")
    changelist = list_of(person, _popup="1")

    cells = cells_of_first(changelist)

    assert changelist.columns is None
    assert f'data-popup-opener="{person.pk}"' in "".join(cells)


def test_each_row_has_the_program_that_is_looked_at_and_no_copy_of_it(
    list_of, django_assert_num_queries
):
    person = ParticipantFactory()
    ParticipantFactory(program=person.program)
    changelist = list_of(person)

    with django_assert_num_queries(2):  # the people, and their fields
        programs = [one.program for one in changelist.result_list]

    assert programs == [person.program] * 2
    assert programs[0] is programs[1]
