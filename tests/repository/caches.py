"""Caches that keep texts of any length; `cached_by_text` keeps short ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.repository.tree import PRODUCT, Hit, Tree

HELPER = "mentorship/domain/text.py"
CACHES = {"cache", "lru_cache"}


def caches(tree: Tree) -> Iterator[Hit]:
    """Yield each function that takes a text and has a cache of functools for more than one result.

    Such a cache bounds how many texts it keeps, and not how long they are. Yield, too, where one is
    put around a function elsewhere than at its definition, since what it takes is not seen there.
    """
    for path, module in tree.modules(*PRODUCT):
        for node in ast.walk(module) if path != HELPER else ():
            match node:
                case ast.FunctionDef(args=arguments, decorator_list=decorators):
                    if _takes_text(arguments) and any(map(_keeps_many, decorators)):
                        yield Hit(path, node.lineno, f"{node.name} keeps texts of any length")
                case ast.Call(func=ast.Call() as maker) if _keeps_many(maker):
                    yield Hit(path, node.lineno, "a cache around a function that is not seen")


def _keeps_many(node: ast.expr) -> bool:
    """Return whether this is one of CACHES, by itself or called, for more than one result."""
    if isinstance(node, ast.Call):
        sizes = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _keeps_many(node.func) and [ast.unparse(size) for size in sizes] != ["1"]
    return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in CACHES


def _takes_text(arguments: ast.arguments) -> bool:
    """Return whether an argument is a text, or may be one."""
    return any(
        "str" in ast.unparse(each.annotation).split(" | ")
        for each in ast.walk(arguments)
        if isinstance(each, ast.arg) and each.annotation
    )
