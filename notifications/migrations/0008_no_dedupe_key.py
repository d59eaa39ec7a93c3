from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_what_an_email_is_about")]

    operations = [
        migrations.RemoveField(
            model_name="emaillog",
            name="dedupe_key",
        ),
        migrations.AddIndex(
            model_name="emaillog",
            index=models.Index(fields=["kind", "about"], name="notificatio_kind_f542ed_idx"),
        ),
        migrations.AddConstraint(
            model_name="emaillog",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("freed", False),
                    models.Q(
                        ("kind__in", ["test", "match_in_person", "match_call", "match_mentee"]),
                        _negated=True,
                    ),
                ),
                fields=("kind", "about", "which", "repeat"),
                name="one_email_of_a_kind_about_the_same",
            ),
        ),
        migrations.AddConstraint(
            model_name="emaillog",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("freed", False),
                    ("kind__in", ("match_in_person", "match_call", "match_mentee")),
                ),
                fields=("about", "repeat"),
                name="one_email_about_a_match",
            ),
        ),
    ]
