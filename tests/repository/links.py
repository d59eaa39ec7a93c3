"""Links and pictures of the Markdown pages: each target exists, each anchor too."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePath

from tests.repository.tree import Hit, Tree

FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(
    r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)\b[^>]*?(?:src|href)=\"([^\"]+)\""
)
REFERENCE = re.compile(r"^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
OWN_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def dead_links(tree: Tree) -> Iterator[Hit]:
    """Yield each relative link, picture or anchor of a Markdown page that leads nowhere."""
    pages = dict(tree.texts(".md"))
    files = set(tree.paths())
    folders = {parent.as_posix() for path in files for parent in PurePath(path).parents}
    for path, text in pages.items():
        for line, target in _targets(text):
            file, _, anchor = target.partition("#")
            place = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
            )
            if place not in files | folders:
                yield Hit(path, line, f"{target} leads to no file")
            elif anchor and place in pages and anchor not in anchors(pages[place]):
                yield Hit(path, line, f"{target} leads to no heading")


def _targets(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and target of each link that stays in the repository."""
    plain = _blank(INLINE_CODE, _blank(FENCE, text))
    for match in sorted(
        [*LINK.finditer(plain), *REFERENCE.finditer(plain)], key=lambda m: m.start()
    ):
        target = next(group for group in match.groups() if group)
        if not ELSEWHERE.match(target) and not target.startswith(("/", "{{")):
            yield text.count("\n", 0, match.start()) + 1, target


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Return the text with what the pattern finds blanked, so that places stay the same."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def anchors(text: str) -> set[str]:
    """Return the anchors of a Markdown page as GitHub makes them from its headings."""
    found = set(OWN_ANCHOR.findall(text))
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = 0
        while (anchor := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(anchor)
    return found
