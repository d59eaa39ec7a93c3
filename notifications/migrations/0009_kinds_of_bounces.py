import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When

KINDS = [
    ("wrong_address", "Wrong address"),
    ("full", "Mailbox full"),
    ("expired", "Never reached their server"),
    ("rejected", "Rejected by policy"),
    ("too_large", "Too large"),
    ("unknown", "Bounced"),
    ("late", "Late"),
    ("complaint", "Marked as spam"),
]


def keep_what_was_known(apps, schema_editor):
    """Until now every bounce meant a wrong address, and named the address that it was about."""
    apps.get_model("notifications", "Bounce").objects.update(
        reported=F("address"),
        kind=Case(When(is_permanent=True, then=Value("wrong_address")), default=Value("late")),
    )
    emails = apps.get_model("notifications", "EmailLog").objects
    emails.exclude(delivered_to=[]).update(sent_to=F("delivered_to"))


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0008_no_dedupe_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "emaillog",
            "sent_to",
            models.JSONField(
                blank=True,
                default=list,
                help_text="Every address that a server took it for, also before it was sent again",
            ),
        ),
        migrations.AddField(
            "bounce",
            "kind",
            models.CharField(choices=KINDS, default="unknown", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            "bounce",
            "reported",
            models.CharField(
                default="", help_text="The address that the report names", max_length=254
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            "bounce",
            "address",
            models.CharField(
                blank=True,
                help_text="The recipient that it is about, if that is clear",
                max_length=254,
            ),
        ),
        migrations.AddField("bounce", "dismissed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "bounce",
            "sent_again_at",
            models.DateTimeField(
                blank=True,
                help_text="When the email was queued again for this address",
                null=True,
            ),
        ),
        migrations.AddField(
            "bounce",
            "settled_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(keep_what_was_known, migrations.RunPython.noop),
        migrations.RemoveConstraint("bounce", "one_report_once"),
        migrations.RemoveField("bounce", "is_permanent"),
        migrations.AddConstraint(
            "bounce",
            models.UniqueConstraint(fields=("mail", "reported", "report"), name="one_report_once"),
        ),
        migrations.AddConstraint(
            "bounce",
            models.CheckConstraint(
                condition=Q(("dismissed_at", None)) | Q(("address", "")),
                name="dismissed_is_about_nobody",
            ),
        ),
    ]
