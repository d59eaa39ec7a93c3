"""A limit of mails a day; when reminders go is the business of their schedule now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship", "0001_initial"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="historicalprogram",
            name="invite_as_they_come",
        ),
        migrations.RemoveField(
            model_name="historicalprogram",
            name="reminder_after_days",
        ),
        migrations.RemoveField(
            model_name="historicalprogram",
            name="reminders_at_most",
        ),
        migrations.RemoveField(
            model_name="program",
            name="invite_as_they_come",
        ),
        migrations.RemoveField(
            model_name="program",
            name="reminder_after_days",
        ),
        migrations.RemoveField(
            model_name="program",
            name="reminders_at_most",
        ),
        migrations.AddField(
            model_name="historicalprogram",
            name="mails_per_day",
            field=models.PositiveIntegerField(
                default=400,
                help_text="Within any 24 hours. A free Google mailbox allows 500; 0 is no limit.",
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="mails_per_day",
            field=models.PositiveIntegerField(
                default=400,
                help_text="Within any 24 hours. A free Google mailbox allows 500; 0 is no limit.",
            ),
        ),
    ]
