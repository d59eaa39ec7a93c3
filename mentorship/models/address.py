"""People's email addresses, whose letters may be of any script (RFC 6531)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.utils.deconstruct import deconstructible

# What ASCII allows, and beyond it every character but controls, spaces, punctuation and signs
# that look like those of an address, and what belongs to nobody.
_ATOM = (
    r"[-!#$%&'*+/=?^_`{}|~0-9A-Z"
    "\u00a1-\u167f\u1681-\u1fff\u2070-\u2fff\u3040-\ud7ff\uf900-\ufdff\uff10-\uff19\uff21-\uffdc"
    "\U00010000-\U000dffff]+"
)


@deconstructible
class AddressValidator(EmailValidator):
    user_regex = re.compile(rf"{_ATOM}(?:\.{_ATOM})*\Z", re.IGNORECASE)


validate_address = AddressValidator()


def is_address(text: str) -> bool:
    """Return whether a text is an email address."""
    try:
        validate_address(text)
    except ValidationError:
        return False
    return True


class AddressFormField(forms.EmailField):
    """Asks for an address in a field that a browser does not hold to ASCII, as it does "email"."""

    default_validators = [validate_address]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.input_type = "text"

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class AddressField(models.EmailField):
    default_validators = [validate_address]

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": AddressFormField} | kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return what Django's own says: the column is the same, and no migration changes it."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs
