"""What a program's text of a kind was before, and what each change to it was."""

from __future__ import annotations

import datetime
import difflib
from dataclasses import dataclass

from django.contrib.auth.models import User

from mentorship.models import Program
from notifications.domain.content.templates import MailText, default_text
from notifications.models import EmailTemplate

SHOWN = 20


@dataclass(frozen=True)
class Version:
    """A text as it was saved, or the default to which the program went back.

    `changes` are the lines that differ from the version before, each as a sign (`+`, `-`, a blank
    for a line that stayed, `…` where such lines are left out) and its words.
    """

    key: int
    moment: datetime.datetime
    by: User | None
    is_default: bool
    text: MailText
    changes: list[tuple[str, str]]


def versions(program: Program, kind: str) -> list[Version]:
    """Give the twenty newest versions of a program's text of a kind, the newest first."""
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


def newest_key(program: Program, kind: str) -> int:
    """Give the key of the newest version, 0 if the default text has always been used."""
    history = EmailTemplate.history.filter(program=program, kind=kind)
    return history.order_by("-history_date", "-pk").values_list("pk", flat=True).first() or 0


def text_of(program: Program, kind: str, key: int) -> MailText | None:
    """Give the text of a version, or None if this program has no such version of this kind."""
    row = EmailTemplate.history.filter(program=program, kind=kind, pk=key).first()
    return row and _text(row)


def changes(before: MailText, after: MailText) -> list[tuple[str, str]]:
    """Give the lines in which two texts differ, each with the one before and after it."""
    old, new = ([f"Subject: {text.subject}", *text.body.splitlines()] for text in (before, after))
    lines = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
    # The first of the headings that stand for what is left out says nothing.
    return [("…", "") if line.startswith("@@") else (line[0], line[1:]) for line in lines][1:]


def _text(row: EmailTemplate) -> MailText:
    if row.history_type == "-":  # type: ignore[attr-defined]
        return default_text(row.kind)
    return MailText(row.subject, row.body)
