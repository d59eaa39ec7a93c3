"""The short form for what was found out about a person."""

from __future__ import annotations

from typing import Any

from django import forms

from mentorship.models import CareerStage, Participant

_UNKNOWN = "Not known"


class ResearchForm(forms.Form):
    """What the matching needs to know of a person, with what is known already filled in."""

    fields_known: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        queryset=None, required=False, widget=forms.CheckboxSelectMultiple, label="Fields"
    )
    sector: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=None,
        required=False,
        widget=forms.RadioSelect,
        empty_label=_UNKNOWN,
        blank=True,
    )
    career_stage = forms.ChoiceField(
        choices=[("", _UNKNOWN), *CareerStage.choices],
        required=False,
        widget=forms.RadioSelect,
        label="Career stage",
    )
    affiliation = forms.CharField(max_length=200, required=False)
    notes = forms.CharField(
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Notes for matching",
    )
    source = forms.CharField(max_length=300, required=False, label="Where did you find it?")

    def __init__(self, person: Participant, data: Any = None) -> None:
        self.person = person
        known = {
            "fields_known": [field.pk for field in person.fields.all()],
            "sector": person.sector_id,
            "career_stage": person.career_stage,
            "affiliation": person.affiliation,
            "notes": person.notes,
        }
        super().__init__(data, initial=known)
        self._offer("fields_known", person.program.fields.all())
        self._offer("sector", person.program.sectors.all())
        for name in ("affiliation", "notes", "source"):
            self.fields[name].widget.attrs["class"] = "cm-input rq-wide"

    def _offer(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows

    @property
    def found(self) -> dict[str, Any]:
        """What differs from what was known, by column of the person; `fields` as rows."""
        values = {
            "fields" if name == "fields_known" else name: self.cleaned_data[name]
            for name in self.changed_data
            if name != "source"
        }
        if "fields" in values:
            values["fields"] = list(values["fields"])
        return values
