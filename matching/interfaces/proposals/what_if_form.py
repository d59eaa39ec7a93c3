"""The what-if form, and its answer in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from matching.domain.proposals.problem import SolvedProblem
from matching.domain.proposals.what_if import Scenario, what_if
from matching.engine import NewMentors
from matching.interfaces.proposals.differences import difference_words

MOST = 50


@dataclass(frozen=True)
class WhatIfAnswer:
    """How the best matching would change; pairs are (mentor, mentee) by name."""

    words: str
    new: list[tuple[str, str]]
    gone: list[tuple[str, str]]


class LongSelect(forms.Select):
    """A menu of thousands: Django's own renders a template for each option."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        options = (
            (key, mark_safe(" selected") if key == (value or "") else "", words)
            for key, words in self.choices
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})})),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class WhatIfForm(forms.Form):
    """Asks about more mentors, another capacity or an unlocked pair."""

    count = forms.IntegerField(label="More mentors", min_value=0, max_value=MOST, required=False)
    field = forms.ChoiceField(label="Field", required=False)
    attendance = forms.ChoiceField(
        label="Attendance", choices=[("", "in person"), ("virtual", "virtual")], required=False
    )
    mentor = forms.ChoiceField(label="Mentor", required=False, widget=LongSelect)
    places = forms.IntegerField(label="New capacity", min_value=0, max_value=MOST, required=False)
    unlock = forms.ChoiceField(label="Pair to unlock", required=False, widget=LongSelect)

    def __init__(self, data: Any, result: SolvedProblem) -> None:
        super().__init__(data, prefix="if", label_suffix="")
        self.result = result
        inputs = result.inputs
        mentors = [(str(p.pk), f"{p} ({p.capacity} now)") for p in inputs.mentors]
        kept = [
            (str(m.pk), f"{inputs.mentors[i]} & {inputs.mentees[j]}")
            for (i, j), m in inputs.fixed.items()
        ]
        for name, choices in (
            ("field", [(field.name, field.name) for field in inputs.people.fields]),
            ("mentor", [("", "none"), *mentors]),
            ("unlock", [("", "none"), *kept]),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = choices
        for field in self.fields.values():
            field.widget.attrs["class"] = "cm-input"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("mentor") and said.get("places") is None and "places" not in self.errors:
            self.add_error("places", "Enter how many mentees this mentor would take.")
        return said

    def answer(self) -> WhatIfAnswer | None:
        """Return what would change; None if nothing was asked. Only for a valid form.

        Raises ValidationError if no matching can be made that way.
        """
        said = self.cleaned_data
        if not (said["count"] or said["mentor"] or said["unlock"]):
            return None
        scenario = Scenario(
            more=NewMentors(said["field"], said["attendance"] == "virtual", said["count"])
            if said["count"] and said["field"]
            else None,
            mentor=int(said["mentor"]) if said["mentor"] else None,
            capacity=said["places"] or 0,
            unlock=int(said["unlock"]) if said["unlock"] else None,
        )
        change = what_if(self.result, scenario)
        return WhatIfAnswer(difference_words(change.tiers), change.new, change.gone)
