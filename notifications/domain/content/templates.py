"""The email templates of a program: its own or the defaults, and every version of its own."""

from __future__ import annotations

import datetime
import difflib
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from mentorship.domain.text import cached_by_text
from mentorship.models import Program
from notifications.domain.content.validation import mistakes
from notifications.models import EmailTemplate, Kind

_TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class MailText:
    subject: str
    body: str


@cached_by_text(100)
def default_text(kind: str) -> MailText:
    """Return the default template of this kind."""
    first, body = (_TEXTS / f"{Kind(kind).value}.md").read_text(encoding="utf-8").split("\n", 1)
    return MailText(subject=first.removeprefix("Subject:").strip(), body=body.strip() + "\n")


def text_for(program: Program, kind: str) -> MailText:
    """Return the template with which this program sends this kind."""
    own = EmailTemplate.objects.filter(program=program, kind=kind).order_by().first()
    return MailText(own.subject, own.body) if own else default_text(kind)


def check(kind: str, subject: str, body: str) -> None:
    """Raise ValidationError if a template has mistakes: by field, each with its line."""
    errors: dict[str, list[str]] = {}
    for mistake in mistakes(kind, subject, body):
        errors.setdefault(mistake.where, []).append(str(mistake))
    if errors:
        raise ValidationError(errors)


def save_text(program: Program, kind: str, *, subject: str, body: str) -> EmailTemplate:
    """Save a program's own template of a kind, or raise ValidationError if it has mistakes."""
    template = EmailTemplate.objects.filter(program=program, kind=kind).first()
    template = template or EmailTemplate(program=program, kind=kind)
    template.subject, template.body = " ".join(subject.split()), body.replace("\r\n", "\n")
    template.full_clean()
    template.save()
    return template


def back_to_default(program: Program, kind: str) -> None:
    """Use the default template of this kind again; the program's own stays in the history."""
    for template in EmailTemplate.objects.filter(program=program, kind=kind):
        template.delete()


SHOWN = 20


@dataclass(frozen=True)
class Version:
    """A template as it was saved, or the default to which the program went back.

    `changes` are the lines that differ from the version before, each as a sign (`+`, `-`, a blank
    for a line that stayed, `…` where such lines are left out) and its words.
    """

    key: int
    moment: datetime.datetime
    by: User | None
    is_default: bool
    text: MailText
    changes: list[tuple[str, str]]


def versions_of(program: Program, kind: str) -> list[Version]:
    """Return the twenty newest versions of a program's template of a kind, the newest first."""
    history = EmailTemplate.history.filter(program=program, kind=kind)
    rows = list(
        history.select_related("history_user").order_by("-history_date", "-pk")[: SHOWN + 1]
    )
    texts = [_text(row) for row in rows] + [default_text(kind)]
    return [
        Version(
            key=row.pk,
            moment=program.local(row.history_date),
            by=row.history_user,
            is_default=row.history_type == "-",
            text=after,
            changes=changes(before, after),
        )
        for row, after, before in list(zip(rows, texts[:-1], texts[1:], strict=True))[:SHOWN]
    ]


def newest_version(program: Program, kind: str) -> int:
    """Return the key of the newest version, 0 if the default has always been used."""
    history = EmailTemplate.history.filter(program=program, kind=kind)
    return history.order_by("-history_date", "-pk").values_list("pk", flat=True).first() or 0


def text_of_version(program: Program, kind: str, key: int) -> MailText | None:
    """Return the text of a version, or None if this program has no such version of this kind."""
    row = EmailTemplate.history.filter(program=program, kind=kind, pk=key).first()
    return row and _text(row)


def changes(before: MailText, after: MailText) -> list[tuple[str, str]]:
    """Return the lines in which two texts differ, each with the one before and after it."""
    old, new = ([f"Subject: {text.subject}", *text.body.splitlines()] for text in (before, after))
    lines = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
    # The first of the headings that stand for what is left out says nothing.
    return [("…", "") if line.startswith("@@") else (line[0], line[1:]) for line in lines][1:]


def _text(row: EmailTemplate) -> MailText:
    if row.history_type == "-":  # type: ignore[attr-defined]
        return default_text(row.kind)
    return MailText(row.subject, row.body)
