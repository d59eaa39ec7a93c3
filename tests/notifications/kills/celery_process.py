"""Becomes one of the project's Celery processes, as the `celery` command does."""

from __future__ import annotations

import os
import random
import sys


def run(arguments: list[str], log: str) -> None:
    """Run `celery` with these arguments; what it prints goes to the end of this file."""
    from mentorship.celery import app

    with open(log, "a") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    random.seed()
    app.start(argv=["--quiet", *arguments])
