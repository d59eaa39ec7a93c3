"""Let PostgreSQL itself refuse a match of people from two programs.

It holds it as foreign keys over two columns; SQLite by the triggers of `models/one_program.py`.
"""

from django.db import migrations

PEOPLE = ("mentor", "mentee")


def hold(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for person in PEOPLE:
            schema_editor.execute(
                f"ALTER TABLE matching_match ADD CONSTRAINT match_{person}_of_program"
                f" FOREIGN KEY ({person}_id, program_id)"
                " REFERENCES mentorship_participant (id, program_id)"
                " DEFERRABLE INITIALLY DEFERRED"
            )


def let_go(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for person in PEOPLE:
            schema_editor.execute(
                f"ALTER TABLE matching_match DROP CONSTRAINT match_{person}_of_program"
            )


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial"), ("mentorship", "0001_initial")]

    operations = [migrations.RunPython(hold, let_go)]
