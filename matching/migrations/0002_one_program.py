"""Let the database itself refuse a match of people from two programs.

PostgreSQL holds it as foreign keys over two columns. SQLite cannot add one to a table that is
there, so triggers do it; a later migration that rebuilds `matching_match` on SQLite has to run
`hold` once more after it.
"""

from django.db import migrations

PEOPLE = ("mentor", "mentee")


def hold(apps, schema_editor):
    for person in PEOPLE:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"ALTER TABLE matching_match ADD CONSTRAINT match_{person}_of_program"
                f" FOREIGN KEY ({person}_id, program_id)"
                " REFERENCES mentorship_participant (id, program_id)"
                " DEFERRABLE INITIALLY DEFERRED"
            )
        else:
            for event in ("INSERT", "UPDATE"):
                schema_editor.execute(
                    f"CREATE TRIGGER match_{person}_of_program_{event.lower()}"
                    f" BEFORE {event} ON matching_match"
                    " WHEN NOT EXISTS (SELECT 1 FROM mentorship_participant AS p"
                    f" WHERE p.id = NEW.{person}_id AND p.program_id = NEW.program_id)"
                    f" BEGIN SELECT RAISE(ABORT, 'match_{person}_of_program'); END"
                )


def let_go(apps, schema_editor):
    for person in PEOPLE:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"ALTER TABLE matching_match DROP CONSTRAINT match_{person}_of_program"
            )
        else:
            for event in ("insert", "update"):
                schema_editor.execute(f"DROP TRIGGER match_{person}_of_program_{event}")


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial"), ("mentorship", "0001_initial")]

    operations = [migrations.RunPython(hold, let_go)]
