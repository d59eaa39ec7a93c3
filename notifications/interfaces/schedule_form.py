"""The form in which a committee member says when a kind of email is scheduled."""

from __future__ import annotations

from typing import Any

from django import forms

from mentorship.interfaces.posted import KeyField, PostedForm
from notifications.domain.schedules.sentences import ANCHORED, hour_of
from notifications.models import Kind, Schedule

# People who come later can be due for these; for the others it is the one day or never.
_KEEPING_ON = (Kind.SURVEY, Kind.ROLE, Kind.ASK_MENTOR_AGAIN)


def _number(label: str, least: int, most: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "cm-input ml-number"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget)


def _choice(label: str, choices: list[Any], **options: Any) -> forms.TypedChoiceField:
    widget = forms.Select(attrs={"class": "cm-input"})
    return forms.TypedChoiceField(label=label, choices=choices, widget=widget, **options)


class ScheduleForm(forms.Form):
    """When one kind of email is sent; `values()` returns what a schedule keeps of it."""

    def __init__(self, schedule: Schedule, data: Any = None) -> None:
        super().__init__(data, initial=self._initial(schedule), label_suffix="")
        if schedule.is_per_person:
            self.fields["after_days"] = _number("Days after the last email", 1, 90)
            self.fields["at_most"] = _number("Most reminders per person", 0, 10)
        else:
            self.fields["distance"] = _number("Days", 0, 365)
            self.fields["side"] = _choice(
                "Before or after", [("after", "after"), ("before", "before")]
            )
            self.fields["anchor"] = _choice("Date", list(ANCHORED.items()))
            if schedule.kind in _KEEPING_ON:
                self.fields["keeps_on"] = forms.BooleanField(
                    label="Continue every day, for people who are due by then", required=False
                )
        hours = [(hour, hour_of(schedule.program, hour)) for hour in range(25)]
        self.fields["from_hour"] = _choice("From", hours[:-1], coerce=int)
        self.fields["to_hour"] = _choice("Until", hours[1:], coerce=int)

    def _initial(self, schedule: Schedule) -> dict[str, Any]:
        return {
            "distance": abs(schedule.days),
            "side": "before" if schedule.days < 0 else "after",
            "anchor": schedule.anchor,
            "keeps_on": schedule.keeps_on,
            "after_days": schedule.after_days,
            "at_most": schedule.at_most,
            "from_hour": schedule.from_hour,
            "to_hour": schedule.to_hour,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from_hour", 0) >= cleaned.get("to_hour", 24):
            self.add_error("to_hour", "“Until” must be later than “From”.")
        return cleaned

    def rows(self) -> list[list[forms.BoundField]]:
        """Return the fields as they stand beside one another."""
        rows = [
            ["after_days"], ["at_most"], ["distance", "side", "anchor"], ["keeps_on"],
            ["from_hour", "to_hour"],
        ]  # fmt: skip
        return [[self[name] for name in row] for row in rows if row[0] in self.fields]

    def values(self) -> dict[str, Any]:
        """Return the columns of a schedule that this valid form says."""
        values = dict(self.cleaned_data)
        if "distance" in values:
            side = -1 if values.pop("side") == "before" else 1
            values["days"] = side * values.pop("distance")
        return values


class SaveForm(PostedForm):
    """What goes with a schedule's form: the button pressed, and the number typed to confirm.

    `version` is the newest one that the page knew of, 0 for none.
    """

    do = forms.ChoiceField(choices=[("save", "Save"), ("turn_on", "Save and turn on")])
    number = forms.CharField(required=False, max_length=20)
    version = KeyField(required=False)

    @property
    def turns_on(self) -> bool:
        """Whether the schedule is to be turned on as well."""
        return bool(self.is_valid() and self.cleaned_data["do"] == "turn_on")

    def confirms(self, number: int) -> bool:
        """Return whether this number was typed, with or without blanks in it."""
        return self.is_valid() and "".join(self.cleaned_data["number"].split()) == str(number)


class SkipForm(PostedForm):
    """A day of a schedule to skip, or whose skipping to undo."""

    day = forms.DateField(input_formats=["%Y-%m-%d"])
    do = forms.ChoiceField(choices=[("skip", "Skip"), ("undo", "Undo")])
