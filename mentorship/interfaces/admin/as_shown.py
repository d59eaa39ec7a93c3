"""Saves of a page what was edited on it: what somebody else saved meanwhile stays."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model


class _ShownChoices(forms.MultipleHiddenInput):
    """Says also that nothing was chosen, which would otherwise look as if nothing was said."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value or [""], attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [one for one in super().value_from_datadict(data, files, name) if one]


class AsShownForm(forms.ModelForm):
    """Each field of a row is sent beside the value that the page showed.

    A field that was not edited keeps what the row has by now. One that was edited here and
    elsewhere since the page was opened is refused once, with what the row has.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        columns = {field.name for field in self._meta.model._meta.get_fields()}
        for name in columns & self.fields.keys() if self.instance.pk else ():
            field = self.fields[name]
            if issubclass(field.hidden_widget, forms.MultipleHiddenInput):
                field.hidden_widget = _ShownChoices
            # Who sends no more than the new values has seen what the row has.
            field.show_hidden_initial = (
                not self.is_bound or self.add_initial_prefix(name) in self.data
            )

    def _post_clean(self) -> None:
        shown = {name for name, field in self.fields.items() if field.show_hidden_initial}
        for name in shown & self.cleaned_data.keys():
            if name in self.changed_data:
                self._refuse_if_it_changed(name)
            else:
                del self.cleaned_data[name]
        super()._post_clean()  # type: ignore[misc]

    def _refuse_if_it_changed(self, name: str) -> None:
        """Refuse a field that has another value by now than was shown and than is sent."""
        bound, field = self[name], self.fields[name]
        initial, now = bound.html_initial_name, _with_line_ends(bound.initial)
        before = field.hidden_widget().value_from_datadict(self.data, self.files, initial)
        if not field.has_changed(now, _with_line_ends(before)):
            return
        if not field.has_changed(now, _with_line_ends(bound.data)):
            return
        words = _words(self.instance, name)
        changed = f"changed to “{words}”" if words else "emptied"
        self.add_error(
            name,
            f"This was {changed} while you were editing. Yours is still here: save again to keep "
            "yours.",
        )
        # By now this page has shown it.
        value = field.prepare_value(bound.initial)
        data: Any = self.data
        self.data = data = data.copy()
        data.setlist(initial, value if isinstance(value, list) else [value])


def _with_line_ends(value: Any) -> Any:
    """Return a text with its lines ended as forms send them; anything else as it is."""
    return "\r\n".join(value.splitlines()) if isinstance(value, str) else value


def _words(row: Model, name: str) -> str:
    """Return what a row has in a field, for people to read."""
    value = getattr(row, name)
    if row._meta.get_field(name).many_to_many:
        return ", ".join(str(one) for one in value.all())
    if display := getattr(row, f"get_{name}_display", None):
        value = display()
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
