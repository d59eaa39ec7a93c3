"""The list of requirements in docs/security.md: complete, and each test that it names is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.repository.tree import Hit, Tree

PAGE = "docs/security.md"
# "V1.1.1 2": each requirement of levels 1 and 2 of OWASP ASVS 5.0.0, with its level.
NUMBERS = "tests/repository/asvs-5.0.0.txt"
LEFT_OUT = re.compile(r"^\| (V\d+) [^|]+ \| Does not apply: [^|]+ \|$")
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+(?:, V\d+\.\d+\.\d+)*) \| [^|]+ \| ([^|]+) \|([^|]*)\|$")
TEST = re.compile(r"`([\w/-]+\.py)::([\w:]+)`")
# What a row says of its requirements, and whether it has to name a test, a link, or any words.
ANSWERS = {
    "kept": r"`[\w/-]+\.py::",
    "written": r"\]\(",
    "library": r"\w",
    "setting": r"\w",
    "host": r"\w",
    "not kept": r"\w",
    "none here": "",
}


def requirements(tree: Tree) -> Iterator[Hit]:
    """Yield each requirement without a row, each row that is wrong, and each test that is none."""
    text = (tree.root / PAGE).read_text(encoding="utf-8")
    wanted = [line.split()[0] for line in (tree.root / NUMBERS).read_text().splitlines()]
    left_out, seen = set(), dict.fromkeys(wanted, 0)
    for number, line in enumerate(text.splitlines(), 1):
        if found := LEFT_OUT.match(line):
            left_out.add(found[1])
        elif re.match(r"\| V\d+\.", line):
            yield from _wrong(number, line, seen)
        yield from _dead_tests(tree, number, line)
    for each, times in seen.items():
        if times != (each.split(".")[0] not in left_out):
            yield Hit(PAGE, 0, f"{each} has {times} rows")


def _wrong(number: int, line: str, seen: dict[str, int]) -> Iterator[Hit]:
    """Count the requirements of a row, and yield what is wrong with it."""
    row = ROW.match(line)
    if not row or row[2] not in ANSWERS:
        yield Hit(PAGE, number, "no row of: number | asks for | answer | where")
        return
    if not re.search(ANSWERS[row[2]], row[3]):
        yield Hit(PAGE, number, f"{row[2]}, but it does not say where or why")
    for each in row[1].split(", "):
        if each in seen:
            seen[each] += 1
        else:
            yield Hit(PAGE, number, f"{each} is no requirement of levels 1 and 2")


def _dead_tests(tree: Tree, number: int, line: str) -> Iterator[Hit]:
    for path, name in TEST.findall(line):
        file = tree.root / "tests" / path
        if not file.is_file() or not _has(ast.parse(file.read_text("utf-8")), name.split("::")):
            yield Hit(PAGE, number, f"there is no test {path}::{name}")


def _has(node: ast.AST, names: list[str]) -> bool:
    """Return whether a class or function of the first name is there, with the others inside it."""
    return not names or any(
        isinstance(child, ast.ClassDef | ast.FunctionDef)
        and child.name == names[0]
        and _has(child, names[1:])
        for child in ast.iter_child_nodes(node)
    )
