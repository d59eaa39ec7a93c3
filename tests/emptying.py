"""Back to the freshly migrated database after a test that committed.

Django's own way empties every table and then has each app write its permissions, content types and
schedules again: almost half a second of a processor for each such test. Most tables are empty
anyway, and the few that are not have the rows that they should.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model


class Emptying:
    """What a freshly migrated database has in it, and the way back to that."""

    def __init__(self) -> None:
        self.tables = connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        models = {
            model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
        }
        self.kept = {
            table: (models[table], rows_of(models[table])) for table in self.tables_with_rows()
        }

    def tables_with_rows(self) -> list[str]:
        """Return the names of those tables that are not empty."""
        quoted = ((table, connection.ops.quote_name(table)) for table in self.tables)
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})"
                    for table, name in quoted
                )
            )
            return [table for (table,) in cursor.fetchall()]

    def __call__(self) -> None:
        """Empty all tables but for the rows that the migrations left in them.

        The constraints are checked at the end of the transaction, so any order will do.
        """
        with transaction.atomic(), connection.cursor() as cursor:
            for table in {*self.tables_with_rows(), *self.kept}:
                model, rows = self.kept.get(table, (None, []))
                if model and rows_of(model) == rows:
                    continue
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
                if model:
                    model._base_manager.bulk_create(model(**row) for row in rows)
                    self.kept[table] = model, rows_of(model)  # some have the time of writing


def rows_of(model: type[Model]) -> list[dict[str, Any]]:
    """Return all rows of a table, by column, in the order of their keys."""
    return list(model._base_manager.order_by("pk").values())
