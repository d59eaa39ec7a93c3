"""Recovery codes are kept hashed; those that people have written down still work."""

import base64
import secrets

from django.db import migrations
from django.utils.crypto import pbkdf2


def hash_codes(apps, schema_editor):
    """Hash each code with the salt of its device, which is the device's name from now on."""
    tokens = apps.get_model("otp_static", "StaticToken").objects
    for device in apps.get_model("otp_static", "StaticDevice").objects.all():
        device.name = secrets.token_urlsafe()
        device.save(update_fields=["name"])
        for token in tokens.filter(device=device):
            hashed = base64.b64encode(pbkdf2(token.token, device.name, 600_000)).decode()
            token.token = hashed[:16]
            token.save(update_fields=["token"])


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship", "0029_one_beat_at_a_time"),
        ("otp_static", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(hash_codes, elidable=False)]
