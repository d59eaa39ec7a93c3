"""What a run of the tests starts: nothing for plain tests, Django alone for unit tests."""

from __future__ import annotations

import argparse
import shutil
from types import SimpleNamespace

import pytest

from tests import databases
from tests.conftest import kind_of_test
from tests.services import ROOT, needs_django, needs_servers


def asked(*paths, markexpr="", shows=False):
    return argparse.Namespace(
        file_or_dir=list(paths), markexpr=markexpr, help=shows, version=0, collectonly=False
    )


@pytest.mark.parametrize(
    ("paths", "needs"),
    [
        ((), True),
        (("tests/matching/engine",), False),
        (("tests/matching/engine/test_small.py::test_a[b]",), False),
        ((str(ROOT / "tests/matching/engine"), "tests/matching/engine/test_bins.py"), False),
        (("tests/matching/engine", "tests/matching/board"), True),
        (("tests/matching/engine_of_another",), True),
        (("tests",), True),
    ],
)
def test_only_plain_folders_need_no_django(paths, needs):
    assert needs_django(asked(*paths), ROOT) is needs


def test_paths_are_relative_to_where_the_run_starts():
    assert not needs_django(asked("engine"), ROOT / "tests" / "matching")
    assert needs_django(asked("tests/matching/engine"), ROOT / "tests")


def test_unit_tests_and_help_need_no_servers():
    assert needs_servers(asked())
    assert needs_servers(asked(markexpr="integration"))
    assert needs_servers(asked(markexpr="unit or browser"))
    assert not needs_servers(asked(markexpr="unit"))
    assert not needs_servers(asked(shows=True))


def item(*fixtures, path="tests/matching/test_a.py", marks=()):
    marks = [SimpleNamespace(name=name) for name in marks]
    return SimpleNamespace(
        path=ROOT / path,
        fixturenames=fixtures,
        iter_markers=lambda: marks,
        get_closest_marker=lambda name: next((mark for mark in marks if mark.name == name), None),
    )


def test_each_test_gets_its_marker():
    assert kind_of_test(item("tmp_path")) == "unit"
    assert kind_of_test(item("program", "db")) == "integration"
    assert kind_of_test(item("smtp")) == "integration"
    assert kind_of_test(item(marks=["django_db"])) == "integration"
    assert kind_of_test(item(marks=["integration"])) == "integration"
    assert kind_of_test(item("browser", "db")) == "browser"
    assert kind_of_test(item("db", path="tests/browser/test_a.py")) == "browser"


def test_this_run_says_what_it_is(request):
    assert request.node.get_closest_marker("unit")


def test_a_changed_model_or_migration_has_databases_made_anew(monkeypatch, tmp_path):
    found = [databases.fingerprint()]
    monkeypatch.setattr(databases, "ROOT", tmp_path)
    for name in ("migrations/0001_tables.py", "models/people/person.py", "apps.py"):
        file = tmp_path / "matching" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        for content in ("first", "second"):
            file.write_text(content)
            found.append(databases.fingerprint())
    again = databases.fingerprint()
    (tmp_path / "matching" / "views.py").write_text("neither")

    assert len(set(found)) == 7
    assert databases.fingerprint() == again == found[-1]


def test_the_first_of_two_runs_keeps_its_database(monkeypatch, tmp_path):
    monkeypatch.setattr(databases, "KEPT", tmp_path / "kept")
    for number in range(databases.KEPT_AT_MOST + 2):
        made = tmp_path / "made"
        made.mkdir()
        (made / "table").write_text(str(number))
        databases.keep(made, tmp_path / "kept" / f"{number}.postgresql")
        (made / "table").write_text("second")
        databases.keep(made, tmp_path / "kept" / f"{number}.postgresql")
        shutil.rmtree(made)

    kept = {path.name: (path / "table").read_text() for path in (tmp_path / "kept").iterdir()}
    assert kept == {f"{number}.postgresql": str(number) for number in range(2, 8)}
