"""Form fields that show a program's lists so that a person can edit them."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget


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
