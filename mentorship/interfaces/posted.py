"""What buttons, hidden inputs and addresses send: checked by forms that no page shows.

An error of such a form is a sentence on the next page, or the whole answer.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404
from django.utils.http import url_has_allowed_host_and_scheme

# The largest number that a key's column holds.
_LARGEST_KEY = 2**63 - 1


class PostedForm(forms.Form):
    """Values that are posted, or stand in an address, without a form to show again."""

    @property
    def sentence(self) -> str:
        """What is wrong, as one text: every error once, in the order of the fields."""
        found = [str(error) for errors in self.errors.values() for error in errors]
        return " ".join(dict.fromkeys(found))

    def values_or_400(self) -> dict[str, Any]:
        """Return the cleaned values. Raise BadRequest with what is wrong."""
        if not self.is_valid():
            raise BadRequest(self.sentence)
        return self.cleaned_data

    def values_or_404(self) -> dict[str, Any]:
        """Return the cleaned values. Raise Http404 with what is wrong."""
        if not self.is_valid():
            raise Http404(self.sentence)
        return self.cleaned_data


class KeyField(forms.IntegerField):
    """The primary key of a row, an int; "" and a missing value are None unless required."""

    default_error_messages = {"invalid": "This is not the number of anything here."}

    def to_python(self, value: Any) -> int | None:
        key = super().to_python(value)
        if key is not None and not 0 <= key <= _LARGEST_KEY:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return key


class KeysField(forms.CharField):
    """Primary keys with commas between them, as a list of int; [] for "" or a missing value."""

    def to_python(self, value: Any) -> Any:
        key = KeyField()
        return [key.clean(part) for part in (super().to_python(value) or "").split(",") if part]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Do nothing: `to_python` has checked each key."""


class LocalPathField(forms.CharField):
    """A path on this site to go on to; "" for anything else, which is ignored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def clean(self, value: Any) -> str:
        try:
            path: str = super().clean(value)
        except ValidationError:  # a NUL is in it
            return ""
        return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""
