"""Turn a template with placeholders into the subject, the text and the HTML of one email.

What a placeholder stands for is put in last, into HTML and text that are finished: Jinja puts a
marker in its place, markdown-it and nh3 make HTML of the committee's text with its markers, and
only then each marker is replaced by its escaped value. So no value is ever read as a template,
as Markdown or as HTML, and as the finished page with markers is the same for most people, it is
made once for them all.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import nh3
from django.core.exceptions import ValidationError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mentorship.domain.text import cached_by_text
from notifications.domain.content.escaping import (
    Link,
    Mailbox,
    Values,
    as_html,
    as_subject,
    as_text,
    one_line,
)

# Letters and digits only: neither Markdown nor HTML nor an address gives them a meaning.
MARKER = re.compile(r"zqplace(\d+)zq")
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
COLLECTED = "_collected"
LINK_WANTED = "A link needs one placeholder that is a link, such as [your page]({{ person.link }})."
LINK_EMPTY = (
    "A link in this email leads nowhere, because the program’s settings leave it empty. Fill it in "
    "there, or put a condition around the link: {% if program.code_of_conduct_url %} … {% endif %}."
)

_ANCHOR = re.compile(r'<a href="([^"]*)"[^>]*>|</a>')
# A line that holds only {% … %} leaves no empty line behind.
_TAG_LINE = re.compile(r"^[ \t]*(\{%(?:(?!%\}).)*%\})[ \t]*\n", re.MULTILINE)
# No color of ours: a mail program that is dark shows light words on dark, both its own.
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
    '<meta name="supported-color-schemes" content="light dark"></head>'
    '<body style="margin:0;padding:24px;font:16px/1.55 system-ui,-apple-system,Segoe UI,'
    'Roboto,sans-serif;overflow-wrap:break-word">'
    '<div style="max-width:38em;margin:0 auto">\n{body}</div></body></html>\n'
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
    """Return the clean HTML of Markdown: headings, lists, emphasis, quotes and links, no more."""
    return nh3.clean(
        _markdown.render(source), tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES
    )


@cached_by_text(256)
def _template(source: str) -> jinja2.Template:
    return ENVIRONMENT.from_string(_TAG_LINE.sub(r"\1", source))


@cached_by_text(256)
def _pieces(marked: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the plain text and the HTML of a text with markers, the HTML cut at its markers.

    Each piece of the HTML is ("raw", markup), ("text", number), ("label", number) inside a link,
    or ("href", number). Raise ValidationError where a link is made of anything but one marker.
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
    return _plain(_markdown.parse(marked)), tuple(pieces)


def _anchor(url: str) -> str:
    return f'<a href="{html.escape(url)}" rel="noopener noreferrer">'


def _as_html(how: str, value: str) -> str:
    if how == "href":
        if not value:
            raise ValidationError(LINK_EMPTY)
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
        raise ValidationError(f"This email template cannot be used: {error.message}") from error
    return marked, collected


def render(subject: str, body: str, values: Values) -> Rendered:
    """Return one email, made of a subject and a Markdown body with placeholders.

    `values` is what the placeholders stand for, by their first names (`program`, `person` …).
    Raise ValidationError if the text uses a placeholder that is not among them, or puts
    anything but a link where a link leads.
    """
    marked, collected = _marked(subject, values)
    line = MARKER.sub(lambda m: as_text(collected[int(m[1])]), marked)
    marked, collected = _marked(body, values)
    text, pieces = _pieces(marked)
    return Rendered(
        subject=as_subject(line),
        text=MARKER.sub(lambda m: as_text(collected[int(m[1])]), text),
        html=_PAGE.format(
            title=html.escape(one_line(line)),
            body="".join(
                part if how == "raw" else _as_html(how, collected[int(part)])
                for how, part in pieces
            ),
        ),
    )


def _inline(tokens: Sequence[Token]) -> str:
    """Return a line's words; a link is its label and, unless that says it, where it leads."""
    out: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "softbreak":
                out.append(" ")
            case "hardbreak":
                out.append("\n")
            case "link_open":
                links.append((str(token.attrs.get("href", "")), len(out)))
            case "link_close":
                href, start = links.pop()
                label = "".join(out[start:])
                alone = start == 0 and token is tokens[-1]
                if label != href.removeprefix("mailto:"):
                    out.append(f":\n{href}" if alone else f" ({href})")
            case _:
                out.append(token.content)
    return "".join(out)


def _plain(tokens: Sequence[Token]) -> str:
    """Return the text of parsed Markdown: paragraphs apart by an empty line, lists with signs."""
    blocks: list[str] = []
    signs: list[str] = []  # of the lists that are open
    before = ""  # what stands in front of the next block
    quoted = 0
    tight = False
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                signs.append("-")
            case "ordered_list_open":
                signs.append(str(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                signs.pop()
                tight = False
            case "list_item_open":
                sign = signs[-1]
                before = "  " * (len(signs) - 1) + (f"{sign}. " if sign != "-" else "- ")
                if sign != "-":
                    signs[-1] = str(int(sign) + 1)
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "hr":
                blocks.append("\n\n-----")
            case "inline" | "code_block" | "fence":
                words = _inline(token.children or []) if token.children else token.content.rstrip()
                indent = before or "  " * len(signs)
                lines = words.split("\n")
                shown = indent + f"\n{' ' * len(indent)}".join(lines)
                if quoted:
                    shown = "\n".join("> " * quoted + line for line in shown.split("\n"))
                blocks.append(("\n" if tight else "\n\n") + shown)
                tight = bool(signs)
                before = ""
    return "".join(blocks).strip("\n") + "\n"
