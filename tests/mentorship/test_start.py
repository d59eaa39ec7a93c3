"""What a process loads when it starts."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.once]

# What takes long to load, and what only pages, workbooks and some emails need.
HEAVY = [
    "icalendar", "mentorship.interfaces.admin", "numpy.ma", "openpyxl",
    "requests", "scipy", "sklearn", "unfold.admin",
]  # fmt: skip
CODE = f"""
import sys
import django
django.setup()
import matching.management.commands.propose_matches
from matching.engine import certify, parse_problem, solve
people = {{"capacity": 2, "attendance": "virtual", "fields": ["Other"]}}
problem = parse_problem({{
    "mentors": [people | {{"id": "a"}}],
    "mentees": [people | {{"id": "b"}}, people | {{"id": "c"}}],
}})
certify(problem, solve(problem))
print(*(name for name in {HEAVY} if name in sys.modules))
from django.core.management import call_command
call_command("check", verbosity=0)
print(*(name for name in {HEAVY} if name in sys.modules))
"""


def test_a_command_loads_no_page_and_the_checks_load_all():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "mentorship.settings"}
    printed = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert printed[0] == ""
    assert {"mentorship.interfaces.admin", "unfold.admin"} <= set(printed[-1].split())
