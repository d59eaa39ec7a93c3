"""Fill the oldest tables in DATABASE_URL, upgrade them to today's, and print what became of them.

The rows are those of `before.json`, with what they say in the columns that there were at first.
"""

from __future__ import annotations

import json
import os
from typing import Any

import django
from django.core.management.color import no_style
from django.db import connection, transaction

FIRST = [
    ("mentorship", "0001_initial"),
    ("matching", "0001_initial"),
    ("notifications", "0001_initial"),
]
DAY = "2026-07-12T18:00:00+00:00"
OURS = {app for app, _ in FIRST}
# Of these tables `before.json` has no row. The last one is not among the oldest.
MORE = [
    {
        "model": "matching.feedback",
        "pk": 1,
        "fields": {"program": 1, "participant": 1, "went_well": "All of it", "created_at": DAY},
    },
    {"model": "mentorship.question", "pk": 1, "fields": {"program": 1, "text": "Tea?"}},
]
LATER = [{"model": "mentorship.heartbeat", "pk": 1, "fields": {"part": "worker", "seen_at": DAY}}]


def write(apps: Any, rows: list[dict[str, Any]]) -> None:
    """Write rows into tables as they were then, as far as these have the columns."""
    for row in rows:
        try:
            model = apps.get_model(row["model"])
        except LookupError:
            continue  # it came later
        columns = {field.name: field for field in model._meta.concrete_fields}
        values = {
            columns[name].attname: value if columns[name].is_relation else to_python(value)
            for name, value in row["fields"].items()
            if name in columns and not columns[name].generated
            for to_python in [columns[name].to_python]
        }
        model(pk=row["pk"], **values).save_base(raw=True, force_insert=True)
    with connection.cursor() as cursor:
        for command in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(command)


def rows_by_key(apps: Any) -> dict[str, dict[int, dict[str, Any]]]:
    """Return all rows of the project's tables that have any, by model and key."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS:
            rows = {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
            if rows:
                found[model._meta.label] = rows
    return found


def required(apps: Any) -> dict[str, set[str]]:
    """Return by model which of its columns have to have a value."""
    return {
        model._meta.label: {f.column for f in model._meta.concrete_fields if not f.null}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS
    }


def main() -> dict[str, Any]:
    from django.apps import apps
    from django.core.management import call_command
    from django.db.migrations.executor import MigrationExecutor

    from tests.committee.upgrade.__main__ import OLD, ROWS

    def migrate_to(nodes: list[tuple[str, str]]) -> Any:
        executor = MigrationExecutor(connection)
        accounts = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "auth"]
        executor.migrate([*nodes, *accounts])
        return executor.loader.project_state([*nodes, *accounts]).apps

    rows = json.loads(ROWS.read_text(encoding="utf-8"))
    then = migrate_to(FIRST)
    known = {model._meta.label_lower for model in then.get_models()}
    with transaction.atomic(), connection.constraint_checks_disabled():
        write(then, [*rows, *MORE])
    before = rows_by_key(then)
    then = migrate_to(OLD)
    with transaction.atomic(), connection.constraint_checks_disabled():
        write(then, [row for row in [*rows, *LATER] if row["model"].lower() not in known])
    filled = set(rows_by_key(then))
    old = required(then)
    call_command("migrate", verbosity=0)
    after, now = rows_by_key(apps), required(apps)

    nullable = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in OURS and model._meta.managed:
                table = model._meta.db_table
                described = connection.introspection.get_table_description(cursor, table)
                may_be_null = {column.name for column in described if column.null_ok}
                columns = [field for field in model._meta.concrete_fields if not field.generated]
                wrong = [f for f in columns if f.null != (f.column in may_be_null)]
                nullable += [f"{table}.{f.column}" for f in wrong]
    changed = set()
    for label, old_rows in before.items():
        for key, row in old_rows.items():
            new = after[label][key]
            changed |= {f"{label}.{name}" for name in row if name in new and new[name] != row[name]}
    return {
        "rows": sum(map(len, before.values())),
        "tables": len(before),
        "changed": sorted(changed),
        "added_where_no_row_is": sorted(
            label
            for label in old
            if label in now and label not in filled and now[label] - old[label]
        ),
        "null_or_not_unlike_the_model": nullable,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    django.setup()
    print(json.dumps(main()))
