"""The form with which the committee makes a match or changes its mentor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q
from django.utils.translation import ngettext
from unfold.widgets import UnfoldBooleanSwitchWidget

from matching.domain.matches.changes import refuse_unless_possible, warnings_of
from matching.models import Match
from mentorship.interfaces.people_choice import PersonField
from mentorship.models import Participant, Program

LIVE = Q(matches_as_mentor__status__in=Match.LIVE)


def mentors_with_places(program: Program) -> Any:
    """Return a program's mentors who take part, each with `places_free`."""
    mentors = Participant.objects.filter(program=program).taking_part().mentors()
    taken = Count("matches_as_mentor", filter=LIVE)
    return mentors.annotate(places_free=F("capacity") - taken).order_by("name", "pk")


class MentorField(PersonField):
    """A choice of mentors that shows the free places of each."""

    def label_from_instance(self, mentor: Any) -> str:
        free = max(mentor.places_free, 0)
        places = ngettext("place", "places", mentor.capacity)
        called = super().label_from_instance(mentor)
        return f"{called} ({free} of {mentor.capacity} {places} free)"


class MatchForm(forms.ModelForm):
    read_warnings = forms.BooleanField(
        required=False,
        label="I have read the warnings",
        help_text="Needed only if the pair has warnings. Saving shows them first.",
        widget=UnfoldBooleanSwitchWidget,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        mentor = cleaned.get("mentor")
        mentee = cleaned.get("mentee") or (self.instance.mentee if self.instance.pk else None)
        if not mentor or not mentee or (self.instance.pk and "mentor" not in self.changed_data):
            return cleaned
        try:
            refuse_unless_possible(mentor, mentee, self.instance if self.instance.pk else None)
        except ValidationError as error:
            self.add_error("mentor", error)
            return cleaned
        findings = warnings_of(mentor, mentee)
        if findings and not cleaned.get("read_warnings"):
            self.add_error(
                "read_warnings",
                [*map(str, findings), "Check the box to make this pair anyway."],
            )
        return cleaned
