"""Merge-conflict marks, references to notes outside the tree, and crowded folders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from tests.repository.tree import PRODUCT, Hit, Tree

MODULES_A_FOLDER = 15
CONFLICT = re.compile(r"(<{7}|>{7}|\|{7})( |$)")
OUTSIDE_NOTE = re.compile(r"\bDESIGN §")


def conflicts(tree: Tree) -> Iterator[Hit]:
    """Yield each line that a merge left behind; a bare row of `=` is also a Markdown heading."""
    for path, text in tree.texts():
        for number, line in enumerate(text.splitlines(), 1):
            if CONFLICT.match(line):
                yield Hit(path, number, "a merge-conflict mark")


def outside_notes(tree: Tree) -> Iterator[Hit]:
    """Yield each reference to a design note that readers of the tree do not have."""
    for path, text in tree.texts():
        for number, line in enumerate(text.splitlines(), 1):
            if OUTSIDE_NOTE.search(line):
                yield Hit(path, number, "refers to a note that is not in the tree")


def disguised(tree: Tree) -> Iterator[Hit]:
    """Yield each module of the product that pytest and readers would take for a test."""
    for path in tree.paths():
        name = PurePath(path).name
        looks = re.fullmatch(r"test_.*\.py|.*_test\.py|tests\.py|conftest\.py", name)
        if looks and path.split("/")[0] in PRODUCT:
            yield Hit(path, 0, "looks like a test and is none")


def folders(tree: Tree) -> Iterator[Hit]:
    """Yield each folder with too many modules; migrations are history and may pile up."""
    modules = Counter(
        PurePath(path).parent.as_posix()
        for path in tree.paths()
        if path.endswith(".py") and not path.endswith("__init__.py")
    )
    for folder, count in sorted(modules.items()):
        if count > MODULES_A_FOLDER and PurePath(folder).name != "migrations":
            yield Hit(folder, 0, f"{count} modules, at most {MODULES_A_FOLDER}")
