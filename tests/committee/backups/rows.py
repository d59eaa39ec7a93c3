"""Every row of a database, and in what two of them differ."""

from django.apps import apps


def every_row(alias="default"):
    """Return all rows of all tables, each by its key."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            rows = model._base_manager.using(alias).values()
            found[model._meta.db_table] = {row[model._meta.pk.attname]: row for row in rows}
    return found


def changed(before, after):
    """Return, by table and key, the columns that differ."""
    assert before.keys() == after.keys()
    found = {}
    for table, rows in before.items():
        assert rows.keys() == after[table].keys(), table
        for key, row in rows.items():
            if columns := {name for name, value in row.items() if after[table][key][name] != value}:
                found[table, key] = columns
    return found
