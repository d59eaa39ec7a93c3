"""Forms on the pages that participants see."""

from __future__ import annotations

from typing import Any

from django import forms


class PublicForm(forms.Form):
    """A form whose questions look as the public pages do.

    `{{ form.notes.as_field_group }}` renders one: its label, what helps to answer it, what is
    wrong, then the box. What people type may run from right to left, so the browser finds out.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress_all()

    def dress_all(self) -> None:
        """Let every field look as the public pages do; again after fields were added."""
        for field in self.fields.values():
            dress(field)

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors if self.is_bound else ():
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs["class"] = f"{attrs.get('class', '')} is-invalid".strip()


def dress(field: forms.Field) -> None:
    """Let a field look as the public pages do."""
    # Django's own attribute, which its type hints do not know.
    vars(field)["template_name"] = "mentorship/public/question.html"
    widget = field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.CheckboxInput)):
        widget.attrs["class"] = "form-check-input"
    elif isinstance(widget, forms.Select):
        widget.attrs["class"] = "form-select"
    elif not widget.is_hidden:
        widget.attrs["class"] = "form-control"
        widget.attrs.setdefault("dir", "auto")
