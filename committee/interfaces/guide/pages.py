"""The committee's guide, read from Markdown: its sections, their links and their pictures.

The pages are ours, and they are still cleaned: what they show is what Markdown makes of them, with
the links, tables and pictures named here, and no script or style of their own.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

FOLDER = settings.BASE_DIR / "docs"
GUIDE = "committee"
# The guide, and the pages that it sends its readers to.
PAGES = (GUIDE, "matching", "mail")

_TAGS = {
    "a", "br", "code", "em", "h4", "hr", "img", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "id"},
    "h4": {"id"},
    "img": {"src", "alt", "width", "height", "loading"},
}
_SCHEMES = {"https", "mailto"}
_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


@dataclass(frozen=True)
class Section:
    """A heading and what is below it, up to the next heading."""

    anchor: str
    level: int
    title: str
    html: SafeString


@dataclass(frozen=True)
class GuidePage:
    """A page of the guide: its title, what comes before its first section, and its sections."""

    title: str
    opening: SafeString
    sections: tuple[Section, ...]


def read_page(name: str) -> GuidePage:
    """Return one of PAGES as it is on the disk."""
    path = FOLDER / f"{name}.md"
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=len(PAGES) + 1)
def _read(path: Path, changed: int) -> GuidePage:
    return render_page(path.read_text(encoding="utf-8"), path.stem)


def address_of(name: str) -> str:
    """Return the address of one of PAGES."""
    return reverse("guide") if name == GUIDE else reverse("guide_page", args=[name])


def anchor_of(words: str) -> str:
    """Return the anchor of a heading, as the usual places that show Markdown make it."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def render_page(text: str, name: str) -> GuidePage:
    """Return the page that this Markdown, the text of the page `name`, makes."""
    title, opening = name, SafeString("")
    sections: list[Section] = []
    used: Counter[str] = Counter()
    for level, heading, below in _parts(_markdown.parse(text)):
        for token in below:
            _place(token)
        html = _clean(_markdown.renderer.render(below, _markdown.options, {}))
        if level < 2:
            title, opening = heading or title, html
            continue
        anchor = anchor_of(heading)
        number = used[anchor]
        used[anchor] += 1
        sections.append(Section(f"{anchor}-{number}" if number else anchor, level, heading, html))
    return GuidePage(title, opening, tuple(sections))


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[int, str, list[Token]]]:
    """Yield each heading's level and words, and what is below it; level 0 before the first."""
    level, heading = 0, ""
    below: list[Token] = []
    following = iter(tokens)
    for token in following:
        if token.type == "heading_open" and token.tag in ("h1", "h2", "h3"):
            if level or below:
                yield level, heading, below
            level, heading, below = int(token.tag[1]), _words(next(following)), []
            next(following)  # the heading's end
        elif token.type != "fence" or token.info != "mermaid":  # a drawing for other readers
            below.append(token)
    yield level, heading, below


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def _place(token: Token) -> None:
    """Have the links and pictures in a token lead to where they are in the product."""
    if token.type != "inline" or token.children is None:
        return
    kept: list[Token] = []
    outside = 0  # links that are open and lead to a page that is not shown here
    for child in token.children:
        if child.type == "link_open":
            address = _address(str(child.attrs["href"]))
            outside += not address
            child.attrs["href"] = address
            if address:
                kept.append(child)
        elif child.type == "link_close" and outside:
            outside -= 1
        else:
            kept += _enlarged(child) if child.type == "image" else [child]
    token.children = kept


def _address(target: str) -> str:
    """Return where a link of the guide leads in the product; "" if it leads out of it."""
    parts = urlsplit(target)
    if parts.scheme or not parts.path:
        return target
    page = posixpath.normpath(parts.path).removesuffix(".md")
    if page not in PAGES:
        return ""
    return address_of(page) + (f"#{parts.fragment}" if parts.fragment else "")


def _enlarged(picture: Token) -> list[Token]:
    """Return a picture as a link to itself, as it is small on a phone."""
    picture.attrs |= _picture(str(picture.attrs["src"]))
    link = Token("link_open", "a", 1, attrs={"href": picture.attrs["src"]})
    return [link, picture, Token("link_close", "a", -1)]


def _picture(source: str) -> dict[str, str | int | float]:
    """Return the attributes of a picture in docs/: where it is served, and how large it is."""
    file = FOLDER / source
    found: dict[str, str | int | float] = {
        "src": static(f"guide/{file.name}"),
        "loading": "lazy",
    }
    if file.suffix == ".png" and file.exists():
        with Image.open(file) as picture:
            found |= {"width": str(picture.width), "height": str(picture.height)}
    return found


def _clean(html: str) -> SafeString:
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
    # A table that is too wide for a phone is moved sideways, by finger and by key.
    wide = '<div class="gd-wide" tabindex="0" role="group" aria-label="Table"><table>'
    return SafeString(clean.replace("<table>", wide).replace("</table>", "</table></div>"))
