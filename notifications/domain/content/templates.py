"""The mail texts of a program: its own, else the ones that come with the software."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError

from mentorship.models import Program
from notifications.domain.content.validation import mistakes
from notifications.models import EmailTemplate, Kind

_TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class MailText:
    subject: str
    body: str


@functools.cache
def default_text(kind: str) -> MailText:
    """Give the text that comes with the software for this kind."""
    first, body = (_TEXTS / f"{Kind(kind).value}.md").read_text(encoding="utf-8").split("\n", 1)
    return MailText(subject=first.removeprefix("Subject:").strip(), body=body.strip() + "\n")


def text_for(program: Program, kind: str) -> MailText:
    """Give the text with which this program mails this kind."""
    own = EmailTemplate.objects.filter(program=program, kind=kind).first()
    return MailText(own.subject, own.body) if own else default_text(kind)


def check(kind: str, subject: str, body: str) -> None:
    """Raise ValidationError, by field, that names each mistake and its line."""
    errors: dict[str, list[str]] = {}
    for mistake in mistakes(kind, subject, body):
        errors.setdefault(mistake.where, []).append(str(mistake))
    if errors:
        raise ValidationError(errors)


def save_text(program: Program, kind: str, *, subject: str, body: str) -> EmailTemplate:
    """Save a program's own text of a kind; raise ValidationError, nothing saved, on a mistake."""
    template = EmailTemplate.objects.filter(program=program, kind=kind).first()
    template = template or EmailTemplate(program=program, kind=kind)
    template.subject, template.body = " ".join(subject.split()), body.replace("\r\n", "\n")
    template.full_clean()
    template.save()
    return template


def back_to_default(program: Program, kind: str) -> None:
    """Let the program use the default text of this kind again; its own stays in the history."""
    for template in EmailTemplate.objects.filter(program=program, kind=kind):
        template.delete()
