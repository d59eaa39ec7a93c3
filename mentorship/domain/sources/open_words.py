"""What the words of a source left open, and its rows that were not imported: both wait for us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.meaning.remembered import DAY_ORDER, EVERYONE, Value, remember_values
from mentorship.domain.sources.runs import ask_for_read
from mentorship.models import ImportSource, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def open_questions(program: Program) -> list[tuple[str, dict[str, Any]]]:
    """Return what sources of a program leave open, each as (key, question as JSON)."""
    sources = ImportSource.objects.filter(program=program).exclude(reviewed_at=None)
    return [
        (f"{source.pk}-{place}", question)
        for source in sources
        for place, question in enumerate(source.state.get("open", []))
    ]


def answer_question(program: Program, key: str, meaning: str, by: User | None = None) -> str:
    """Save what a word means, have its source read again, and return the word.

    It is remembered for the program, for its files too. Raise ValidationError, with nothing saved,
    if it waits no more or the meaning is none of those offered.
    """
    with transaction.atomic():
        question = dict(open_questions(program)).get(key)
        if question is None:
            raise ValidationError("This has been settled already.")
        if meaning not in [value for value, _ in question["options"]]:
            raise ValidationError("Choose one of the answers that are offered.")
        pk = int(key.partition("-")[0])
        source = ImportSource.objects.select_for_update().get(pk=pk, program=program)
        state: dict[str, Any] = dict(source.state)
        if question["key"] in (DAY_ORDER, EVERYONE):
            state["given"] = {**state.get("given", {}), question["key"]: meaning}
        else:
            kind, _, text = question["key"].partition(" ")
            remember_values(program, [Value(kind, question["value"], text, meaning)], by)
        state["open"] = [each for each in state["open"] if each["key"] != question["key"]]
        state["anew"] = timezone.now().isoformat()
        ImportSource.objects.filter(pk=source.pk).update(state=state)
        ask_for_read(source)
    return str(question["value"] or "Saved")


def refused_rows(source: ImportSource, *, unseen: bool = False) -> list[list[Any]]:
    """Return the rows of a source's last list that were not imported, as [row, value, why].

    `unseen`: only those of which nobody has taken note.
    """
    seen = {tuple(each) for each in source.state.get("seen", [])} if unseen else set()
    return [each for each in source.state.get("refused", []) if (each[1], each[2]) not in seen]


def take_note(source: ImportSource) -> None:
    """Take note of the rows that were not imported, so that they wait for nobody any more."""
    with transaction.atomic():
        row = ImportSource.objects.select_for_update().get(pk=source.pk)
        seen = [[value, why] for _, value, why in row.state.get("refused", [])]
        ImportSource.objects.filter(pk=row.pk).update(state=row.state | {"seen": seen})
