"""Writing many people at once, each with its line in the history, in few statements."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone

from mentorship.models import Participant

Item = TypeVar("Item")
# Rows that are read, compared and written at a time: enough to make queries rare, few enough for
# what a database takes in one and that fifty thousand people do not stand in memory at once.
BATCH = 1000


def in_batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Return the items as lists of at most `size`."""
    rest = iter(items)
    while batch := list(itertools.islice(rest, size)):
        yield batch


def snapshot(person: Participant, columns: Iterable[str]) -> dict[str, Any]:
    """Return these columns of a person as JSON can hold them: moments in ISO form."""
    values = {column: getattr(person, column) for column in columns}
    return {
        column: value.isoformat() if isinstance(value, datetime.datetime) else value
        for column, value in values.items()
    }


def create_people(people: Sequence[Participant], reason: str) -> None:
    """Insert these people, and their history with `reason`. To be called in a transaction."""
    people = Participant.objects.bulk_create(people, batch_size=BATCH)
    _keep_history(people, "+", reason)


def update_people(people: Sequence[Participant], columns: Sequence[str], reason: str) -> None:
    """Write these columns of these people, whose rows exist and are locked, and their history.

    Since the rows exist, inserting them always meets the conflict. Django's `bulk_update` does the
    same with a CASE for every cell, which takes ten times as long.
    """
    created = [person.created_at for person in people]
    Participant.objects.bulk_create(
        people,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=columns,
    )
    for person, moment in zip(people, created, strict=True):
        person.created_at = moment  # an insert sets it to now, here but not in the row
    _keep_history(people, "~", reason)


def _keep_history(people: Sequence[Participant], kind: str, reason: str) -> None:
    """Copy these people's rows into the history, as they stand.

    Inside the database, since simple-history's own way of sending each row once more takes as long
    as all the rest of an import.
    """
    history: Any = Participant.history.model
    quote = connection.ops.quote_name
    copied = ", ".join(quote(field.column) for field in history.tracked_fields)
    noted = ", ".join(
        quote(history._meta.get_field(name).column)
        for name in ("history_date", "history_type", "history_change_reason", "history_user")
    )
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        user = history.get_default_history_user(batch[0])
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        places = ", ".join(["%s"] * len(batch))
        # Only names that the models themselves give are put into the text.
        statement = (
            f"INSERT INTO {quote(history._meta.db_table)} ({copied}, {noted}) "  # noqa: S608
            f"SELECT {copied}, %s, %s, %s, %s FROM {quote(Participant._meta.db_table)} "
            f"WHERE id IN ({places}) ORDER BY id"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [now, kind, reason, user and user.pk, *(p.pk for p in batch)])


def delete_people(keys: Sequence[int], reason: str) -> None:
    """Delete these people, who are named nowhere else, and keep that in their history."""
    for start in range(0, len(keys), BATCH):
        rows = Participant.objects.filter(pk__in=keys[start : start + BATCH])
        _keep_history(list(rows.only("pk", "program_id")), "-", reason)
        rows._raw_delete(rows.db)
