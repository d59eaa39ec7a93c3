from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_delivery")]

    operations = [
        migrations.AddField(
            model_name="emaillog",
            name="refusals",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="What the server said of each address that it refused at the last try",
            ),
        ),
        migrations.AddConstraint(
            model_name="emaillog",
            constraint=models.CheckConstraint(
                condition=~Q(state__in=["sending", "uncertain"]) | Q(claimed_at__isnull=False),
                name="mail_on_its_way_was_claimed",
            ),
        ),
    ]
