"""Moving everything from the present database into an empty one, table by table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model

from committee.domain.backups.backup import has_data, refuse_while_running
from mentorship.installation import database_at

TARGET = "target"
_AT_ONCE = 1000


def move_database(url: str) -> dict[str, int]:
    """Copy all rows into the empty database of this address; return how many, by table.

    It may have tables already, without a program or an account. Each table is read back and
    compared. What is here stays as it is. Raise ValidationError, with nothing copied, if one of the
    two databases is not as it must be.
    """
    refuse_while_running()
    try:
        connections.databases[TARGET] = connections.configure_settings(
            {TARGET: database_at(url), "default": {}}
        )[TARGET]
    except ValueError as error:
        raise ValidationError(str(error)) from error
    source, target = connections["default"], connections[TARGET]
    try:
        call_command("migrate", database=TARGET, verbosity=0)
        if has_data(TARGET):
            raise ValidationError("There is data in that database already. Name an empty one.")
        with transaction.atomic(), transaction.atomic(using=TARGET):
            return _copy(source, target)
    except DatabaseError as error:
        raise ValidationError(f"That database could not take it: {error}") from error
    finally:
        target.close()
        del connections[TARGET], connections.databases[TARGET]


def _copy(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> dict[str, int]:
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    # What `migrate` has written there, such as content types, has other keys than here.
    tables = sorted(model._meta.db_table for model in models)
    with target.cursor() as cursor:
        for sql in target.ops.sql_flush(no_style(), tables, allow_cascade=True):
            cursor.execute(sql)
    moved = {}
    for model in models:
        try:
            moved[model._meta.db_table] = _copy_rows(model, source, target)
        except (DatabaseError, ValueError) as error:
            raise ValidationError(
                f"The table {model._meta.db_table} does not fit: {error}"
            ) from error
    with target.cursor() as cursor:
        for sql in target.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)
    target.check_constraints()
    if different := [m._meta.db_table for m in models if not _are_alike(m, source, target)]:
        raise ValidationError(f"These tables did not arrive as they are here: {different}.")
    return moved


def _copy_rows(model: type[Model], source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> int:
    columns = _columns(model)
    names = [str(column.column) for column in columns]
    quote = target.ops.quote_name
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(name) for name in names)})"  # noqa: S608
        f" VALUES ({', '.join(['%s'] * len(columns))})"
    )
    number = 0
    rows = _rows(model, source)
    with target.cursor() as cursor:
        while some := list(itertools.islice(rows, _AT_ONCE)):
            cursor.executemany(
                sql,
                [
                    [
                        column.get_db_prep_save(value, target)
                        for column, value in zip(columns, row, strict=True)
                    ]
                    for row in some
                ],
            )
            number += len(some)
    return number


def _are_alike(
    model: type[Model], source: BaseDatabaseWrapper, target: BaseDatabaseWrapper
) -> bool:
    here, there = _rows(model, source), _rows(model, target)
    if not isinstance(model._meta.pk, AutoField):
        # Two databases put texts into different orders; tables with such keys are small.
        here, there = iter(sorted(here, key=str)), iter(sorted(there, key=str))
    return all(one == other for one, other in itertools.zip_longest(here, there))


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields that have a column which is written; a generated one is computed."""
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _rows(model: type[Model], database: BaseDatabaseWrapper) -> Iterator[tuple[Any, ...]]:
    rows = model._base_manager.using(database.alias).order_by("pk")
    names = [field.attname for field in _columns(model)]
    return rows.values_list(*names).iterator(chunk_size=_AT_ONCE)
