"""Loads the application; imported once, by the process from which all others are forked."""

from importlib import import_module

import django

from mentorship.celery import app

django.setup()
for module in ("celery.apps.beat", "celery.apps.worker", "kombu.transport.redis"):
    import_module(module)
app.loader.import_default_modules()
