"""Check the repository: `python -m tests.repository [check …]`; no check named means all.

`python -m tests.repository draw` writes the map of rooms in docs/developer.md anew.
"""

from __future__ import annotations

import sys

from tests.repository import caches, files, links, names, rooms, security, words
from tests.repository.tree import ROOT, Tree

CHECKS = {
    "conflicts": files.conflicts,
    "outside-notes": files.outside_notes,
    "disguised-tests": files.disguised,
    "links": links.dead_links,
    "folders": files.folders,
    "class-names": names.class_names,
    "docstrings": names.giving,
    "caches": caches.caches,
    "words": words.words,
    "security": security.requirements,
    "floors": rooms.floors,
    "map": rooms.stale_map,
}


def main(asked: list[str]) -> int:
    """Print what the named checks find, one place a line, and return 1 if they found anything."""
    if asked == ["draw"]:
        rooms.draw(ROOT)
        return 0
    if unknown := [name for name in asked if name not in CHECKS]:
        print(f"No such check: {', '.join(unknown)}. There are {', '.join(CHECKS)}.")
        return 2
    tree = Tree()
    found = [
        f"{hit} [{name}]" for name in asked or CHECKS for hit in sorted(set(CHECKS[name](tree)))
    ]
    print("\n".join(found) if found else "The repository keeps to its conventions.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
