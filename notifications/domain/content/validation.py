"""What is wrong with an email template, in sentences, with the line on which it is."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2
from django.core.exceptions import ValidationError
from jinja2 import nodes
from rapidfuzz import fuzz, process

from notifications.domain.content.escaping import Link
from notifications.domain.content.placeholders import BY_KIND, LINKS
from notifications.domain.content.rendering import ENVIRONMENT, MARKER, render
from notifications.models import Kind

# A template chooses between sentences and shows placeholders; it does not compute.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If,
    nodes.CondExpr, nodes.Const, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Filter,
)  # fmt: skip
_FILTERS = {"capitalize", "default", "lower", "title", "trim", "upper"}
_SYNTAX = "Write placeholders as {{ program.name }} and conditions as {% if … %} … {% endif %}."
_NEAR_ENOUGH = 60
# What asks people for something is of no use without one of these.
_OWN_PAGE = ("person.link", "person.answers_link")
_NEEDED = {
    Kind.SURVEY: _OWN_PAGE,
    Kind.REMINDER: _OWN_PAGE,
    Kind.ROLE: ("person.role_link", "person.link"),
    Kind.ASK_MENTOR: ("ask.link",),
    Kind.ASK_MENTOR_AGAIN: ("ask.link",),
    Kind.FEEDBACK: ("person.feedback_link", "person.link"),
    Kind.LINK: ("person.link",),
    Kind.SIGNUP: ("signup.link",),
}


@dataclass(frozen=True)
class Mistake:
    """Where (`subject` or `body`), on which line (from 1), and what is wrong."""

    where: str
    line: int
    message: str

    def __str__(self) -> str:
        place = "Subject" if self.where == "subject" else f"Line {self.line}"
        return f"{place}: {self.message}"


def _dotted(node: nodes.Node) -> str | None:
    """Return the name that a placeholder is written with: program.name."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (front := _dotted(node.node)) is not None:
        return f"{front}.{node.attr}"
    return None


def _nearest(name: str, known: dict[str, str]) -> str | None:
    found = process.extractOne(name, list(known), scorer=fuzz.WRatio, score_cutoff=_NEAR_ENOUGH)
    return found[0] if found else None


def _unknown(name: str, known: dict[str, str]) -> str:
    near = _nearest(name, known)
    hint = f" Did you mean {{{{ {near} }}}}?" if near else ""
    return f"There is no placeholder {{{{ {name} }}}} for this kind of email.{hint}"


def _look(node: nodes.Node, where: str, known: dict[str, str], found: list[Mistake]) -> None:
    if isinstance(node, nodes.Name | nodes.Getattr):
        name = _dotted(node)
        if name is None:
            found.append(
                Mistake(where, node.lineno, f"This does not work in an email template. {_SYNTAX}")
            )
        elif name not in known:
            found.append(Mistake(where, node.lineno, _unknown(name, known)))
        return
    if not isinstance(node, _ALLOWED):
        found.append(
            Mistake(where, node.lineno, f"This does not work in an email template. {_SYNTAX}")
        )
        return
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        found.append(
            Mistake(where, node.lineno, f"Use one of these filters: {', '.join(sorted(_FILTERS))}.")
        )
        return
    for child in node.iter_child_nodes():
        _look(child, where, known, found)


def _parse(source: str, where: str, found: list[Mistake]) -> nodes.Template | None:
    try:
        return ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        message = f"{(error.message or 'This is not complete').rstrip('.')}. {_SYNTAX}"
        found.append(Mistake(where, error.lineno, message[0].upper() + message[1:]))
        return None


def _outputs(tree: nodes.Template) -> list[nodes.Expr]:
    return [
        part
        for output in tree.find_all(nodes.Output)
        for part in output.nodes
        if not isinstance(part, nodes.TemplateData)
    ]


def _check_links(tree: nodes.Template, found: list[Mistake]) -> None:
    """Refuse a link to anything but one placeholder that is a link, whatever the conditions say."""
    outputs = _outputs(tree)
    markers = iter(range(len(outputs)))
    marked = "".join(
        part.data
        if isinstance(part, nodes.TemplateData)
        else "{{ places.p" + str(next(markers)) + " }}"
        for output in tree.find_all(nodes.Output)
        for part in output.nodes
    )
    values = {
        f"p{number}": Link("https://example.org") if _dotted(node) in LINKS else "words"
        for number, node in enumerate(outputs)
    }
    try:
        render("", marked, {"places": values})
    except ValidationError as error:
        line = next((n.lineno for n in outputs if _dotted(n) not in LINKS and _in_link(tree, n)), 1)
        found.append(Mistake("body", line, " ".join(error.messages)))


def _in_link(tree: nodes.Template, wanted: nodes.Expr) -> bool:
    """Return whether a placeholder comes right after the opening of a Markdown link's target."""
    for output in tree.find_all(nodes.Output):
        before = ""
        for part in output.nodes:
            if part is wanted:
                return "](" in before.rsplit("\n", 1)[-1].rsplit(")", 1)[-1]
            before += part.data if isinstance(part, nodes.TemplateData) else "x"
    return False


def mistakes(kind: str, subject: str, body: str) -> list[Mistake]:
    """Return what is wrong with a template of a kind of email; an empty list if nothing is."""
    known = BY_KIND[kind]
    found: list[Mistake] = []
    for where, source in (("subject", subject), ("body", body)):
        if not source.strip():
            found.append(Mistake(where, 1, "Write something here."))
        elif MARKER.search(source):
            found.append(Mistake(where, 1, "This does not work in an email template."))
        elif tree := _parse(source, where, found):
            before = len(found)
            _look(tree, where, known, found)
            if where == "body" and len(found) == before:
                _check_links(tree, found)
    return found


def missing_link(kind: str, body: str) -> str:
    """Return a sentence if a template has no link by which people could do what it asks, or ""."""
    needed = _NEEDED.get(Kind(kind), ())
    if not needed or any(name in body for name in needed):
        return ""
    return (
        f"“{Kind(kind).label}” has no link to the page that it asks people to open. "
        f"Add {{{{ {needed[0]} }}}}."
    )
