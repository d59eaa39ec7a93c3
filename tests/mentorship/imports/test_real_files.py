"""The exports of real shops and form tools: each does what its `expect.json` says.

What the folder `exports` holds, its README says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mentorship.models import Participant
from tests.factories import ProgramFactory

pytestmark = pytest.mark.django_db

EXPORTS = Path(__file__).parent / "exports"
CASES = sorted(file.parent.name for file in EXPORTS.glob("*/expect.json"))
PRETIX = ["checkinlist.csv", "orderlist.xlsx", "positions.csv", "positions-excel.csv",
          "positions-semicolon.csv"]  # fmt: skip
# What does not do yet what it should: it leaves this list with the change that mends it.
NOT_YET: set[str] = {}

# What does something else that is fair, which its `also_right` says: what, and why.
INSTEAD = {
    # Each line is one cell: it is taken apart, and nobody has to export anything again.
    "s52-whole-file-one-column": {
        "steps": [{"command": "import_signups a.csv", "rc": 0, "keys": {"created": 2}}],
    },
    # Titles and pronouns are no part of a name, so these are the people meant.
    "c07-titles-and-pronouns": {
        "steps": [
            {
                "command": "check_matches --no-program --mentors mentors.csv --mentees mentees.csv",
                "rc": 0,
                "keys": {"problems": []},
            }
        ],
    },
    # The totals are nobody, and are not listed as refused rows.
    "s29-summary-lines": {
        "steps": [
            {"command": "import_signups a.csv", "rc": 0, "keys": {"created": 2, "refused": []}}
        ],
    },
}


@pytest.fixture
def program():
    return ProgramFactory(slug="conf")


def run(capsys: Any, command: str, folder: Path) -> tuple[int, dict, str]:
    """Run one step's command; give its exit code, its JSON and what it says besides."""
    name, *words = command.split()
    words = [str(folder / word) if (folder / word).is_file() else word for word in words]
    if "--no-program" in words:
        words.remove("--no-program")
    else:
        words += ["--program", "conf"]
    code, said = 0, ""
    try:
        call_command(name, *words, "--json")
    except CommandError as error:
        code, said = error.returncode, str(error)
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else {}, said + printed.err


def shown(key: str, result: dict) -> Any:
    """Return what stands under a key of a step's JSON, as `expect.json` writes it."""
    if key == "pairs_n":
        return len(result["pairs"])
    if key == "refused":
        return [refused["row"] for refused in result["refused"]]
    if key == "problems":
        return sorted(problem["kind"] for problem in result["problems"])
    return result[key]


def known_of(person: Participant | None, detail: str) -> Any:
    if person is None:
        return None
    if detail == "fields":
        return sorted(field.name for field in person.fields.all())
    if detail == "sector":
        return person.sector.name if person.sector else ""
    return getattr(person, detail)


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, list) and expected[:1] == ["ONEOF"]:
        return found in expected[1:]
    if isinstance(expected, list) and all(isinstance(each, str) for each in expected):
        return sorted(found or []) == sorted(expected)
    return found == expected


def differences(capsys: Any, folder: Path, expect: dict) -> list[str]:
    """Run a folder's steps and return in which respects they do not do what they should."""
    wrong = []
    for step in expect["steps"]:
        code, result, said = run(capsys, step["command"], folder)
        if code != step["rc"]:
            wrong.append(f"{step['command']} ends with {code}: {said}")
            continue
        for key, value in step["keys"].items():
            if not same(found := shown(key, result), value):
                wrong.append(f"{step['command']}: {key} is {found}, not {value}; {said}")
    people = {person.email: person for person in Participant.objects.all()}
    for address, details in expect["people"].items():
        for detail, value in details.items():
            found = known_of(people.get(address), detail)
            if not same(found, value):
                wrong.append(f"{address}: {detail} is {found!r}, not {value!r}")
    return wrong + [f"{address} is here" for address in expect["absent"] if address in people]


def listed(request: pytest.FixtureRequest, name: str) -> None:
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True, reason="listed in NOT_YET"))


@pytest.mark.parametrize("case", CASES)
def test_export(request, capsys, program, smtp, case):
    listed(request, case)
    folder = EXPORTS / case
    expect = json.loads((folder / "expect.json").read_text()) | INSTEAD.get(case, {})

    assert differences(capsys, folder, expect) == []


@pytest.mark.parametrize("file", PRETIX)
def test_pretix(request, capsys, program, file):
    listed(request, f"pretix/{file}")
    truth = json.loads((EXPORTS / "pretix" / "truth.json").read_text())

    code, _, said = run(capsys, f"import_signups {file}", EXPORTS / "pretix")

    assert code == 0, said
    people = Participant.objects.all()
    found = {p.email: {"name": p.name, "role": p.role, "attendance": p.attendance} for p in people}
    # An order of the test mode is in all of these files, and none of their columns says so.
    assert found.pop("person081@freemail.example")["name"] == "Dmitri Yılmaz"
    if file == "checkinlist.csv":
        # Nobody is on a check-in list before the order is paid.
        assert truth.pop("person080@uni-north.example")["name"] == "Chloé Rossi"
    assert found == truth


def test_pretix_orders_are_no_attendees(request, capsys, program):
    listed(request, "pretix/orders.csv")
    code, _, said = run(capsys, "import_signups orders.csv", EXPORTS / "pretix")

    assert (code, Participant.objects.count()) == (1, 0)
    assert "one row for each order" in said
    assert "order positions" in said
