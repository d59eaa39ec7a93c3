"""The list of matches, and the page of one match."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.html import format_html_join
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from matching.domain.board.board import read_board
from matching.domain.matches import changes as domain
from matching.domain.matches.people import read_people
from matching.interfaces.board.cards import for_readers, pair_card
from matching.interfaces.board.match_form import MatchForm, MentorField, mentors_with_places
from matching.interfaces.exports import MatchesExport
from matching.models import Match
from mentorship.interfaces.admin.base import HistoryAdmin, ObjectContextMixin
from mentorship.interfaces.admin.people_filters import FieldFilter
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.interfaces.requests import only_reads, program_of
from mentorship.models import Attendance, Participant

STATUS_TONES = {
    Match.Status.DRAFT: "info",
    Match.Status.ANNOUNCED: "success",
    Match.Status.DISSOLVED: "plain",
}


class BinFilter(FieldFilter):
    title = "bin"
    parameter_name = "bin"
    column = "bin"


class CallFilter(DropdownFilter):
    title = "attendance"
    parameter_name = "call"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Both in person"), ("one", "Mixed attendance"), ("both", "Both virtual")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Match]) -> QuerySet[Match]:
        mentors = queryset.filter(mentor__attendance=Attendance.VIRTUAL)
        mentees = queryset.filter(mentee__attendance=Attendance.VIRTUAL)
        match self.value():
            case "no":
                return queryset.exclude(pk__in=mentors).exclude(pk__in=mentees)
            case "one":
                return queryset.filter(pk__in=mentors).exclude(pk__in=mentees) | queryset.filter(
                    pk__in=mentees
                ).exclude(pk__in=mentors)
            case "both":
                return queryset.filter(pk__in=mentors).filter(pk__in=mentees)
        return queryset


class WarningsFilter(DropdownFilter):
    title = "warnings"
    parameter_name = "warnings"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "With warnings"), ("no", "Without warnings")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Match]) -> QuerySet[Match]:
        if self.value() not in ("yes", "no"):
            return queryset
        program = program_of(request)
        found = read_board(program).findings
        return (
            queryset.filter(pk__in=found)
            if self.value() == "yes"
            else queryset.exclude(pk__in=found)
        )


@admin.register(Match)
class MatchAdmin(ObjectContextMixin, ListExportMixin, HistoryAdmin):
    resource_classes = [MatchesExport]
    readers_see = True
    form = MatchForm
    import_export_change_list_template = "matching/matches/list.html"
    change_form_outer_before_template = "matching/board/pair_card.html"
    compressed_fields = False
    list_filter_submit = True
    list_fullwidth = True
    about_people = True
    list_display = [
        "shown_mentor",
        "shown_mentee",
        "shown_bin",
        "affinity",
        "shown_status",
        "shown_contact",
        "shown_warnings",
    ]
    list_select_related = ["mentor", "mentee", "bin"]
    list_filter = [("status", admin.ChoicesFieldListFilter), BinFilter, "locked", CallFilter,
                   WarningsFilter]  # fmt: skip
    search_fields = ["mentor__name", "mentor__email", "mentee__name", "mentee__email"]
    search_help_text = "Name or email address of either person"
    actions = ["lock_chosen", "unlock_chosen"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        hidden = {"shown_warnings"} if only_reads(request) else set()
        return [name for name in self.list_display if name not in hidden]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        hidden = {WarningsFilter} if only_reads(request) else set()
        return [one for one in self.list_filter if one not in hidden]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with the findings of each live match, in a few queries for all."""
        changelist: Any = super().get_changelist_instance(request)
        changelist.result_list = list(changelist.result_list)
        found = read_board(program_of(request)).findings
        for match in changelist.result_list:
            match.findings = found.get(match.pk, [])
        return changelist

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        rows = super().get_queryset(request).select_related("mentor", "mentee", "bin", "program")
        return rows.prefetch_related("check_ins")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [("New match", {"fields": [("mentor", "mentee"), "locked", "read_warnings"]})]
        if not obj.is_live:
            return [("Match", {"fields": ["mentor", "mentee", "shown_status", "dissolved_why"]})]
        # Who does not change it has no warnings to read before that.
        asked = ["read_warnings"] if self.has_change_permission(request, obj) else []
        return [("Mentor", {"fields": ["mentor", *asked]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is not None and not obj.is_live:
            return ["mentor", "mentee", "shown_status", "dissolved_why"]
        return []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_live)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        program = program_of(request)
        if db_field.name == "mentor":
            return MentorField(
                queryset=mentors_with_places(program),
                label="Mentor",
                widget=field.widget,
            )
        if db_field.name == "mentee":
            mentees = Participant.objects.filter(program=program).taking_part().mentees()
            paired = Match.objects.live().filter(program=program).values("mentee")
            field.queryset = mentees.exclude(pk__in=paired)
        return field

    # Columns of the list

    @display(description="mentor", ordering="mentor__name")
    def shown_mentor(self, match: Match) -> str:
        return _with_attendance(match.mentor)

    @display(description="mentee", ordering="mentee__name")
    def shown_mentee(self, match: Match) -> str:
        return _with_attendance(match.mentee)

    @display(description="bin", ordering="bin__order")
    def shown_bin(self, match: Match) -> str:
        return match.bin.name if match.bin else "None"

    @display(description="status", ordering="status")
    def shown_status(self, match: Match) -> str:
        states = [(STATUS_TONES[Match.Status(match.status)], match.get_status_display())]
        if match.locked:
            states.append(("plain", "locked"))
        return format_html_join(" ", '<span class="cm-state cm-{}">{}</span>', states)

    @display(description="contact")
    def shown_contact(self, match: Match) -> str:
        return match.contact_words

    @display(description="warnings")
    def shown_warnings(self, match: Any) -> str:
        return format_html_join(
            " ",
            '<span class="cm-state cm-{}" title="{}">{}</span>',
            [("warning" if f.warning else "danger", f.detail, f.title) for f in match.findings],
        )

    # Reading and saving

    def object_context(self, request: HttpRequest, obj: Match) -> dict[str, Any]:
        people = read_people(obj.program, only=[obj.mentor_id, obj.mentee_id])
        card = pair_card(people, obj)
        return {"match": obj, "card": for_readers(card) if only_reads(request) else card}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            # Somebody else took the place between the form's check and saving.
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: Any = request.user
        if not change:
            saved = domain.create_match(obj.mentor, obj.mentee, by=by, locked=obj.locked)
        elif "mentor" in form.changed_data:
            saved = domain.change_mentor(obj, obj.mentor, by=by)
        else:
            return
        obj.__dict__.update(saved.__dict__)

    # Actions on several matches at once; those on one match are on its page

    @admin.action(description="Lock selected pairs", permissions=["change"])
    def lock_chosen(self, request: HttpRequest, chosen: QuerySet[Match]) -> None:
        number = self._each(request, chosen, domain.lock)
        messages.success(request, ngettext("Locked %d pair.", "Locked %d pairs.", number) % number)

    @admin.action(description="Unlock selected pairs", permissions=["change"])
    def unlock_chosen(self, request: HttpRequest, chosen: QuerySet[Match]) -> None:
        number = self._each(request, chosen, domain.unlock)
        words = ngettext("Unlocked %d pair.", "Unlocked %d pairs.", number)
        messages.success(request, words % number)

    def _each(self, request: HttpRequest, chosen: Any, act: Any) -> int:
        number = 0
        for match in chosen:
            try:
                act(match, by=request.user)
                number += 1
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
        return number


def _with_attendance(person: Participant) -> str:
    words = person.attendance_words or "attendance unknown"
    icon = "videocam" if person.is_virtual else "person_pin_circle"
    return format_html_join(
        "",
        '<span class="cm-who">{}<span class="cm-word cm-small"><span'
        ' class="material-symbols-outlined" aria-hidden="true">{}</span> {}</span></span>',
        [(str(person), icon, words)],
    )
