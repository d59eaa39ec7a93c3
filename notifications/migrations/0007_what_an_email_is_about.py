from django.db import migrations, models


def fill(apps, schema_editor):
    """Read each key that told an email from others into the columns that do from now on."""
    EmailLog = apps.get_model("notifications", "EmailLog")
    rows = EmailLog.objects.using(schema_editor.connection.alias)
    some = []
    for row in rows.only("pk", "dedupe_key").order_by("pk").iterator(chunk_size=500):
        row.about, row.which, row.repeat, row.freed = read(row.dedupe_key)
        some.append(row)
        if len(some) == 500:
            rows.bulk_update(some, ["about", "which", "repeat", "freed"])
            some = []
    rows.bulk_update(some, ["about", "which", "repeat", "freed"])


def read(key):
    """Return (about, which, repeat, freed) of a key such as `reminder:17:2:again:1~385`.

    A key that no version has written stays what tells its email from others.
    """
    whole, _, freed_by = key.partition("~")
    first, _, repeat = whole.partition(":again:")
    try:
        reason, about, *rest = first.split(":")
        if reason == "mentor":
            # After the mentor came the first of the matches, which is what it is about now.
            about, rest = rest[0], []
        elif reason == "test":
            rest = []
        return int(about), ":".join(rest), int(repeat or 0), bool(freed_by)
    except (ValueError, IndexError):
        return 0, key, 0, False


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0003_past_pairs"),
        ("mentorship", "0006_imports"),
        ("notifications", "0006_email_words"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="emaillog",
            options={"ordering": ["-queued_at", "-pk"], "verbose_name": "email"},
        ),
        migrations.AddField(
            model_name="emaillog",
            name="about",
            field=models.BigIntegerField(
                default=0,
                help_text="Primary key of what its kind is about: the person, the match (the first of several), the help request, or the account that asked for a test",
            ),
        ),
        migrations.AddField(
            model_name="emaillog",
            name="freed",
            field=models.BooleanField(
                default=False,
                help_text="Canceled because its reason was gone, so that another can take its place",
            ),
        ),
        migrations.AddField(
            model_name="emaillog",
            name="repeat",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="0 for the first email, 1 for the first time it was resent, …"
            ),
        ),
        migrations.AddField(
            model_name="emaillog",
            name="which",
            field=models.CharField(
                blank=True,
                help_text="Which of its kind about the same: the number of a reminder, the two roles that contradict each other, or the person of a match",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="emailbatch",
            name="leaves_at",
            field=models.DateTimeField(help_text="Until then the whole batch can be undone."),
        ),
        migrations.AlterField(
            model_name="emaillog",
            name="kind",
            field=models.CharField(
                choices=[
                    ("survey", "Survey invitation"),
                    ("reminder", "Survey reminder"),
                    ("role", "Role clarification"),
                    ("match_in_person", "Match, in person"),
                    ("match_call", "Match, with a call"),
                    ("match_mentor", "Match, mentor of two or more"),
                    ("match_mentee", "Match, mentee of a shared mentor"),
                    ("unmatched_mentor", "Unmatched mentor"),
                    ("unmatched_mentee", "Unmatched mentee"),
                    ("match_changed", "Match changed"),
                    ("check_in", "Check-in"),
                    ("problem_received", "Help request received"),
                    ("feedback", "Feedback request"),
                    ("test", "Test email"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="emaillog",
            name="matches",
            field=models.ManyToManyField(
                blank=True,
                help_text="Those that an email to a mentor of several mentees introduces",
                related_name="mentor_emails",
                to="matching.match",
            ),
        ),
        migrations.AlterField(
            model_name="emaillog",
            name="redirected_to",
            field=models.EmailField(
                blank=True, help_text="Who got this email instead of its recipients", max_length=254
            ),
        ),
        migrations.AlterField(
            model_name="emaillog",
            name="resend_why",
            field=models.CharField(blank=True, max_length=200, verbose_name="resent because"),
        ),
        migrations.AlterField(
            model_name="emaillog",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sending", "Sending"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("uncertain", "Uncertain"),
                    ("held", "On hold"),
                    ("cancelled", "Canceled"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        # Backwards is for an empty outbox: the keys are gone.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
