"""Form fields that show a program's lists and weights so that a person can edit them."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

PRIORITY_WORDS = {
    "unmatched": "No mentee without a mentor",
    "changed": "No announced pair changed",
    "spread": "A first mentee for everyone before a second for anyone",
    "mixed": "Virtual with virtual, in person with in person",
    "cross_field": "A field in common",
    "weak": "No weak pair",
    "affinity": "As much affinity as possible",
}
WEIGHT_WORDS = {
    "sector": "Sector",
    "interests": "Interests and notes",
    "hopes": "Hopes and offers",
    "seniority": "Seniority",
    "hours": "Hours in common",
    "questions": "Your own questions",
    "wish": "A wish to meet",
}


class LinesField(forms.CharField):
    """A list of words, one on a line; blank lines and repetitions fall away."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, *, lower: bool = False, **kwargs: Any) -> None:
        self.lower = lower
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [" ".join(line.split()) for line in (value or "").splitlines()]
        if self.lower:
            lines = [line.lower().lstrip("@") for line in lines]
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class _Parts(forms.MultiWidget):
    template_name = "mentorship/parts_widget.html"

    def __init__(self, labels: list[str], widgets: list[Any], *, ordered: bool) -> None:
        self.labels = labels
        self.ordered = ordered
        super().__init__(widgets)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["ordered"] = self.ordered
        for label, part in zip(self.labels, context["widget"]["subwidgets"], strict=True):
            part["attrs"]["aria-label"] = part["words"] = label
        return context

    def decompress(self, value: Any) -> list[Any]:
        return list(value.values()) if isinstance(value, dict) else list(value or [])


class OrderField(forms.MultiValueField):
    """The matching priorities, first things first, each place a choice."""

    def __init__(self, **kwargs: Any) -> None:
        choices = list(PRIORITY_WORDS.items())
        places = [f"Place {i + 1}" for i in range(len(choices))]
        super().__init__(
            fields=[forms.ChoiceField(choices=choices) for _ in places],
            widget=_Parts(
                places, [UnfoldAdminSelectWidget(choices=choices) for _ in places], ordered=True
            ),
            **kwargs,
        )

    def compress(self, values: list[str]) -> list[str]:
        twice = sorted({PRIORITY_WORDS[name] for name in values if values.count(name) > 1})
        if twice:
            raise forms.ValidationError(f"“{twice[0]}” is in two places. Name each priority once.")
        return values


class WeightsField(forms.MultiValueField):
    """How much each part of affinity weighs, as whole numbers of which one is above zero."""

    def __init__(self, **kwargs: Any) -> None:
        words = list(WEIGHT_WORDS.values())
        super().__init__(
            fields=[forms.IntegerField(min_value=0, max_value=1000) for _ in words],
            widget=_Parts(words, [UnfoldAdminIntegerFieldWidget() for _ in words], ordered=False),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: value.get(name, 0) for name in WEIGHT_WORDS}
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(list(self.prepare_value(initial or {}).values()), data)

    def compress(self, values: list[int]) -> dict[str, int]:
        if not any(values):
            raise forms.ValidationError("Give at least one part a weight above 0.")
        return dict(zip(WEIGHT_WORDS, values, strict=True))
