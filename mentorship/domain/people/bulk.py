"""Writing many people at once, each with its line in the history, in few statements."""

from __future__ import annotations

import contextlib
import datetime
import gc
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

from mentorship.models import Participant

Item = TypeVar("Item")
# Rows that are read, compared and written at a time: enough to make queries rare, few enough for
# what a database takes in one and that fifty thousand people do not stand in memory at once.
BATCH = 1000


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Leave out the search for garbage meanwhile: it looks at all rows of a file again and again.

    With fifty thousand rows it takes a fifth of the time, and finds nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
    if not people:
        return
    insert_rows(people)
    for batch in in_batches(people):
        rows = Participant.objects.filter(
            program=batch[0].program_id, email__in=[person.email for person in batch]
        )
        keys = dict(rows.values_list("email", "pk"))
        for person in batch:
            person.pk = keys[person.email]
    _keep_history(people, "+", reason)


def update_people(people: Sequence[Participant], columns: Sequence[str], reason: str) -> None:
    """Write these columns of these people, whose rows exist and are locked, and their history."""
    if not people:
        return
    fields: list[Any] = [Participant._meta.get_field(name) for name in columns]
    quote = connection.ops.quote_name
    written = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {quote(Participant._meta.db_table)} SET {written} WHERE id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, _values(people, [*fields, Participant._meta.pk]))
    _keep_history(people, "~", reason)


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert these rows of one model. They do not learn their keys.

    Django's `bulk_create`, which builds an expression for every cell, takes four times as long.
    """
    if not rows:
        return
    meta: Any = rows[0]._meta
    fields = [f for f in meta.local_concrete_fields if not f.generated and not f.primary_key]
    for field in fields:
        if getattr(field, "auto_now_add", False):
            for row in rows:
                field.pre_save(row, add=True)
    _insert(meta.db_table, [field.column for field in fields], _values(rows, fields))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_pairs(table: type[models.Model], column: str, pairs: Iterable[tuple[int, int]]) -> None:
    """Insert rows of a join table: the key in `column`, and that of the field it is joined with."""
    meta: Any = table._meta
    columns = [meta.get_field(name).column for name in (column, "field")]
    _insert(meta.db_table, columns, list(pairs))


def _insert(table: str, columns: Sequence[str], values: list[tuple[Any, ...]]) -> None:
    quote = connection.ops.quote_name
    named, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    # Only names that the models themselves give are put into the text.
    statement = f"INSERT INTO {quote(table)} ({named}) VALUES ({places})"  # noqa: S608
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


# Whose values a database takes as they are.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField,
          models.AutoField, models.ForeignKey)  # fmt: skip


def _values(rows: Sequence[models.Model], fields: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return these columns of each row, as the database takes them."""
    database = transaction.get_connection()
    columns = []
    for field in fields:
        values = [getattr(row, field.attname) for row in rows]
        if isinstance(field, models.JSONField):
            # Of fifty thousand rows most say the same as others: [], say.
            known = {repr(value): value for value in values}
            made = {text: field.get_db_prep_save(known[text], database) for text in known}
            values = [made[repr(value)] for value in values]
        elif not isinstance(field, _PLAIN):
            values = [field.get_db_prep_save(value, database) for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))


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
