"""What the pages that send emails post: checked before anything is queued."""

from __future__ import annotations

from typing import Any

from django import forms

from mentorship.interfaces.posted import KeysField, PostedForm
from notifications.domain.outbox.decisions import DECIDE
from notifications.domain.outbox.preview import CONFIRM_ABOVE


class ChosenKeysField(KeysField):
    """The keys among what stands in an address, whatever else stands there."""

    def to_python(self, value: Any) -> Any:
        parts = str(value or "").split(",")
        return [int(part) for part in parts if part.isdecimal() and len(part) < 19]


class ChosenForm(PostedForm):
    """Which matches or emails were chosen in their list."""

    only = ChosenKeysField(required=False)
    emails = ChosenKeysField(required=False)


class SendForm(PostedForm):
    """The number of emails that the sender saw, and typed again if they are many.

    `mark` is that of the preview that was seen, where the page has one.
    """

    seen = forms.IntegerField(required=False)
    mark = forms.CharField(required=False)
    number = forms.CharField(required=False)
    why = forms.CharField(required=False, max_length=1000)

    def __init__(self, *args: Any, ready: int, mark: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.ready, self.shown = ready, mark

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        typed = "".join(str(values.get("number", "")).split())
        if values.get("seen") != self.ready:
            raise forms.ValidationError(
                "The number of emails has changed since you looked. Look again, then send."
            )
        if values.get("mark") not in ("", self.shown):
            raise forms.ValidationError(
                "Who gets it, or how it looks, has changed since you looked. Look again, then send."
            )
        if self.ready > CONFIRM_ABOVE and typed != str(self.ready):
            raise forms.ValidationError(f"Type {self.ready} to confirm.")
        return values


class BounceDecisionForm(PostedForm):
    """Which address an unclear report is about; "" dismisses it."""

    address = forms.CharField(required=False, max_length=254)


class EmailDecisionForm(PostedForm):
    """The button that was pressed on the page of an email, by the name of its transition."""

    do = forms.ChoiceField(choices=[(name, name) for name in DECIDE])
