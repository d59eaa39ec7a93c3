"""Class names that occur twice, and docstrings that are not imperative."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.repository.tree import PRODUCT, Hit, Tree, docstrings

# Django looks each management command up by this name.
GIVEN_NAMES = {"Command"}
NOT_IMPERATIVE = re.compile(r"Gives?\b")


def class_names(tree: Tree) -> Iterator[Hit]:
    """Yield each class whose name another class of the product has.

    A class inside a class is reached through it, as `Participant.Role` is, and may share its name.
    """
    places: dict[str, list[Hit]] = defaultdict(list)
    for path, module in tree.modules(*PRODUCT):
        if "/migrations/" not in path:
            for found in _classes(module):
                places[found.name].append(Hit(path, found.lineno, found.name))
    for name, hits in sorted(places.items()):
        if len(hits) > 1 and name not in GIVEN_NAMES:
            for hit in hits:
                others = ", ".join(other.path for other in hits if other is not hit)
                yield Hit(hit.path, hit.line, f"class {name} is also in {others}")


def _classes(node: ast.AST) -> Iterator[ast.ClassDef]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield child
        else:
            yield from _classes(child)


def giving(tree: Tree) -> Iterator[Hit]:
    """Yield each docstring that begins with "Give" instead of "Return"."""
    for path, module in tree.modules():
        for line, text in docstrings(module):
            if NOT_IMPERATIVE.match(text.lstrip()):
                yield Hit(path, line, f'docstring begins with "{text.split()[0]}"')
