"""Workers, database and queue killed while they send: no mail is lost, none is sent twice.

The play itself is in `tests/notifications/kills`.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.db import connection

from tests.conftest import LONG, ROOT

pytestmark = pytest.mark.integration  # the play starts servers of its own

KILLS, OUTAGES = (200, 24) if LONG else (3, 1)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 8] if LONG else [2])
def test_killed_at_any_moment_loses_nothing_and_doubles_nothing(workers):
    options = {
        "--kills": KILLS,
        "--outages": OUTAGES,
        "--workers": workers,
        "--database": connection.vendor,
    }
    words = [str(word) for option in options.items() for word in option]
    play = subprocess.run(
        [sys.executable, "-m", "tests.notifications.kills", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=None if LONG else 300,
    )
    print(play.stderr)  # the seed, should it fail
    result = json.loads(play.stdout)
    print(result)
    assert result["complaints"] == []
    assert (result["killed"]["workers"], result["lost"], result["twice"]) == (KILLS, 0, 0)
