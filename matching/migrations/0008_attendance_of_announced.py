"""Note on announced matches how their people attend, as `announce` does from now on."""

from django.db import migrations


def note_attendance(apps, schema_editor):
    matches = apps.get_model("matching", "Match").objects.filter(status="announced")
    for match in matches.select_related("mentor", "mentee").iterator():
        match.mentor_attending = match.mentor.attendance
        match.mentee_attending = match.mentee.attendance
        match.save(update_fields=["mentor_attending", "mentee_attending"])


class Migration(migrations.Migration):
    dependencies = [("matching", "0007_support")]

    operations = [migrations.RunPython(note_attendance, migrations.RunPython.noop)]
