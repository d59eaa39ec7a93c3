"""The lists of help requests and of feedback."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from matching.interfaces.exports import ConcernsExport, FeedbackExport
from matching.models import Concern, Feedback
from mentorship.interfaces.admin.base import ProgramAdmin
from mentorship.interfaces.exports.lists import ListExportMixin


@admin.register(Concern)
class ConcernAdmin(ListExportMixin, ProgramAdmin):
    """Shows what a participant asked for; the committee adds the outcome."""

    resource_classes = [ConcernsExport]
    may_add = False
    list_display = ["participant", "kind", "status", "created_at"]
    list_filter = ["status", "kind"]
    list_filter_submit = True
    list_select_related = ["participant"]
    search_fields = ["participant__name", "participant__email", "text"]
    fields = ["participant", "match", "kind", "text", "created_at", "status", "outcome"]
    readonly_fields = ["participant", "match", "kind", "text", "created_at"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if "status" in form.changed_data:
            settled = obj.status == Concern.Status.SETTLED
            obj.settled_at = timezone.now() if settled else None
            obj.settled_by = request.user if settled else None
        super().save_model(request, obj, form, change)


@admin.register(Feedback)
class FeedbackAdmin(ListExportMixin, ProgramAdmin):
    resource_classes = [FeedbackExport]
    may_add = may_change = False
    list_display = ["participant", "met", "rating", "would_come_again", "created_at"]
    list_filter = ["met", "rating"]
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
        "created_at",
    ]
    readonly_fields = fields
