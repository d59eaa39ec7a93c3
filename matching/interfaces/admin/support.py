"""The lists of help requests and of feedback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from matching.domain.matches.steps import name_of
from matching.domain.support.handling import due_words
from matching.domain.support.requests import enter_request
from matching.interfaces.exports import ConcernsExport, FeedbackExport
from matching.models import Concern, Feedback, Match
from mentorship.interfaces.admin.base import ProgramAdmin
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.interfaces.requests import is_chair_of

# What the committee enters for somebody who wrote or came by.
ENTERED = (Concern.Kind.CANNOT_REACH, Concern.Kind.NOT_RIGHT, Concern.Kind.CANNOT_TAKE_PART)


class ConcernForm(forms.ModelForm):
    """A help request that a member enters for somebody who wrote or came by."""

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        person, match = said.get("participant"), said.get("match")
        if person and match and person.pk not in (match.mentor_id, match.mentee_id):
            self.add_error("match", f"{person} is not in this match. Choose another, or none.")
        if person and not match:
            # Of somebody with one match there is no doubt which one it is about.
            own = list(Match.objects.announced().of_person(person)[:2])
            said["match"] = own[0] if len(own) == 1 else None
        return said


class OwnerFilter(DropdownFilter):
    title = "taken care of by"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "Me"), ("nobody", "Nobody yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Concern]) -> QuerySet[Concern]:
        match self.value():
            case "me":
                return queryset.filter(owner=request.user.pk)
            case "nobody":
                return queryset.filter(owner=None)
        return queryset


@admin.register(Concern)
class ConcernAdmin(ListExportMixin, ProgramAdmin):
    """Lists help requests, due first, and takes in those that a member enters.

    Each has a page of its own, to which its row leads. What is for the chairs only is shown to
    nobody else, in no list, file or page.
    """

    resource_classes = [ConcernsExport]
    form = ConcernForm
    may_change = False
    about_people = True
    list_display = ["shown_person", "shown_kind", "shown_state", "shown_owner", "shown_due",
                    "shown_asked"]  # fmt: skip
    list_display_links = ["shown_person"]
    list_filter = ["status", "kind", OwnerFilter]
    list_filter_submit = True
    list_select_related = ["participant", "owner", "program"]
    # Open before settled; of the open ones what is due now, then by the day.
    ordering = ["status", F("due_on").asc(nulls_first=True), "created_at", "pk"]
    search_fields = ["participant__name", "participant__email", "text", "entries__text"]
    search_help_text = "Name, email address, or words of the request or a note"
    fields = ["participant", "match", "kind", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concern]:
        rows: Any = super().get_queryset(request)
        seen: QuerySet[Concern] = rows.seen_by(chair=is_chair_of(request))
        return seen

    @display(description="from", ordering="participant__name")
    def shown_person(self, concern: Concern) -> str:
        return str(concern.participant)

    @display(description="what", ordering="kind")
    def shown_kind(self, concern: Concern) -> str:
        return str(concern.get_kind_display())

    @display(
        description="state", ordering="status", label={"open": "warning", "settled": "success"}
    )
    def shown_state(self, concern: Concern) -> tuple[str, str]:
        return concern.status, concern.get_status_display()

    @display(description="taken care of by", ordering="owner__username")
    def shown_owner(self, concern: Concern) -> str:
        if concern.owner:
            return name_of(concern.owner)
        return "Nobody yet" if concern.is_open else "Nobody"

    @display(description="due", ordering="due_on")
    def shown_due(self, concern: Concern) -> str:
        if not concern.is_open:
            return ""
        return due_words(concern)

    @display(description="since", ordering="created_at")
    def shown_asked(self, concern: Concern) -> str:
        return str(concern.program.formats.short_moment(concern.created_at))

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":
            # The others are noted when they happen.
            kwargs["choices"] = [(kind.value, kind.label) for kind in ENTERED]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "match":
            field.queryset = field.queryset.announced().select_related("mentor", "mentee")
            field.help_text = "Leave it empty for somebody with one match: it is about that one."
        return field

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Lead to the request's own page."""
        if self.get_object(request, object_id) is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("help_request", object_id)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        messages.success(request, f"The help request of {obj.participant} was entered.")
        return redirect("help_request", obj.pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: Any = request.user
        saved = enter_request(obj.participant, obj.kind, obj.text, obj.match, by=by)
        obj.__dict__.update(saved.__dict__)


@admin.register(Feedback)
class FeedbackAdmin(ListExportMixin, ProgramAdmin):
    row_called, rows_called = "feedback response", "feedback responses"
    resource_classes = [FeedbackExport]
    readers_see = True
    may_add = may_change = False
    about_people = True
    list_display = ["participant", "met", "rating", "would_come_again", "again_as", "shown_sent"]
    list_filter = ["met", "rating", "would_come_again"]
    list_filter_submit = True
    list_select_related = ["participant", "program"]
    search_fields = ["participant__name", "participant__email", "went_well", "do_better"]
    fields = [
        "participant",
        "match",
        "met",
        "rating",
        "went_well",
        "do_better",
        "would_come_again",
        "again_as",
        "shown_sent",
    ]
    readonly_fields = fields

    @display(description="sent", ordering="created_at")
    def shown_sent(self, feedback: Feedback) -> str:
        return str(feedback.program.formats.short_moment(feedback.created_at))
