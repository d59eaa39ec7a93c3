"""From a text with placeholders to the subject, the text and the HTML of one mail.

What a placeholder stands for is put in last, into HTML and text that are finished: Jinja puts a
marker in its place, markdown-it and nh3 make HTML of the committee's text with its markers, and
only then each marker is replaced by its escaped value. So no value is ever read as a template,
as Markdown or as HTML, and as the finished page with markers is the same for most people, it is
made once for them all.
"""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass
from typing import Any

import jinja2
import nh3
from django.core.exceptions import ValidationError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt

from notifications.domain.content.escaping import as_html, as_subject, as_text, one_line
from notifications.domain.content.placeholders import Link, Mailbox, Values
from notifications.domain.content.plain import plain

# Letters and digits only: neither Markdown nor HTML nor an address gives them a meaning.
MARKER = re.compile(r"zqplace(\d+)zq")
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
COLLECTED = "_collected"
LINK_WANTED = "A link needs one placeholder that is a link, such as [your page]({{ person.link }})."

_ANCHOR = re.compile(r'<a href="([^"]*)"[^>]*>|</a>')
# A line that holds only {% … %} leaves no empty line behind.
_TAG_LINE = re.compile(r"^[ \t]*(\{%(?:(?!%\}).)*%\})[ \t]*\n", re.MULTILINE)
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    '<body style="margin:0;padding:24px;font:16px/1.55 system-ui,-apple-system,Segoe UI,'
    'Roboto,sans-serif;color:#1f2933;overflow-wrap:break-word">'
    '<div style="max-width:38em;margin:0 auto">\n{}</div></body></html>\n'
)


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


@jinja2.pass_context
def _mark(context: Context, value: Any) -> str:
    collected: list[str] = context[COLLECTED]
    if value is None:
        value = ""
    collected.append(value if isinstance(value, str) else str(value))
    return f"zqplace{len(collected) - 1}zq"


ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=jinja2.StrictUndefined, finalize=_mark, autoescape=False, keep_trailing_newline=False
)
_markdown = MarkdownIt("commonmark", {"html": False}).disable(["image"])


def markdown_to_html(source: str) -> str:
    """Give the clean HTML of Markdown: headings, lists, emphasis, quotes and links, no more."""
    return nh3.clean(
        _markdown.render(source), tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES
    )


@functools.lru_cache(maxsize=256)
def _template(source: str) -> jinja2.Template:
    return ENVIRONMENT.from_string(_TAG_LINE.sub(r"\1", source))


@functools.lru_cache(maxsize=256)
def _pieces(marked: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Give the plain text and the HTML of a text with markers, the HTML cut at its markers.

    Each piece of the HTML is ("raw", markup), ("text", number), ("label", number) inside a link,
    or ("href", number). Raises ValidationError where a link is made of anything but one marker.
    """
    pieces: list[tuple[str, str]] = []

    def words(markup: str, how: str) -> None:
        for index, part in enumerate(MARKER.split(markup)):
            pieces.append((how, part) if index % 2 else ("raw", part))

    end, how = 0, "text"
    source = markdown_to_html(marked)
    for tag in _ANCHOR.finditer(source):
        words(source[end : tag.start()], how)
        end = tag.end()
        how = "text" if tag[0] == "</a>" else "label"
        if whole := MARKER.fullmatch(tag[1] or ""):
            pieces.append(("href", whole[1]))
        elif MARKER.search(tag[1] or ""):
            raise ValidationError(LINK_WANTED)
        else:
            pieces.append(("raw", tag[0]))
    words(source[end:], how)
    return plain(_markdown.parse(marked)), tuple(pieces)


def _anchor(url: str) -> str:
    return f'<a href="{html.escape(url)}" rel="noopener noreferrer">'


def _as_html(how: str, value: str) -> str:
    if how == "href":
        if not isinstance(value, Link):
            raise ValidationError(LINK_WANTED)
        return _anchor(one_line(value))
    shown = as_html(value)
    if how == "text" and value and isinstance(value, Link):
        return f"{_anchor(one_line(value))}{shown}</a>"
    if how == "text" and value and isinstance(value, Mailbox):
        return f"{_anchor('mailto:' + one_line(value))}{shown}</a>"
    return shown


def _marked(source: str, values: Values) -> tuple[str, list[str]]:
    collected: list[str] = []
    try:
        marked = _template(source).render({**values, COLLECTED: collected})
    except jinja2.TemplateError as error:
        raise ValidationError(f"This mail text cannot be used: {error.message}") from error
    return marked, collected


def render(subject: str, body: str, values: Values) -> Rendered:
    """Give one mail, made of a subject and a Markdown body with placeholders.

    `values` is what the placeholders stand for, by their first names (`program`, `person` …).
    Raises ValidationError if the text uses a placeholder that is not among them, or puts
    anything but a link where a link leads.
    """
    marked, collected = _marked(subject, values)
    line = as_subject(MARKER.sub(lambda m: as_text(collected[int(m[1])]), marked))
    marked, collected = _marked(body, values)
    text, pieces = _pieces(marked)
    return Rendered(
        subject=line,
        text=MARKER.sub(lambda m: as_text(collected[int(m[1])]), text),
        html=_PAGE.format(
            "".join(
                part if how == "raw" else _as_html(how, collected[int(part)])
                for how, part in pieces
            )
        ),
    )
