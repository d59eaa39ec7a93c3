"""The first chair's form, and the one that asks for a link to set a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate, get_user_model, password_validation
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import slugify
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
)

from mentorship.models.program import validate_time_zone


class FirstChairForm(forms.Form):
    """Who the first chair is, and the program that they start with."""

    name = forms.CharField(
        label="Program",
        max_length=120,
        widget=UnfoldAdminTextInputWidget(),
        help_text="As people know it: SciPy 2027",
    )
    starts_on = forms.DateField(
        label="First day", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label="Last day", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    time_zone = forms.CharField(
        label="Time zone",
        initial="America/Los_Angeles",
        validators=[validate_time_zone],
        widget=UnfoldAdminTextInputWidget(),
    )
    username = forms.CharField(
        label="Your username",
        max_length=150,
        validators=[get_user_model().username_validator],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "username"}),
    )
    email = forms.EmailField(
        label="Your email address",
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Your password again",
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    @property
    def slug(self) -> str:
        """The program's short name, made from its name."""
        return slugify(self.cleaned_data["name"])[:50] or "program"

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        starts, ends = said.get("starts_on"), said.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "The last day is before the first day.")
        if said.get("password"):
            if said.get("again") and said["again"] != said["password"]:
                self.add_error("again", "The two passwords differ. Type the same one twice.")
            user = get_user_model()(username=said.get("username", ""), email=said.get("email", ""))
            try:
                password_validation.validate_password(said["password"], user)
            except ValidationError as error:
                self.add_error("password", error)
        return said


class ForgottenForm(forms.Form):
    """The address to which the link goes."""

    email = forms.EmailField(
        label="Your email address",
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"}),
    )


class CodeForm(forms.Form):
    """A code from an app, or a recovery code."""

    code = forms.CharField(
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class PasswordAgainForm(forms.Form):
    """The password of who is signed in; wrong ones are counted as at the sign-in."""

    password = forms.CharField(
        strip=False,
        widget=UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "current-password", "autofocus": True}
        ),
    )

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._request = request

    def clean_password(self) -> str:
        typed: str = self.cleaned_data["password"]
        name = self._request.user.get_username()
        if authenticate(self._request, username=name, password=typed) is None:
            raise ValidationError("This is not your password. Check capital letters, too.")
        return typed


class OwnPasswordForm(SetPasswordForm):
    """A new password, typed twice by the person whose it is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
