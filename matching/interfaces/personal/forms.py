"""What matched people send from their pages."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.html import escape

from matching.domain.support.feedback import OfMatch, Opinion
from matching.models import AgainAs, Feedback, Match
from mentorship.interfaces.public_form import PublicForm
from mentorship.models import Participant

LONG = 5_000
_TOO_LONG = {
    "max_length": "Shorten this to at most %(limit_value)d characters. It has %(show_value)d.",
    "null_characters_not_allowed": "Type this again. It has a character that can’t be saved.",
}
_RATINGS = [("5", "5, very good"), ("4", "4"), ("3", "3"), ("2", "2"), ("1", "1, not good")]
_YES_NO = [("yes", "Yes"), ("no", "No")]
_CHOOSE = {"invalid_choice": "Choose from the options listed here."}


class Words(forms.CharField):
    """A few sentences; a browser sends each line break as two characters and counts one."""

    def __init__(self, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": 4})
        super().__init__(
            max_length=LONG, required=False, widget=area, error_messages=_TOO_LONG, **options
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(value and str(value).replace("\r\n", "\n"))


class HelpForm(PublicForm):
    """What somebody wants the committee to know."""

    text = Words(label="What should the committee know? (optional)")


class ContactForm(PublicForm):
    """Whether two people have been in touch."""

    said = forms.ChoiceField(choices=[("yes", "We’ve been in touch"), ("not-yet", "Not yet")])


class HourForm(PublicForm):
    """What to do with an hour: propose it, accept it, cancel it."""

    do = forms.ChoiceField(choices=[(act, act) for act in ("propose", "accept", "cancel")])
    hour = forms.CharField(max_length=40, required=False)

    def clean_hour(self) -> datetime.datetime | None:
        text = self.cleaned_data["hour"]
        if not text:
            return None
        try:
            moment = datetime.datetime.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError("Choose one of the hours.") from None
        if moment.tzinfo is None:
            raise forms.ValidationError("Choose one of the hours.")
        return moment

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("do") in ("propose", "accept") and not said.get("hour"):
            self.add_error("hour", "Choose one of the hours.")
        return said


class FeedbackForm(PublicForm):
    """How it was: two questions about each match, then about the program."""

    error_css_class = "has-error"

    would_come_again = forms.ChoiceField(
        label="Would you take part again next year?",
        choices=_YES_NO,
        required=False,
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    again_as = forms.ChoiceField(
        label="If so, as what?",
        choices=AgainAs.choices,
        required=False,
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    went_well = Words(label="What went well?")
    do_better = Words(label="What should the next committee do better?")

    def __init__(
        self,
        data: Any = None,
        *,
        person: Participant,
        matches: list[Match],
        given: list[Feedback],
    ) -> None:
        self.matches = matches
        super().__init__(data, initial=_known(given))
        # Questions about each match come first; the names are other people's words.
        about_all = dict(self.fields)
        self.fields.clear()
        for match in matches:
            name = escape(str(match.partner_of(person)))
            self.fields[f"met_{match.pk}"] = forms.ChoiceField(
                label=f"Did you and {name} meet?",
                choices=_YES_NO,
                required=False,
                widget=forms.RadioSelect,
                error_messages=_CHOOSE,
            )
            self.fields[f"rating_{match.pk}"] = forms.ChoiceField(
                label="How was it?",
                choices=_RATINGS,
                required=False,
                widget=forms.RadioSelect,
                error_messages=_CHOOSE,
            )
        self.fields.update(about_all)
        self.dress_all()

    def opinion(self) -> Opinion:
        """Return what was said about the program; the form must be valid."""
        said = self.cleaned_data
        return Opinion(
            went_well=said["went_well"],
            do_better=said["do_better"],
            would_come_again=_yes_or_no(said["would_come_again"]),
            again_as=said["again_as"] if said["would_come_again"] != "no" else "",
        )

    def of_matches(self) -> dict[int, OfMatch]:
        """Return what was said about each match, by its key."""
        said = self.cleaned_data
        return {
            match.pk: OfMatch(
                _yes_or_no(said[f"met_{match.pk}"]),
                int(rating) if (rating := said[f"rating_{match.pk}"]) else None,
            )
            for match in self.matches
        }

    def is_empty(self) -> bool:
        """Whether nothing at all was said."""
        return not any(self.cleaned_data.values())

    def questions(self) -> list[forms.BoundField]:
        """Return the questions in their order."""
        return [self[name] for name in self.fields]


def _yes_or_no(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)


def _known(given: list[Feedback]) -> dict[str, Any]:
    words = {True: "yes", False: "no", None: ""}
    known: dict[str, Any] = {}
    for row in given:
        known[f"met_{row.match_id}"] = words[row.met]
        known[f"rating_{row.match_id}"] = str(row.rating or "")
    if given:
        first = given[0]
        known |= {
            "would_come_again": words[first.would_come_again],
            "again_as": first.again_as,
            "went_well": first.went_well,
            "do_better": first.do_better,
        }
    return known
