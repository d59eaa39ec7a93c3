"""The forms of open sign-up and of “Send me my link”."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from mentorship.domain.signup.tokens import opened_token, was_filled_in
from mentorship.interfaces.public_form import PublicForm
from mentorship.models import AddressFormField, Attendance, Participant, Role, normalise_name

_AGAIN = "Please press the button once more."


class AddressForm(PublicForm):
    """Asks for an email address, and keeps away what is no person.

    A field that people do not see has to stay empty, and the form has to be open for two seconds.
    Who fails that by accident, presses the button once more.
    """

    email = AddressFormField(
        label="Your email address",
        max_length=254,
        error_messages={"required": "Enter your email address."},
        widget=forms.TextInput({"autocomplete": "email"}),
    )
    website = forms.CharField(
        required=False,
        label="Leave this field empty",
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None) -> None:
        now = timezone.now()
        self._again = False
        if data is None:
            super().__init__(initial={"opened": opened_token(now)})
            return
        sent = {name: data.get(name, "") for name in ("email", "website", "opened")}
        if sent["website"] or not was_filled_in(sent["opened"], now):
            self._again = True
            sent |= {"website": "", "opened": opened_token(now)}
        super().__init__(sent)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self._again and not self.errors:
            raise forms.ValidationError(_AGAIN)
        return cleaned


class OpenSignupForm(PublicForm):
    """Who somebody is whose address is confirmed, and how they would like to take part."""

    name = forms.CharField(
        label="Your name",
        max_length=Participant._meta.get_field("name").max_length,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    role = forms.ChoiceField(
        label="I’d like to take part as",
        choices=[(Role.MENTOR, "a mentor"), (Role.MENTEE, "a mentee")],
        error_messages={"required": "Choose mentor or mentee."},
        widget=forms.RadioSelect,
    )
    attendance = forms.ChoiceField(
        label="I’ll attend the conference",
        choices=[(Attendance.IN_PERSON, "in person"), (Attendance.VIRTUAL, "virtually")],
        error_messages={"required": "Choose in person or virtually."},
        widget=forms.RadioSelect,
    )

    def clean_name(self) -> str:
        name = normalise_name(self.cleaned_data["name"])
        if not any(sign.isalpha() for sign in name):
            raise forms.ValidationError("Enter your name.")
        return name
