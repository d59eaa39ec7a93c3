"""The rooms of each package's domain, drawn from its imports: the map in docs/developer.md.

A room is a module or a folder directly inside `domain/`; an arrow is an import, also one inside a
function. A room's floor is one more than that of the highest room it imports, so that imports only
run downwards; a circle has no floors.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

from tests.repository.tree import PRODUCT, Hit, Tree

FLOORS_AT_MOST = 5
PAGE = "docs/developer.md"
BEGIN, END = "<!-- rooms: drawn by `python -m tests.repository draw` -->", "<!-- /rooms -->"


def floors(tree: Tree) -> Iterator[Hit]:
    """Yield each domain folder whose imports run in a circle or over too many floors."""
    yield from too_high(_graph())


def too_high(graph: grimp.ImportGraph) -> Iterator[Hit]:
    """Yield what `floors` finds in this graph of imports."""
    for folder in sorted(m for m in graph.modules if ".domain" in m and graph.find_children(m)):
        path = folder.replace(".", "/")
        try:
            height = max(floors_of(graph, folder).values())
        except CycleError as error:
            yield Hit(path, 0, f"imports run in a circle: {' → '.join(error.args[1])}")
        else:
            if height > FLOORS_AT_MOST:
                yield Hit(path, 0, f"{height} floors; at most {FLOORS_AT_MOST}")


def stale_map(tree: Tree) -> Iterator[Hit]:
    """Yield the page with the map if the map is not what the imports say now."""
    text = (tree.root / PAGE).read_text(encoding="utf-8")
    if text != _with_map(text):
        yield Hit(PAGE, 0, "the map is out of date: python -m tests.repository draw")


def draw(root: Path) -> None:
    """Write the map into the page that shows it."""
    page = root / PAGE
    page.write_text(_with_map(page.read_text(encoding="utf-8")), encoding="utf-8")


def _with_map(text: str) -> str:
    drawn = "\n\n".join(_package(package) for package in PRODUCT)
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n\n{drawn}\n\n{END}", text)


def _package(package: str) -> str:
    """Return one package's rooms as a diagram and a table, the highest floor first."""
    folder = f"{package}.domain"
    ordered = sorted(floors_of(_graph(), folder).items(), key=lambda item: (-item[1], item[0]))
    names = {room: room.removeprefix(f"{folder}.") for room, _ in ordered}
    diagram = ["```mermaid", "flowchart TD"]
    diagram += [f"    {names[room]}" for room, _ in ordered]
    diagram += [f"    {names[a]} --> {names[b]}" for a, b in sorted(arrows(_graph(), folder))]
    table = ["| room | what is in it | its modules |", "|---|---|---|"]
    for room, _ in ordered:
        inside = sorted(child.rpartition(".")[2] for child in _graph().find_children(room))
        modules = ", ".join(f"`{module}`" for module in inside)
        table.append(f"| `{names[room]}` | {_about(room)} | {modules} |")
    return "\n".join([f"### `{package}/domain`", "", *diagram, "```", "", *table])


def _about(module: str) -> str:
    """Return the first sentence of a module's docstring."""
    path = Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PRODUCT, cache_dir=None)


def arrows(graph: grimp.ImportGraph, folder: str) -> set[tuple[str, str]]:
    """Return (importer, imported) for the rooms of a folder."""
    rooms = graph.find_children(folder)
    return {
        (a, b)
        for a in rooms
        for b in rooms
        if a != b and graph.direct_import_exists(importer=a, imported=b, as_packages=True)
    }


def floors_of(graph: grimp.ImportGraph, folder: str) -> dict[str, int]:
    """Return the floor of each room of a folder; raise CycleError if imports run in a circle."""
    below: dict[str, set[str]] = {room: set() for room in graph.find_children(folder)}
    for importer, imported in arrows(graph, folder):
        below[importer].add(imported)
    floor: dict[str, int] = {}
    for room in TopologicalSorter(below).static_order():
        floor[room] = 1 + max((floor[lower] for lower in below[room]), default=0)
    return floor
