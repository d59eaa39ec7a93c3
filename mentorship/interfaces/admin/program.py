"""The program itself: its dates, texts, lists of words, and who sits on its committee."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.text import format_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from mentorship.domain.programs.access import is_chair, is_only_chair
from mentorship.domain.programs.accounts import account_for, invite
from mentorship.domain.programs.create import fill_lists
from mentorship.domain.programs.logo import read_logo, remove_logo, save_logo
from mentorship.interfaces.admin.as_shown import AsShownForm
from mentorship.interfaces.admin.base import DeletedOneByOneMixin, HistoryAdmin, ProgramAdmin
from mentorship.interfaces.admin.setting_fields import LinesField
from mentorship.interfaces.requests import is_chair_of, only_reads
from mentorship.models import Field, Logo, Membership, Program, Sector

# What is shown of a field, or of two, to those who only read it.
_TO_READ: dict[Any, str] = {
    "free_mail_domains": "shown_domains",
    ("logo_file", "no_logo"): "shown_logo",
}


class ProgramForm(AsShownForm):
    """The settings of a program, its email domains one per line."""

    free_mail_domains = LinesField(
        lower=True,
        required=False,
        label="Free email domains",
        help_text="One per line. Two people who share one of these are not colleagues.",
    )
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        widget=UnfoldAdminFileFieldWidget(
            attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}
        ),
        help_text="PNG, JPEG, WebP or GIF, at most 2 MB. It stands at the top of the public pages.",
    )
    no_logo = forms.BooleanField(
        label="Show no logo", required=False, widget=UnfoldBooleanSwitchWidget
    )

    def clean_logo_file(self) -> bytes | None:
        file = self.cleaned_data["logo_file"]
        return read_logo(file) if file else None

    def clean_color(self) -> str:
        return str(self.cleaned_data["color"]).strip().lower()

    def clean(self) -> None:
        """Refuse a day out of order: emails would name it to everyone."""
        super().clean()
        before = None
        for name in ("survey_opens_on", "survey_closes_on", "announce_on", "contact_by", "ends_on"):
            day = self.cleaned_data.get(name)
            if day is None:
                continue
            if before and day < self.cleaned_data[before]:
                late, early = (self.fields[each].label for each in (before, name))
                wrong = before if name == "ends_on" else name
                self.add_error(wrong, f"“{late}” would be after “{early}”. Change one of the two.")
                break
            before = name


@admin.register(Program)
class ProgramSettingsAdmin(HistoryAdmin):
    """Every program of the user; its chairs change it, everyone else reads it."""

    readers_see = True
    form = ProgramForm
    change_form_outer_after_template = "mentorship/programs/actions.html"
    compressed_fields = False
    list_display = ["name", "dates", "place", "switch"]
    search_fields = ["name", "place"]
    fieldsets = [
        (
            "Program",
            {
                "fields": [
                    ("name", "slug"),
                    ("starts_on", "ends_on"),
                    ("place", "time_zone"),
                    "region",
                ]
            },
        ),
        (
            "Key dates",
            {
                "fields": [
                    ("survey_opens_on", "survey_closes_on"),
                    ("announce_on", "contact_by"),
                ]
            },
        ),
        (
            "Committee",
            {"fields": [("committee_name", "committee_people"), "contact_email"]},
        ),
        (
            "Public pages",
            {
                "fields": [
                    ("logo_file", "no_logo"),
                    "color",
                    "accepts_late_answers",
                    "privacy_notice",
                    ("kept_months", "anonymises_itself"),
                ]
            },
        ),
        (
            "Emails and pages",
            {
                "fields": [
                    "code_of_conduct_url",
                    ("call_service_name", "call_service_url"),
                    "meeting_places",
                    "feedback_weeks",
                    ("mails_per_minute", "mails_per_day"),
                    "one_mail_a_mentor",
                    "open_signup",
                ]
            },
        ),
        (
            "Matching",
            {
                "description": format_lazy(
                    "Weights, minimum affinity and priorities have their own page: "
                    '<a class="cm-link" href="{}">Matching criteria</a>.',
                    reverse_lazy("what_counts"),
                ),
                "fields": [("mentors_first", "mentor_days"), "free_mail_domains"],
            },
        ),
    ]
    add_fieldsets = fieldsets[:1]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        if obj and not self.has_change_permission(request, obj):
            shown = [
                (
                    title,
                    options | {"fields": [_TO_READ.get(name, name) for name in options["fields"]]},
                )
                for title, options in shown
            ]
        if only_reads(request):
            return [(title, {"fields": options["fields"]}) for title, options in shown]
        return shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        return self.model._default_manager.filter(
            pk__in=Program.objects.of(request.user).values("pk")
        )

    def _program_of(self, obj: Any) -> Program:
        return obj

    def _is_here(self, request: HttpRequest, obj: Any) -> bool:
        # All programs of the user are listed, to switch between them.
        return obj is None or Program.objects.of(request.user).filter(pk=obj.pk).exists()

    def _may_work(self, request: HttpRequest, obj: Any) -> bool:
        # A superuser, who hosts the site, sets up its first program here.
        return request.user.is_superuser or super()._may_work(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return user.is_active and (user.is_superuser or is_chair_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return request.user.is_active and is_chair(request.user, self._program_of(obj))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        if db_field.name == "slug":
            kwargs |= {"label": "Short name", "help_text": "For links and commands"}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if obj is None:
            # A new program starts with the usual lists and weights; they can be edited after.
            kwargs["form"] = forms.ModelForm
        return super(ProgramAdmin, self).get_form(request, obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            # Only what was edited: somebody else may be saving the criteria at this moment.
            columns = {column.name for column in obj._meta.concrete_fields}
            obj.save(update_fields=[name for name in form.changed_data if name in columns])
            if form.cleaned_data.get("no_logo"):
                remove_logo(obj)
            elif image := form.cleaned_data.get("logo_file"):
                save_logo(obj, image)
        else:
            super().save_model(request, obj, form, change)
            fill_lists(obj)
            Membership(
                program=obj, user_id=request.user.pk or 0, level=Membership.Level.CHAIR
            ).save()

    @display(description="dates", ordering="starts_on")
    def dates(self, program: Program) -> str:
        return program.formats.span(program.starts_on, program.ends_on)

    @display(description="free email domains")
    def shown_domains(self, program: Program) -> str:
        return ", ".join(program.free_mail_domains)

    @display(description="logo")
    def shown_logo(self, program: Program) -> str:
        logo = Logo.objects.filter(program=program).first()
        if logo is None:
            return ""
        return format_html(
            '<a class="cm-link" href="{}">Open the logo</a>',
            reverse("look_logo", args=[logo.digest]),
        )

    @display(description="switch")
    def switch(self, program: Program) -> str:
        return format_html(
            '<a class="cm-link" href="{}">Switch to {}</a>',
            reverse("switch_program", args=[program.slug]),
            program,
        )


class WordsAdmin(ProgramAdmin):
    """A list of words whose order is the order of the form and the board."""

    readers_see = True
    may_delete = True
    list_display = ["name", "order"]
    list_editable = ["order"]
    search_fields = ["name"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "order":
            field.widget.attrs["aria-label"] = "Order"
        return field


@admin.register(Field)
class FieldAdmin(WordsAdmin):
    list_display = ["name", "order", "is_other"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["is_other"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # People of no known field need somewhere to stand, and nobody's field goes unasked.
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and (obj.is_other or obj.participants.exists()))


@admin.register(Sector)
class SectorAdmin(WordsAdmin):
    list_display = ["name", "order", "is_other"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["is_other"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and obj.participant_set.exists())


class NewMemberForm(forms.ModelForm):
    """A new member by username or email address: other accounts are never listed.

    `user` is the account that was found; None for an address that is to be invited.
    """

    user: User | None = None

    account = forms.CharField(
        label="Username or email address", max_length=254, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Membership
        fields = ["level"]

    def clean_account(self) -> str:
        text = self.cleaned_data["account"].strip()
        users = get_user_model().objects.filter(is_active=True)
        user = users.filter(username=text).first()
        if user is None:
            try:
                validate_email(text)
            except forms.ValidationError:
                raise forms.ValidationError(
                    f"There is no account “{text}”. Type an email address to invite somebody."
                ) from None
            with_address = list(users.filter(email__iexact=text)[:2])
            if len(with_address) > 1:
                raise forms.ValidationError(
                    f"Several accounts have the address {text}. Type the username."
                )
            user = with_address[0] if with_address else None
        if user and user.memberships.filter(program=self.instance.program).exists():
            raise forms.ValidationError(f"{user} is already on this committee.")
        self.user = user
        return text


class MemberForm(forms.ModelForm):
    """A member's level; a program always keeps a chair."""

    def clean_level(self) -> str:
        level = self.cleaned_data["level"]
        if level != Membership.Level.CHAIR and is_only_chair(self.instance):
            raise forms.ValidationError("Make somebody else a chair first. This is the only one.")
        return str(level)


@admin.register(Membership)
class MembershipAdmin(DeletedOneByOneMixin, ProgramAdmin):
    """Who sits on the committee, for chairs only."""

    chairs_only = True
    may_delete = True
    list_display = ["user", "level"]
    fields = ["user", "level"]
    search_fields = ["user__username", "user__email"]
    list_select_related = ["user"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user", "level"] if obj else ["account", "level"]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = MemberForm if obj else NewMemberForm
        return super().get_form(request, obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and is_only_chair(obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.user = form.user or account_for(form.cleaned_data["account"])
        super().save_model(request, obj, form, change)
        if not change and obj.user.email:
            self._invite(request, obj)
        if not obj.user.is_staff:
            # Django asks for this at the sign-in to the committee's site.
            obj.user.is_staff = True
            obj.user.save(update_fields=["is_staff"])

    def _invite(self, request: HttpRequest, membership: Membership) -> None:
        try:
            invite(membership.user, membership.program, str(request.user))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{membership.user.email} gets an email about it.")
