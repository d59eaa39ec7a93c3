from django.db import migrations, models

import mentorship.models.packed


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship", "0023_copied_from"),
    ]

    operations = [
        migrations.AddField(
            model_name="surveyresponse",
            name="asked",
            field=models.JSONField(
                blank=True,
                help_text="the details that there was a question for, if known",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="import",
            name="undo",
            field=mentorship.models.packed.PackedJSONField(blank=True, default=dict),
        ),
    ]
