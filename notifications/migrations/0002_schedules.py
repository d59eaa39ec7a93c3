"""Schedules, their runs, and what programs said of reminders until now."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


def take_over_reminders(apps, schema_editor):
    programs = apps.get_model("mentorship", "Program").objects.exclude(
        reminder_after_days=5, reminders_at_most=2
    )
    apps.get_model("notifications", "Schedule").objects.bulk_create(
        apps.get_model("notifications", "Schedule")(
            program=program,
            kind="reminder",
            keeps_on=True,
            after_days=min(max(program.reminder_after_days, 1), 90),
            at_most=min(program.reminders_at_most, 10),
        )
        for program in programs
    )


class Migration(migrations.Migration):
    # Takes over what the next one removes.
    run_before = [("mentorship", "0002_mails_per_day")]

    dependencies = [
        ("matching", "0002_one_program"),
        ("mentorship", "0001_initial"),
        ("notifications", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalSchedule",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("survey", "Survey invitation"),
                            ("reminder", "Survey reminder"),
                            ("role", "Role clarification"),
                            ("check_in", "Check-in"),
                            ("feedback", "Feedback request"),
                        ],
                        max_length=20,
                    ),
                ),
                ("is_on", models.BooleanField(default=False)),
                (
                    "anchor",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("survey_opens_on", "the survey goes out"),
                            ("survey_closes_on", "answers are wanted by"),
                            ("announce_on", "matches are announced"),
                            ("starts_on", "the first day"),
                            ("ends_on", "the last day"),
                        ],
                        max_length=20,
                    ),
                ),
                ("days", models.SmallIntegerField(default=0)),
                (
                    "keeps_on",
                    models.BooleanField(
                        default=False,
                        help_text="Goes on every day after the first, to whoever is due by then.",
                    ),
                ),
                ("after_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("at_most", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("from_hour", models.PositiveSmallIntegerField(default=9)),
                ("to_hour", models.PositiveSmallIntegerField(default=17)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical schedule",
                "verbose_name_plural": "historical schedules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("survey", "Survey invitation"),
                            ("reminder", "Survey reminder"),
                            ("role", "Role clarification"),
                            ("check_in", "Check-in"),
                            ("feedback", "Feedback request"),
                        ],
                        max_length=20,
                    ),
                ),
                ("is_on", models.BooleanField(default=False)),
                (
                    "anchor",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("survey_opens_on", "the survey goes out"),
                            ("survey_closes_on", "answers are wanted by"),
                            ("announce_on", "matches are announced"),
                            ("starts_on", "the first day"),
                            ("ends_on", "the last day"),
                        ],
                        max_length=20,
                    ),
                ),
                ("days", models.SmallIntegerField(default=0)),
                (
                    "keeps_on",
                    models.BooleanField(
                        default=False,
                        help_text="Goes on every day after the first, to whoever is due by then.",
                    ),
                ),
                ("after_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("at_most", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("from_hour", models.PositiveSmallIntegerField(default=9)),
                ("to_hour", models.PositiveSmallIntegerField(default=17)),
                (
                    "trouble",
                    models.TextField(
                        blank=True, help_text="Why nothing could be queued the last time"
                    ),
                ),
            ],
            options={
                "ordering": ["program", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ScheduleRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(help_text="On the program's own clock")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("ran", "Ran"), ("skipped", "Skipped")],
                        default="ran",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it ran first, or was skipped")),
            ],
            options={
                "ordering": ["-day", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="emaillog",
            index=models.Index(
                fields=["program", "claimed_at"], name="notificatio_program_7e734a_idx"
            ),
        ),
        migrations.AddField(
            model_name="historicalschedule",
            name="history_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalschedule",
            name="program",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="mentorship.program",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="schedules",
                to="mentorship.program",
            ),
        ),
        migrations.AddField(
            model_name="schedulerun",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="schedulerun",
            name="schedule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="runs",
                to="notifications.schedule",
            ),
        ),
        migrations.AddField(
            model_name="emailbatch",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="batches",
                to="notifications.schedulerun",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(
                fields=("program", "kind"), name="one_schedule_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ("survey", "reminder", "role", "check_in", "feedback"))
                ),
                name="schedule_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_hour__lt", models.F("to_hour")), ("to_hour__lte", 24)),
                name="schedule_hours_in_order",
                violation_error_message="The hours end before they begin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("after_days__isnull", False),
                        ("after_days__range", (1, 90)),
                        ("anchor", ""),
                        ("at_most__isnull", False),
                        ("at_most__range", (0, 10)),
                        ("keeps_on", True),
                        ("kind", "reminder"),
                    ),
                    models.Q(
                        models.Q(("kind", "reminder"), _negated=True),
                        models.Q(("anchor", ""), _negated=True),
                        ("after_days", None),
                        ("at_most", None),
                        ("days__range", (-365, 365)),
                    ),
                    _connector="OR",
                ),
                name="schedule_counts_from_one_thing",
                violation_error_message="A reminder goes 1 to 90 days after the invitation and at most 10 times; every other mail goes at most 365 days before or after a date of the program.",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedulerun",
            constraint=models.UniqueConstraint(fields=("schedule", "day"), name="one_run_a_day"),
        ),
        migrations.RunPython(take_over_reminders, migrations.RunPython.noop),
    ]
