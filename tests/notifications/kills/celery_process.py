"""Becomes one of the project's Celery processes, as the `celery` command does."""

from __future__ import annotations

import os
import random
import sys
from importlib import import_module

import django
from django.apps import apps

from mentorship.celery import app

if not apps.ready and "DATABASE_URL" in os.environ:
    # In the process from which all others are forked: what they will need.
    django.setup()
    for module in ("celery.apps.beat", "celery.apps.worker", "kombu.transport.redis"):
        import_module(module)
    app.loader.import_default_modules()


def run(arguments: list[str], log: str) -> None:
    """Run `celery` with these arguments; what it prints goes to the end of this file."""
    with open(log, "a") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    random.seed()
    app.start(argv=["--quiet", *arguments])
