"""Responses, to read; and the committee's own questions, to set up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from mentorship.domain.survey.readable import answer_lines, questions_of
from mentorship.interfaces.admin.base import ProgramAdmin
from mentorship.interfaces.admin.setting_fields import LinesField
from mentorship.interfaces.answers import doubt_lines, keep_private
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.interfaces.exports.people import AnswersExport
from mentorship.interfaces.requests import current_program, only_reads
from mentorship.models import Participant, Question, SurveyResponse


class DoubtFilter(DropdownFilter):
    title = "review"
    parameter_name = "doubts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "needs review"), ("no", "clear")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.exclude(doubts=[])
        return queryset.filter(doubts=[]) if self.value() == "no" else queryset


@admin.register(SurveyResponse)
class SurveyResponseAdmin(ListExportMixin, ProgramAdmin):
    """Responses are read here and never changed; a second response is a newer row."""

    resource_classes = [AnswersExport]
    readers_see = True
    program_path = "participant__program"
    may_add = may_change = False
    about_people = True
    list_display = ["participant", "submitted", "role", "attending", "shown_doubts", "origin"]
    list_filter = [DoubtFilter]
    list_filter_submit = True
    list_select_related = ["participant__program"]
    search_fields = ["participant__name", "participant__email"]
    ordering = ["-submitted_at", "-pk"]
    fields = ["participant", "submitted", "origin", "shown_doubts", "shown_answers"]
    readonly_fields = fields

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found and only_reads(request):
            keep_private(found)
        return found

    @display(description="sent", ordering="submitted_at")
    def submitted(self, response: SurveyResponse) -> str:
        return response.participant.program.formats.moment(response.submitted_at)

    @display(description="attending")
    def attending(self, response: SurveyResponse) -> str:
        return str(response.get_attendance_display()).lower()

    @display(description="needs review")
    def shown_doubts(self, response: SurveyResponse) -> str:
        return "; ".join(doubt_lines(response)) or "nothing"

    @display(description="answers")
    def shown_answers(self, response: SurveyResponse) -> str:
        program = response.participant.program
        questions = questions_of(program)
        return format_html_join(
            "",
            "<p><strong>{}</strong><br>{}</p>",
            answer_lines(response, questions, program.formats),
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "participant":
            kwargs["queryset"] = Participant.objects.filter(program=current_program(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class QuestionForm(forms.ModelForm):
    choices = LinesField(
        required=False,
        help_text="One per line, for a question with choices. For a scale: what 1 means, and what "
        "5 means.",
    )
    retired = forms.BooleanField(
        required=False,
        label="No longer asked",
        help_text="The form leaves it out. Answers that people gave stay.",
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["retired"].initial = self.instance.retired_at is not None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        kind, choices = cleaned.get("kind"), cleaned.get("choices") or []
        if kind in (Question.Kind.CHOICE, Question.Kind.MULTIPLE) and len(choices) < 2:
            self.add_error("choices", "Enter at least two choices, one per line.")
        if kind == Question.Kind.SCALE and len(choices) not in (0, 2):
            self.add_error("choices", "Enter two lines, what 1 means and what 5 means, or none.")
        return cleaned

    def save(self, commit: bool = True) -> Question:
        question = self.instance
        if not self.cleaned_data["retired"]:
            question.retired_at = None
        elif question.retired_at is None:
            question.retired_at = timezone.now()
        saved: Question = super().save(commit)
        return saved


@admin.register(Question)
class QuestionAdmin(ProgramAdmin):
    form = QuestionForm
    readers_see = True
    may_delete = True
    compressed_fields = False
    list_display = ["text", "kind", "asked_of", "required", "is_asked", "order"]
    list_editable = ["order"]
    search_fields = ["text"]
    fieldsets = [
        ("Question", {"fields": ["text", "help_text", ("kind", "role"), "choices"]}),
        ("On the form", {"fields": [("order", "counts"), "required", "retired"]}),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "order":
            field.widget.attrs["aria-label"] = "Order"
        return field

    @display(description="asked", boolean=True)
    def is_asked(self, question: Question) -> bool:
        return question.retired_at is None

    @display(description="asked of")
    def asked_of(self, question: Question) -> str:
        return question.get_role_display() or "everyone"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # An answered question stays, so that its answers can be read; it can be retired.
        allowed = super().has_delete_permission(request, obj)
        if allowed and obj:
            answers = SurveyResponse.objects.filter(participant__program=obj.program)
            return not answers.filter(other_answers__has_key=str(obj.pk)).exists()
        return allowed
