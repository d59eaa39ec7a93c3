"""The repository's files, and where in them a check found something."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("committee", "matching", "mentorship", "notifications")
NOT_OURS = {".git", ".venv", "var", "staticfiles", "__pycache__", "node_modules"}


@dataclass(frozen=True, order=True)
class Hit:
    """A place that breaks a rule; `line` counts from 1, and 0 means the whole file."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.reason}"


@dataclass(frozen=True)
class Tree:
    """The files of a working tree: what Git tracks or would add, or all files without Git."""

    root: Path = ROOT

    def paths(self) -> list[str]:
        """Return the paths of all files, relative to the root and sorted."""
        return _paths(self.root)

    def texts(self, *suffixes: str) -> Iterator[tuple[str, str]]:
        """Yield the path and text of each UTF-8 file with one of these suffixes, or of all."""
        for path in self.paths():
            if not suffixes or path.endswith(suffixes):
                try:
                    yield path, (self.root / path).read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue

    def modules(self, *packages: str) -> Iterator[tuple[str, ast.Module]]:
        """Yield the path and syntax tree of each Python file in these top folders, or in all."""
        for path, text in self.texts(".py"):
            if not packages or path.split("/")[0] in packages:
                yield path, _parsed(text)


def docstrings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the first line and the text of each docstring of a module."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            text = ast.get_docstring(node, clean=False)
            if text:
                yield node.body[0].lineno, text


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _paths(root: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if (root / ".git").exists() and listed.returncode == 0:
        found = set(listed.stdout.split("\0")) - {""}
    else:
        every = (path.relative_to(root) for path in root.rglob("*"))
        found = {path.as_posix() for path in every if not NOT_OURS & set(path.parts)}
    return sorted(path for path in found if (root / path).is_file())
