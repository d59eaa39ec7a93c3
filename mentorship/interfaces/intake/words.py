"""What the intake form says in words, and where two forms differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from mentorship.interfaces.intake.form import IntakeForm


def differences(form: IntakeForm, known: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (question, what is known, what is here) where the two differ.

    `known` is what a form would show, as `IntakeForm.known` gives it. Questions that are not asked
    of the role and attendance chosen here are left out.
    """
    found = []
    role, attendance = form["role"].value(), form["attendance"].value()
    for name in form.fields:
        if not form.is_asked(name, role, attendance):
            continue
        then = in_words(form, name, known.get(name))
        here = in_words(form, name, form[name].value())
        if then != here:
            found.append((str(form[name].label), then or "nothing", here or "nothing"))
    return found


def in_words(form: IntakeForm, name: str, value: Any) -> str:
    """Return what a question's value says: the labels of what is chosen, "" for nothing."""
    field = form.fields[name]
    values = [str(one) for one in value] if isinstance(value, list) else [str(value or "")]
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): label for key, label in _flat(field.choices)}
        if values == [""]:
            return ""
        return ", ".join(str(labels.get(one, one)).replace("<wbr>", "") for one in sorted(values))
    return " ".join(values).strip()


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    """Return (value, label) of choices, those in groups too."""
    flat: list[tuple[Any, Any]] = []
    for value, label in choices:
        flat += label if isinstance(label, list | tuple) else [(value, label)]
    return flat
