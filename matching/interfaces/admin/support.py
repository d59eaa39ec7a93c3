"""The lists of help requests and of feedback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from matching.domain.support.requests import enter_request, reopen, settle
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


@admin.register(Concern)
class ConcernAdmin(ListExportMixin, ProgramAdmin):
    """Shows what a participant asked for; the committee adds the outcome, or a request of its own.

    What is for the chairs only is shown to nobody else, in no list, file or page.
    """

    resource_classes = [ConcernsExport]
    form = ConcernForm
    list_display = ["participant", "kind", "status", "origin", "created_at"]
    list_filter = ["status", "kind"]
    list_filter_submit = True
    list_select_related = ["participant"]
    search_fields = ["participant__name", "participant__email", "text"]
    change_form_outer_after_template = "matching/support/request.html"
    _told = ["participant", "match", "kind", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concern]:
        rows: Any = super().get_queryset(request)
        seen: QuerySet[Concern] = rows.seen_by(chair=is_chair_of(request))
        return seen

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return self._told
        return [*self._told, "origin", "entered_by", "created_at", "status", "outcome"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self._told, "origin", "entered_by", "created_at"] if obj else []

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
        context = {"concern": self.get_object(request, object_id)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: Any = request.user
        if not change:
            saved = enter_request(obj.participant, obj.kind, obj.text, obj.match, by=by)
        elif "status" not in form.changed_data:
            obj.save(update_fields=["outcome"])
            return
        elif obj.status == Concern.Status.SETTLED:
            saved = settle(obj, obj.outcome, by=by)
        else:
            saved = reopen(obj)
        obj.__dict__.update(saved.__dict__)


@admin.register(Feedback)
class FeedbackAdmin(ListExportMixin, ProgramAdmin):
    resource_classes = [FeedbackExport]
    may_add = may_change = False
    list_display = ["participant", "met", "rating", "would_come_again", "again_as", "created_at"]
    list_filter = ["met", "rating", "would_come_again"]
    list_filter_submit = True
    list_select_related = ["participant"]
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
        "created_at",
    ]
    readonly_fields = fields
