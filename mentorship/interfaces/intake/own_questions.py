"""The form field of each kind of question that a committee adds."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.html import escape

from mentorship.models import Question

LONG, SHORT = 10_000, 500
NOT_SAID = "Prefer not to say"
# What Django's own words say to a programmer, said to a person.
REFUSED = {
    "invalid_choice": "Choose from the options listed here.",
    "max_length": "Shorten this to at most %(limit_value)d characters. It has %(show_value)d.",
    "null_characters_not_allowed": "Type this again. It has a character that can’t be saved.",
}


class SentencesField(forms.CharField):
    """Some sentences, at most as many characters as the browser lets people type.

    A browser sends each line break as two characters and counts it as one.
    """

    def __init__(self, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": 3})
        given: dict[str, Any] = {"required": False, "error_messages": REFUSED} | options
        super().__init__(max_length=LONG, widget=area, **given)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value and str(value).replace("\r\n", "\n"))


class NumberField(forms.CharField):
    """A number as people write one: 1,200 or 3.5; kept as they wrote it, without blanks."""

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).replace(" ", "").replace("\u00a0", "")
        if text:
            try:
                float(text.replace(",", ""))
            except ValueError:
                raise forms.ValidationError("Enter a number in digits, such as 12.") from None
        return text


def question_field(question: Question) -> forms.Field:
    """Return the form field for a question of the committee's own."""
    text = question.text
    if question.role:
        text = f"If you’re a {question.role}: {text[:1].lower()}{text[1:]}"
    kind, kinds = question.kind, Question.Kind
    choices = [(choice, choice) for choice in question.offered]
    listed = kind in (kinds.CHOICE, kinds.MULTIPLE)
    shared: dict[str, Any] = {
        "label": text,
        "help_text": escape(question.help_text),
        # Nobody can choose from an empty list, and nobody should be stuck at it.
        "required": question.required and (not listed or bool(choices)),
        "error_messages": REFUSED | {"required": f"Answer “{question.text}”."},
    }
    if kind == kinds.MULTIPLE:
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **shared
        )
    if question.offered or kind == kinds.CHOICE:
        labels = _scale(question) if kind == kinds.SCALE else choices
        if not question.required:
            labels = [*labels, ("", NOT_SAID)]
        return forms.ChoiceField(choices=labels, widget=forms.RadioSelect, **shared)
    if kind == kinds.LONG:
        return SentencesField(**shared)
    if kind == kinds.NUMBER:
        digits = forms.TextInput(attrs={"inputmode": "decimal"})
        return NumberField(max_length=40, widget=digits, **shared)
    if kind == kinds.DATE:
        shared["error_messages"] |= {"invalid": "Enter a day as year-month-day: 2027-07-12."}
        # As browsers send a day, and as it is typed where they offer no calendar.
        return forms.DateField(
            input_formats=["%Y-%m-%d", "%Y/%m/%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            **shared,
        )
    return forms.CharField(max_length=SHORT, **shared)


def _scale(question: Question) -> list[tuple[str, str]]:
    """Return the steps of a scale; the ends say what they mean, if the committee said so."""
    ends = [str(choice) for choice in question.choices]
    steps = question.offered
    labels = dict(zip(steps, steps, strict=True))
    if len(ends) >= 2:
        labels[steps[0]] = f"{steps[0]} ({ends[0]})"
        labels[steps[-1]] = f"{steps[-1]} ({ends[-1]})"
    return list(labels.items())


def as_stored(value: Any) -> Any:
    """Return what was said as a response keeps it: text, or a list of choices."""
    return value.isoformat() if isinstance(value, datetime.date) else value
