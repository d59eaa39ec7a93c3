"""What undoing a very large import needs is kept compressed, and nobody notices."""

import pytest
from django.db import connection

from mentorship.models import Import
from mentorship.models.packed import pack, unpack
from tests.factories import ImportFactory

pytestmark = pytest.mark.django_db


def changed(people: int) -> dict:
    return {
        "created": list(range(people)),
        "responses": [],
        "columns": {str(n): {"notes": ["", f"é “{n}”"]} for n in range(people)},
        "fields": {},
    }


@pytest.mark.parametrize("value", [changed(0), changed(1), changed(999), changed(2001)])
def test_what_is_packed_comes_back(value):
    assert unpack(pack(value)) == value


@pytest.mark.parametrize(("people", "packed"), [(3, False), (1200, True)])
def test_only_what_is_large_is_packed_in_the_table(people, packed):
    done = ImportFactory(undo=changed(people))
    assert Import.objects.get(pk=done.pk).undo == changed(people)
    with connection.cursor() as cursor:
        cursor.execute("SELECT undo FROM mentorship_import")
        assert ("packed" in str(cursor.fetchone()[0])) is packed
    Import.objects.filter(pk=done.pk).update(undo={})
    assert Import.objects.exclude(undo={}).count() == 0
