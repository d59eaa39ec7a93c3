"""Every program's sectors get one for "other"."""

from django.db import migrations


def mark_other(apps, schema_editor):
    Program = apps.get_model("mentorship", "Program")
    Sector = apps.get_model("mentorship", "Sector")
    for program in Program.objects.filter(anonymised_at=None):
        sectors = list(Sector.objects.filter(program=program).order_by("order", "pk"))
        if not sectors:
            continue
        there = [sector for sector in sectors if sector.name.strip().lower() == "other"]
        if there:
            Sector.objects.filter(pk=there[0].pk).update(is_other=True)
        else:
            order = max(sector.order for sector in sectors) + 1
            Sector.objects.create(program=program, name="Other", order=order, is_other=True)


class Migration(migrations.Migration):
    dependencies = [("mentorship", "0014_form_and_look")]

    operations = [migrations.RunPython(mark_other, migrations.RunPython.noop)]
