"""Accounts, for the people who host the site."""

from __future__ import annotations

from typing import Any

from axes.admin import AccessAttemptAdmin as AxesAttemptAdmin
from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import get_text_list
from unfold.admin import ModelAdmin
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminEmailInputWidget

from mentorship.domain.programs.access import programs_only_chaired_by
from mentorship.domain.programs.accounts import email_password_link, invite
from mentorship.domain.programs.second_factor import forget_app
from mentorship.domain.programs.signed_in import end_other_sessions
from mentorship.interfaces.admin.base import DeletedOneByOneMixin

# Importing Django's own class registers it, and the groups, which nobody uses here: membership is
# the permission.
admin.site.unregister([Group, User])


class NewAccountForm(forms.ModelForm):
    """A new account is an email address; its owner sets the password."""

    email = forms.EmailField(
        label="Email address", max_length=254, widget=UnfoldAdminEmailInputWidget()
    )

    class Meta:
        model = User
        fields = ["email"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(Q(email__iexact=email) | Q(username__iexact=email)).exists():
            raise forms.ValidationError("There is an account with this address already.")
        return email


class AccountForm(UserChangeForm):
    """An account; that of a program's only chair goes on."""

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if not active and (left := programs_only_chaired_by(self.instance)):
            names = get_text_list([str(program) for program in left], "and")
            raise forms.ValidationError(f"Make somebody else a chair of {names} first.")
        return active


@admin.register(User)
class UserAdmin(DeletedOneByOneMixin, DjangoUserAdmin, ModelAdmin):
    """Accounts; only a superuser has the permission to see them."""

    form = AccountForm
    list_display = ["username", "email", "first_name", "last_name", "is_active", "is_superuser"]
    list_filter = []
    filter_horizontal = []
    fieldsets = [
        ("Account", {"fields": ["username"]}),
        ("Person", {"fields": [("first_name", "last_name"), "email"]}),
        ("May sign in", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": [("last_login", "date_joined")]}),
    ]
    add_fieldsets = [("Account", {"fields": ["email"]})]
    readonly_fields = ["last_login", "date_joined"]
    actions = ["send_password_link", "forget_app", "sign_out"]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = self.form if obj else NewAccountForm
        return ModelAdmin.get_form(self, request, obj, change, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and not (obj and programs_only_chaired_by(obj))

    def get_urls(self) -> list[Any]:
        """Return the addresses but for the one where somebody sets another's password."""
        return [
            url
            for url in super().get_urls()
            if getattr(url, "name", "") != "auth_user_password_change"
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.username, obj.is_staff = obj.email[:150], True
        obj.set_unusable_password()
        obj.save()
        _invite(request, obj)

    @admin.action(description="Send a link to set a password")
    def send_password_link(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in chosen.filter(is_active=True).exclude(email=""):
            try:
                email_password_link(user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, f"A link is on its way to {user.email}.")

    @admin.action(description="Turn off two-step sign-in")
    def forget_app(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in chosen:
            forget_app(user)
            messages.success(request, f"{user} signs in with the password alone now.")

    @admin.action(description="Sign out everywhere")
    def sign_out(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in chosen:
            # Not out of the page on which the button is.
            here = request.session.session_key if user == request.user else None
            number = end_other_sessions(user, here)
            messages.success(request, f"{user} is signed out ({number}).")


def _invite(request: HttpRequest, user: User) -> None:
    try:
        invite(user, None, str(request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{user.email} gets an email with a link to set a password.")


@admin.register(AccessAttempt)
class AccessAttemptAdmin(AxesAttemptAdmin, ModelAdmin):
    """Who is locked out after too many wrong passwords; deleting the row lets them in again."""
