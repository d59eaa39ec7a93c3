"""A form for what cannot be undone: it asks for a word that nobody types by accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms


class TypedForm(forms.Form):
    """Ask for one word, such as an address or a short name; `read` takes what is typed to it."""

    typed = forms.CharField(max_length=254)

    def __init__(
        self, wanted: str, data: Any = None, read: Callable[[str], str] = str.strip
    ) -> None:
        super().__init__(data)
        self.wanted = wanted
        self._read = read

    def clean_typed(self) -> str:
        typed = self._read(self.cleaned_data["typed"])
        if typed != self.wanted:
            raise forms.ValidationError(f"Type {self.wanted} to confirm.")
        return typed
