"""Who gets where: every address that the resolver knows, tried by everyone there is.

`permissions.txt` is the table of what comes of it, for a person to read: GET and POST, with what
belongs to the own program ("ours") and to another ("theirs"). After a change that is meant,
`python -m pytest tests/committee/access --write-permissions` writes it anew.
"""

from pathlib import Path

import pytest
from django.db import transaction

from tests.committee.access.walk import Walk, table, walk_everywhere

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow]
TABLE = Path(__file__).with_name("permissions.txt")


@pytest.fixture(scope="module")
def walk(django_db_setup, django_db_blocker) -> Walk:
    with django_db_blocker.unblock(), transaction.atomic():
        walked = walk_everywhere()
        transaction.set_rollback(True)
    return walked


def test_everyone_gets_where_the_table_says(walk, request):
    if request.config.getoption("--write-permissions"):
        TABLE.write_text(table(walk))

    assert table(walk).splitlines() == TABLE.read_text().splitlines()


def test_nothing_shows_a_word_or_a_key_of_another_program(walk):
    assert walk.leaks == []


def test_nobody_and_readers_change_nothing(walk):
    assert walk.written == []


def test_nothing_of_another_program_is_changed(walk):
    assert walk.changed == []


def test_each_refusal_says_what_to_do(walk):
    assert walk.unworded == []


def test_readers_are_offered_nothing_that_is_refused(walk):
    refused = {
        (address, method): page
        for (address, method), page in walk.offered.items()
        if walk.cells[address, "ours"]["reader"][method == "POST"] in ("403", "404", "405")
    }

    assert refused == {}
    assert len(walk.offered) > 20
