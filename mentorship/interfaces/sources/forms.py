"""The forms with which a chair connects a ticket shop, or follows a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError

from mentorship.domain.columns.known import SIGNUP_COLUMNS, plain
from mentorship.domain.sources.pretix.client import Shop, ShopQuestion
from mentorship.domain.sources.web.network import check_url
from mentorship.domain.sources.web.sealing import unseal
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.interfaces.posted import PostedForm
from mentorship.models import ImportSource

_TEXT = {"class": "cm-input", "autocapitalize": "none", "spellcheck": "false"}
_AUTOMATIC = (
    "New people and changed details are imported at once. What needs a decision waits on the "
    "dashboard either way."
)
# The page of an event in pretix: /control/event/ORGANIZER/EVENT/…
_CONTROL = re.compile(r"/control/event/([\w.-]+)/([\w.-]+)(?:/|$)")


class SourceForm(forms.ModelForm):
    """What both kinds have in common: where it is, and whether it may import by itself."""

    address = forms.CharField(max_length=2000, widget=forms.URLInput(_TEXT))

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        try:
            check_url(address)
        except SourceTrouble as trouble:
            raise ValidationError(str(trouble)) from trouble
        return address


class FollowForm(SourceForm):
    """A sheet at an address."""

    class Meta:
        model = ImportSource
        fields = ("brings", "address", "automatic")
        labels = {"brings": "What is in it?", "automatic": "Import what is certain automatically"}
        help_texts = {"automatic": _AUTOMATIC}
        widgets = {"brings": forms.Select({"class": "cm-input"})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["address"].help_text = (
            "The link under which anybody gets the file, as CSV or XLSX: an export link, or a "
            "Google sheet that is published or shared with everyone who has the link."
        )


class PretixForm(SourceForm):
    """An event of a pretix, and the token with which its orders may be read."""

    token = forms.CharField(
        label="API token",
        required=False,
        max_length=200,
        widget=forms.PasswordInput({**_TEXT, "autocomplete": "off"}),
    )

    class Meta:
        model = ImportSource
        fields = ("address", "organizer", "event", "automatic")
        labels = {
            "organizer": "Organizer",
            "event": "Event",
            "automatic": "Import what is certain automatically",
        }
        help_texts = {
            "organizer": "Its short name, as in the address of your event.",
            "event": "Its short name, too.",
            "automatic": _AUTOMATIC,
        }
        widgets = {"organizer": forms.TextInput(_TEXT), "event": forms.TextInput(_TEXT)}

    field_order = ("address", "organizer", "event", "token", "automatic")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["address"].help_text = (
            "https://pretix.eu, or the address of your own. You can paste the address of your "
            "event’s page in pretix: organizer and event are taken from it."
        )
        for name in ("organizer", "event"):
            self.fields[name].required = False
        known = " Leave it blank to keep the present one." if self.instance.sealed_token else ""
        self.fields["token"].help_text = (
            "From the team’s page in pretix. It is stored encrypted and never shown again." + known
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._take_apart(cleaned)
        for name in ("organizer", "event"):
            if not cleaned.get(name) and not self.errors:
                self.add_error(name, "This is needed. It is in the address of the event in pretix.")
        if not self.errors:
            self._try(cleaned)
        return cleaned

    def _take_apart(self, cleaned: dict[str, Any]) -> None:
        parts = urlsplit(cleaned.get("address", ""))
        if event := _CONTROL.search(parts.path):
            cleaned["organizer"], cleaned["event"] = event[1], event[2]
            path = parts.path[: event.start()]
            cleaned["address"] = urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    def _try(self, cleaned: dict[str, Any]) -> None:
        """Ask the shop for the event, so that a slip is seen at once."""
        token = cleaned.get("token", "")
        same_shop = cleaned["address"] == self.initial.get("address")
        if not token and not (self.instance.sealed_token and same_shop):
            self.add_error("token", "Enter the token.")
            return
        try:
            shop = Shop(
                cleaned["address"],
                cleaned["organizer"],
                cleaned["event"],
                token or unseal(self.instance.sealed_token),
            )
            shop.name()
            shop.orders("")
        except SourceTrouble as trouble:
            self.add_error(None, str(trouble))


class ShopQuestionForm(forms.Form):
    """Which of the shop's questions is the mentorship question, and which the affiliation."""

    question = forms.TypedChoiceField(
        label="Mentorship question", coerce=int, widget=forms.Select({"class": "cm-input"})
    )
    affiliation_question = forms.TypedChoiceField(
        label="Question for the affiliation",
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select({"class": "cm-input"}),
        help_text="Without one, the company of the ticket counts.",
    )

    def __init__(
        self, questions: Sequence[ShopQuestion], source: ImportSource, data: Any = None
    ) -> None:
        super().__init__(
            data,
            initial={
                "question": source.question or _meant(questions, "answer"),
                "affiliation_question": source.affiliation_question
                or (None if source.question else _meant(questions, "affiliation")),
            },
        )
        choices = [(each.key, _shown(each)) for each in questions]
        self.fields["question"].choices = choices  # type: ignore[attr-defined]
        affiliation: Any = self.fields["affiliation_question"]
        affiliation.choices = [("", "none"), *choices]


def _shown(question: ShopQuestion) -> str:
    options = ", ".join(question.options)
    text = question.text[:100]
    return f"{text} ({options[:100]})" if options else text


def _meant(questions: Sequence[ShopQuestion], key: str) -> int | None:
    """Return the question that is this column by what it asks, as in a file's headings."""
    column = next(each for each in SIGNUP_COLUMNS if each.key == key)
    for by_pattern in (False, True):
        for question in questions:
            if column.means(plain(question.text), by_pattern=by_pattern):
                return question.key
    return None


class DoForm(PostedForm):
    """What is to be done with a source."""

    do = forms.ChoiceField(
        choices=[(each, each) for each in ("read", "pause", "resume", "renew", "remove", "seen")]
    )
