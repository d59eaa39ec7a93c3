"""The form for the matching criteria: sliders, and an order of priorities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from matching.domain.affinity.score import PARTS
from matching.domain.meaning.model import model_problem, phrase_vectors
from matching.domain.proposals.criteria import (
    MINIMUM_AFFINITY_MAX,
    WEIGHT_MAX,
    Criteria,
    criteria_of,
    default_criteria,
)
from matching.interfaces.board.cards import PART_NAMES
from mentorship.models import Priority, Program

PART_SENTENCES = {
    "interests": "Both wrote similar things about themselves.",
    "meaning": "Both wrote something that means the same, in the same words or in others.",
    "hopes": "The mentor offers to talk about what the mentee wants to talk about.",
    "sector": "Both work in the same sector.",
    "seniority": "The mentor is further along in their career.",
    "hours": "Both are awake or free at the same time. Counts only if they need a call.",
    "questions": "Both gave similar answers to the questions that you marked to count.",
    "wish": "One of them asked to meet the other.",
}
PRIORITY_AIMS = {
    "unmatched": "Give every mentee a mentor",
    "changed": "Keep announced pairs",
    "spread": "Give every mentor one mentee before anyone gets two",
    "mixed": "Pair virtual with virtual, in person with in person",
    "cross_field": "Pair people who share a field",
    "weak": "Avoid low-affinity pairs",
    "affinity": "Get the most affinity",
}
# Default weights are far below. A program with a larger weight gets a longer slider.
_SLIDER = 100


@dataclass(frozen=True)
class Slider:
    """One number as the page shows it: its value now, the saved one and the default."""

    name: str
    title: str
    sentence: str
    value: Any
    saved: int
    default: int
    most: int


@dataclass(frozen=True)
class Aim:
    """One priority at its position."""

    name: str
    words: str


class CriteriaForm(forms.Form):
    """The criteria to try or save; without data, those that the program has saved.

    `seen` is the digest of the saved criteria that the page compared with.
    """

    seen = forms.CharField(required=False)

    def __init__(self, data: MultiValueDict[str, Any] | None, program: Program) -> None:
        super().__init__(data)
        self.saved, self.default = criteria_of(program), default_criteria()
        # Without a model of the host's nothing is compared by its meaning. The weight is kept.
        self.model_problem = model_problem()
        self.parts = [part for part in PARTS if part != "meaning" or phrase_vectors()]
        for part in self.parts:
            self.fields[_weight(part)] = forms.IntegerField(
                label=PART_NAMES[part], min_value=0, max_value=WEIGHT_MAX
            )
        self.fields["floor"] = forms.IntegerField(
            label="Minimum affinity", min_value=0, max_value=MINIMUM_AFFINITY_MAX
        )
        self.fields["priorities"] = forms.MultipleChoiceField(
            choices=[(name, PRIORITY_AIMS[name]) for name in Priority.values]
        )

    def clean_priorities(self) -> tuple[str, ...]:
        said = tuple(self.cleaned_data["priorities"])
        if sorted(said) != sorted(Priority.values):
            raise forms.ValidationError("List each priority once. Reload the page to start over.")
        return said

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(said[_weight(part)] for part in self.parts):
            self.add_error(None, "Give at least one part a weight above 0.")
        return said

    @property
    def wanted(self) -> Criteria:
        """The criteria that were entered; only for a valid form."""
        said = self.cleaned_data
        weights = {**self.saved.weights, **{part: said[_weight(part)] for part in self.parts}}
        return Criteria(weights, said["floor"], said["priorities"])

    @property
    def sentence(self) -> str:
        """What is wrong, in one line, with the name of each slider."""
        sliders = {"floor", *map(_weight, self.parts)}
        return " ".join(
            f"{self.fields[name].label}: {error}" if name in sliders else str(error)
            for name, errors in self.errors.items()
            for error in errors
        )

    @property
    def sliders(self) -> list[Slider]:
        """The weights, in the order of a pair's card."""
        return [
            self._slider(
                _weight(part),
                PART_SENTENCES[part],
                self.saved.weights[part],
                self.default.weights[part],
                _SLIDER,
            )
            for part in PART_NAMES
            if part in self.parts
        ]

    @property
    def floor_slider(self) -> Slider:
        """The minimum affinity."""
        words = "A pair below this counts as a low-affinity pair."
        return self._slider(
            "floor",
            words,
            self.saved.minimum_affinity,
            self.default.minimum_affinity,
            MINIMUM_AFFINITY_MAX,
        )

    @property
    def aims(self) -> list[Aim]:
        """The priorities, the most important first."""
        said = (self["priorities"].value() or []) if self.is_bound else []
        order = said if sorted(said) == sorted(Priority.values) else self.saved.priorities
        return [Aim(name, PRIORITY_AIMS[name]) for name in order]

    def _slider(self, name: str, sentence: str, saved: Any, default: int, most: int) -> Slider:
        # A weight that cannot be used keeps proposals from being made; the page can mend it.
        usable = saved if type(saved) is int and saved >= 0 else 0
        value = self[name].value() if self.is_bound else usable
        return Slider(
            name=name,
            title=str(self.fields[name].label),
            sentence=sentence,
            value=value,
            saved=usable,
            default=default,
            most=max(most, usable),
        )


def _weight(part: str) -> str:
    return f"weight_{part}"
