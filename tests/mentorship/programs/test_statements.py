"""A question about one program is made once and asked of each."""

import pytest
from django.db.models import F, Value

from mentorship.domain.programs.statements import ProgramStatement
from mentorship.models import Program
from tests.factories import ProgramFactory

pytestmark = pytest.mark.django_db


def test_each_program_has_its_own_values_and_the_query_is_made_once():
    made = []

    def columns():
        made.append(1)
        return Program.objects.values_list("pk", F("slug"), Value(7))

    statement, programs = ProgramStatement(columns), ProgramFactory.create_batch(2)

    assert [statement.of(one) for one in programs] == [(one.pk, one.slug, 7) for one in programs]
    assert made == [1]


def test_a_program_that_is_gone_has_none():
    statement, program = (
        ProgramStatement(lambda: Program.objects.values_list("pk")),
        ProgramFactory(),
    )
    gone = Program(pk=program.pk + 1)

    with pytest.raises(Program.DoesNotExist):
        statement.of(gone)
