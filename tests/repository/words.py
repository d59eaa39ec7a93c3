"""The words that people read: each of these has a better one in docs/conventions.md.

Read are the templates, the Markdown pages, and in Python the docstrings and the literals that
are sentences or labels. A single lowercase word is a key or a name and stays, unless it stands
where a label does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.repository.tree import PRODUCT, Hit, Tree, docstrings

MAIL_PHRASES = r"(?:server|provider|program|client|system)s?\b"

# (what is not said, what is said instead), in the order in which a line is searched.
BANNED = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in [
        (r"\bmail texts?\b", "email template"),
        (rf"(?<![-\w])mails?\b(?!-to\b|\.md\b)(?![-\s]+{MAIL_PHRASES})", "email"),
        (r"\be-mails?\b", "email"),
        (r"\b(?:go|goes|went|leave|leaves) by (?:itself|themselves)\b", "scheduled emails"),
        (r"\bwould leave\b", "are ready to send"),
        (r"\bthey rest\b|\bit rests\b", "sending starts in …"),
        (r"\b(?:take|takes|taken|took) (?:(?:it|them|that|these|all) )*back\b", "undo"),
        (r"\b(?:came|come|comes) back\b", "bounced"),
        (r"\b(?:go|goes|went|gone|send|sent) once more\b|\bsend once more\b", "resent"),
        (r"\blet (?:it|them) go on\b", "release"),
        (r"(?<!be )(?<!ever )\bheld\b(?! (?:by|in|up|to|back|until)\b)", "on hold"),
        (r"\bsurvey answers?\b", "responses"),
        (r"\bin doubt\b", "role unclear, or needs review"),
        (r"\btwo (?:different )?things about\b", "role unclear"),
        (r"\bcockpits?\b", "dashboard"),
        (r"\bwhat counts\b", "matching criteria"),
        (r"\bcosts the later\b", "trade-offs"),
        (r"\bwrite (?:these|them|it) as drafts?\b", "save as drafts"),
        (r"\bas they are now\b", "unchanged"),
        (r"\bwithout a mentor\b", "unmatched"),
        (r"\bsecond mentees?\b", "mentors with two or more"),
        (r"\bvirtual with in person\b", "mixed attendance"),
        (r"\bfields? in common\b", "shared field"),
        (r"\bweak pairs?\b", "low-affinity pairs"),
        (r"\baffinity floor\b", "minimum affinity"),
        (r"\b(?:keep|keeps|kept|keeping) (?:\w+ )?apart\b", "do not match"),
        (r"\b(?:bring|brings|brought|bringing) (?:\w+ ){0,3}back\b", "upload edited sheets"),
        (r"\bkept pairs?\b", "locked pair"),
        (r"\bfree (?:a|the|this|it|them|these)\b", "unlock"),
        (r"\bpausing\b", "not taking mentees"),
        (r"\bin the ticket list\b", "no longer registered"),
        (r"\brulings?\b", "approved, not approved"),
        (r"\bchair decides\b", "approved, not approved"),
        (r"\bsays? nothing\b|\bnone known\b", "not given, unknown"),
        (r"\bgo on with\b", "continue"),
        (r"\bsign in as chair with\b", "Chair: user …"),
        (r"\bwhoever\b", "who, everyone who"),
        (r"\bwhom\b", "who, or a sentence of its own"),
        (r"\bthereof\b", "of it"),
        (r"\beverybody\b", "everyone"),
        (
            r"\b(?:anonymi|organi|recogni|apologi|summari|prioriti|minimi|maximi|normali|customi"
            r"|capitali|authori|categori|emphasi|finali|utili|synchroni|initiali|speciali)s"
            r"(?:e|ed|es|er|ers|ing|ation|ations)\b",
            "the American -ize",
        ),
        (r"\b(?:behaviou|colou|favou|neighbou|honou|labou|rumou)r\w*", "the American -or"),
        (r"\bcentres?\b|\blicences?\b|\bprogrammes?\b|\bdefence\b", "the American spelling"),
        (r"\bcatalogues?\b|\bjudgement\b|\bgrey\b|\bwhilst\b|\bamongst\b", "the American spelling"),
    ]
)

# What is written there are headings that other programs and people write, to be understood, and
# the names under which beat finds its tasks in a database that exists.
UNDERSTOOD = (
    "mentorship/domain/columns/known.py",
    "mentorship/domain/meaning/phrases.py",
    "mentorship/domain/meaning/statuses.py",
    "matching/domain/sheets/columns.py",
    "notifications/apps.py",
)

LABEL_ARGUMENTS = {"verbose_name", "verbose_name_plural", "label", "help_text", "description"}
LABEL_CALLS = {"gettext", "gettext_lazy", "_", "ngettext", "ngettext_lazy", "pgettext"}
READ_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "value", "content", "label"}
CODE_SPAN = re.compile(r"``[^`]+``|`[^`\n]+`")
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
MARKDOWN_TARGET = re.compile(r"(?<=\])\([^)\n]*\)|<[a-z]+:[^>\n]*>")


def words(tree: Tree) -> Iterator[Hit]:
    """Yield each banned word that people read in a template, a page or a Python file."""
    for path, text in tree.texts():
        for line, prose in _prose(path, text):
            for number, row in enumerate(prose.splitlines()):
                for pattern, instead in BANNED:
                    for found in pattern.finditer(row):
                        yield Hit(path, line + number, f'"{found[0]}": say {instead}')


def _prose(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line and the words of each piece of the file that people read."""
    top = path.split("/")[0]
    if path.endswith(".md"):
        for not_read in (FENCE, CODE_SPAN, MARKDOWN_TARGET, TEMPLATE_TAG):
            text = _blank(not_read, text)
        yield 1, text
    elif "templates" in path.split("/") and path.endswith((".html", ".txt")):
        yield from _template(text)
    elif path.endswith(".py") and top in PRODUCT and "/migrations/" not in path:
        module = ast.parse(text)
        yield from _docstrings(module) if path in UNDERSTOOD else _literals(module)
    elif path.endswith(".js") and top == "static":
        yield from _script(text)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Return the text with what the pattern finds blanked, so that lines stay the same."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


# Templates

TEMPLATE_COMMENT = re.compile(r"\{#.*?#\}|\{% comment .*?\{% endcomment %\}", re.DOTALL)
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


def _template(text: str) -> Iterator[tuple[int, str]]:
    reader = _Readable()
    reader.feed(TEMPLATE_TAG.sub(_tag_words, _blank(TEMPLATE_COMMENT, text)))
    reader.close()
    yield from reader.found


def _tag_words(tag: re.Match[str]) -> str:
    """Return what people read of a template tag: its literals that are labels, on its lines."""
    literals = [double or single for double, single in QUOTED.findall(tag[0])]
    if tag[0].startswith("{{"):
        kept = [literal for literal in literals if re.search(r"[A-Za-z]{2}", literal)]
    else:
        kept = [literal for literal in literals if _is_sentence(literal)]
    shown = " ".join(kept).replace('"', "").replace("<", "").replace(">", "")
    return (shown or "…") + "\n" * tag[0].count("\n")


class _Readable(HTMLParser):
    """Collects the text and the read attributes of a page, without icons, scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("script", "style") or "material-symbols" in values.get("class", ""):
            self.silent = tag
        hidden = tag == "input" and values.get("type") in ("hidden", "radio", "checkbox")
        for name, value in values.items():
            if name in READ_ATTRIBUTES and not (name == "value" and (hidden or tag == "option")):
                self.found.append((self.getpos()[0], value))

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append((self.getpos()[0], data))


# Scripts

SCRIPT_LITERAL = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")


def _script(text: str) -> Iterator[tuple[int, str]]:
    for found in SCRIPT_LITERAL.finditer(text):
        words = next((group for group in found.groups() if group), "")
        if _is_sentence(words):
            yield text.count("\n", 0, found.start()) + 1, words


# Python


def _docstrings(module: ast.Module) -> Iterator[tuple[int, str]]:
    for line, text in docstrings(module):
        yield line, _blank(CODE_SPAN, text)


def _literals(module: ast.Module) -> Iterator[tuple[int, str]]:
    labels = set(_labels(module))
    inside = {
        id(part)
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(module):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(_part(value) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) in labels or _is_sentence(text):
            yield node.lineno, _blank(CODE_SPAN, text)


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    inner = [
        part.value
        for part in ast.walk(value)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return " ".join(text for text in inner if _is_sentence(text)) or "…"


def _is_sentence(text: str) -> bool:
    """Return whether a literal is for people: words with spaces, or a word with a capital."""
    return bool(
        re.search(r"[^\W\d_]{2}[^\w]*\s+[^\w]*[^\W\d_]", text)
        or re.search(r"…\s+[^\W\d_]{2}", text)
        or re.fullmatch(r"\s*[A-Z][a-z]+[.:!?…]?\s*", text)
    )


def _labels(module: ast.Module) -> Iterator[int]:
    """Yield the ids of the literals that are labels even if they are one lowercase word."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            for word in node.keywords:
                if word.arg in LABEL_ARGUMENTS:
                    yield id(word.value)
            if node.args and (name in LABEL_CALLS or name.endswith("Field")):
                yield id(node.args[0])
        elif isinstance(node, ast.ClassDef) and any(
            "Choices" in ast.unparse(base) for base in node.bases
        ):
            for entry in node.body:
                if isinstance(entry, ast.Assign) and isinstance(entry.value, ast.Tuple):
                    yield id(entry.value.elts[-1])
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in LABEL_ARGUMENTS for target in node.targets
        ):
            yield id(node.value)
