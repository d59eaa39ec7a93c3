"""The files that tools of others read: each says what is true of the tree."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_config

from tests.repository.tree import ROOT, Tree

LOCKS = {"run": None, "test": "test", "bench": "bench"}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project():
    return tomllib.loads(read("pyproject.toml"))


def plain(requirement):
    """Return the name of a package as the locked files spell it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


@pytest.mark.parametrize(("name", "group"), LOCKS.items())
def test_locked_files_hold_what_pyproject_names(project, name, group):
    named = [*project["project"]["dependencies"], *project["dependency-groups"].get(group, [])]
    locked = read(f"requirements/{name}.lock")

    packages = set(re.findall(r"^([a-z0-9.-]+)==", locked, re.MULTILINE))

    assert {plain(requirement) for requirement in named} - packages == set()


def test_nothing_locked_names_a_package_index():
    locks = [path for path in Tree().paths() if path.endswith(".lock")]

    names = ("audit", "bench", "run", "test")
    assert locks == [f"requirements/{name}.lock" for name in names]
    for path in locks:
        assert not re.search(r"https?:|file:|--(?:extra-)?index|--find-links", read(path))


def test_packages_are_those_of_the_tree(project):
    named = project["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}

    assert {pattern.removesuffix("*") for pattern in named} == packages
    assert set(project["tool"]["importlinter"]["root_packages"]) == packages


def test_hooks_run_what_is_installed_and_fetch_nothing():
    config = load_config(str(ROOT / ".pre-commit-config.yaml"))
    programs = {hook["entry"].split()[0] for repo in config["repos"] for hook in repo["hooks"]}

    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    for program in programs:
        assert program.startswith(".venv/bin/")
        assert (Path(sys.executable).parent / Path(program).name).exists()


def test_workflow_calls_the_parts_of_make_test_and_the_slow_tests():
    job = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]["test"]
    whole = re.search(r"^test: (.*?) ##", read("Makefile"), re.MULTILINE)[1]

    assert job["strategy"]["matrix"]["target"] == [*whole.split(), "test-slow"]
    assert read(".ci/run").splitlines()[-1] == "exec make test test-slow"
    assert job["steps"][-1] == {"run": "make ${{ matrix.target }}"}
    assert len(job["strategy"]["matrix"]["python"]) == 2


def test_other_forms_are_valid_yaml():
    forms = [path for path in Tree().paths() if path.startswith(".github/") and ".yml" in path]

    assert len(forms) == 6
    assert all(isinstance(yaml.safe_load(read(path)), dict) for path in forms)


def test_each_class_that_a_page_gives_is_in_a_stylesheet_a_script_or_a_test():
    trees = {ending: dict(Tree().texts(ending)) for ending in (".css", ".html", ".js", ".py")}
    styled = set(re.findall(r"\.([a-z]\w*-[\w-]*\w)", "\n".join(trees[".css"].values())))
    ours = {name[:3] for name in styled if name[2] == "-"}
    looked_for = "\n".join(trees[".js"].values()) + "\n".join(
        text for path, text in trees[".py"].items() if path.startswith("tests/")
    )
    given = {
        name
        for path, text in trees[".html"].items()
        if not path.startswith("templates/unfold/")  # their classes are Unfold's
        for words in re.findall(r'class="([^"]*)"', text)
        for name in re.findall(r"(?<![\w-])[a-z]{2}-[a-z][\w-]*\w(?![\w-])", words)
    }

    assert len(given) > 200
    assert {name for name in given - styled if name[:3] in ours} - set(
        re.findall(r"[\w-]+", looked_for)
    ) == set()
