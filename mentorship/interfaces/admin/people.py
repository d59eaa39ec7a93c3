"""People, as the committee lists, reads and edits them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from mentorship.domain.people import decisions
from mentorship.interfaces.admin.base import HistoryAdmin, ObjectContextMixin
from mentorship.interfaces.admin.extensions import sections_for
from mentorship.interfaces.admin.people_filters import (
    AnsweredFilter,
    AttendanceFilter,
    FieldFilter,
    RoleFilter,
    TakingPartFilter,
)
from mentorship.interfaces.answers import answers_of
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.interfaces.exports.people import PeopleExport
from mentorship.interfaces.people_states import states_of, with_states
from mentorship.interfaces.requests import only_reads, program_of
from mentorship.interfaces.timeline.registry import next_step, timeline_of
from mentorship.models import DETAILS, Attendance, Participant, Role, Source
from mentorship.templatetags.breaks import breakable

_SOURCES = {
    Source.SIGNUP: "From the sign-up.",
    Source.SURVEY: "From the survey.",
    Source.RESEARCH: "From research by the committee.",
    Source.COMMITTEE: "From the committee.",
}


class PersonForm(forms.ModelForm):
    """A person's details, each with where it came from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DETAILS:
            source = _SOURCES.get(self.instance.detail_sources.get(name, ""))
            if source and name in self.fields:
                field = self.fields[name]
                field.help_text = " ".join(filter(None, [source, str(field.help_text)]))


@admin.register(Participant)
class ParticipantAdmin(ObjectContextMixin, ListExportMixin, HistoryAdmin):
    form = PersonForm
    resource_classes = [PeopleExport]
    readers_see = True
    import_export_change_list_template = "mentorship/people/list.html"
    change_form_outer_before_template = "mentorship/people/decisions.html"
    change_form_outer_after_template = "mentorship/people/sections.html"
    compressed_fields = False
    list_filter_submit = True
    list_fullwidth = True
    about_people = True
    list_display = [
        "who",
        "shown_role",
        "shown_attendance",
        "shown_fields",
        "shown_states",
        "affiliation",
    ]
    list_filter = [RoleFilter, AttendanceFilter, AnsweredFilter, TakingPartFilter, FieldFilter]
    search_fields = ["name", "email", "affiliation"]
    search_help_text = "Name, email address or affiliation"
    actions = [
        "make_mentor",
        "make_mentee",
        "clear_role",
        "make_in_person",
        "make_virtual",
        "clear_attendance",
        "keep_registered",
        "withdraw_missing",
        "trust_addresses",
    ]
    readonly_fields = ["ticket", "order_number", "registered_at"]
    fieldsets = [
        ("Who", {"fields": [("name", "short_name"), ("email", "affiliation")]}),
        (
            "For matching",
            {
                "fields": [
                    "fields",
                    ("sector", "career_stage"),
                    ("capacity", "time_zone"),
                ]
            },
        ),
        ("Private note of the committee", {"fields": ["committee_notes"]}),
        ("In their own words", {"fields": ["topics_wanted", "topics_offered", "notes"]}),
        ("Ticket", {"fields": [("ticket", "order_number", "registered_at")]}),
    ]
    add_fieldsets = [
        ("Who", {"fields": [("name", "short_name"), ("email", "affiliation")]}),
        ("Takes part as", {"fields": [("signup_role", "signup_attendance")]}),
        *fieldsets[1:3],
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        if only_reads(request):
            return [one for one in shown if "committee_notes" not in one[1]["fields"]]
        return shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        people = super().get_queryset(request)
        return with_states(people).prefetch_related("fields")

    def has_change_permission(self, request: HttpRequest, obj: Participant | None = None) -> bool:
        erased = obj is not None and obj.is_anonymised
        return not erased and super().has_change_permission(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Say why nothing is saved where the page was open while the person’s data was deleted."""
        if request.method == "POST" and (person := self.get_object(request, object_id)):
            decisions.refuse_erased(person)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.readonly_fields) if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if obj is None and "signup_role" in form.base_fields:
            form.base_fields["signup_role"].required = True
            form.base_fields["signup_role"].label = "Role"
            form.base_fields["signup_attendance"].label = "Attending"
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 4
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "fields":
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # Columns of the list

    @display(description="person", ordering="name")
    def who(self, person: Participant) -> str:
        return format_html(
            '<span class="cm-who">'
            '<strong class="block font-normal">{}</strong>'
            '<span class="cm-who-email text-base-500">{}</span></span>',
            person.name,
            person.email,
        )

    @display(description="role", ordering="role")
    def shown_role(self, person: Participant) -> str:
        if not (doubt := person.role_doubt):
            return str(person.role)
        return format_html(
            '<span>{}<span class="cm-doubt">'
            '<span class="material-symbols-outlined" aria-hidden="true">help</span>'
            " role unclear: {}</span></span>",
            person.role,
            doubt,
        )

    @display(description="attending", ordering="attendance")
    def shown_attendance(self, person: Participant) -> str:
        if not person.attendance:
            return "unknown"
        icon = "videocam" if person.is_virtual else "person_pin_circle"
        return format_html(
            '<span class="cm-word"><span class="material-symbols-outlined" aria-hidden="true">{}'
            "</span> {}</span>",
            icon,
            person.attendance_words,
        )

    @display(description="fields")
    def shown_fields(self, person: Participant) -> str:
        names = ", ".join(field.name for field in person.fields.all()) or "unknown"
        return breakable(names)

    @display(description="state")
    def shown_states(self, person: Participant) -> str:
        return format_html_join(
            " ",
            '<span class="cm-state cm-{}">{}</span>',
            [(state.tone, state.words) for state in states_of(person)]
            or [("plain", "no response")],
        )

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            decisions.save_details(obj, form.changed_data)
            return
        details = [name for name in DETAILS if name in form.changed_data]
        obj.detail_sources = dict.fromkeys(details, Source.RESEARCH.value)
        obj.program = program_of(request)
        decisions.add_person(obj)

    def object_context(self, request: HttpRequest, obj: Participant) -> dict[str, Any]:
        shown = {"person": obj, "answers": answers_of(obj, for_reader=only_reads(request))}
        if only_reads(request):
            return shown
        return shown | {
            "sections": sections_for(Participant),
            "timeline": timeline_of(obj),
            "next_step": next_step(obj),
            "roles": Role.choices,
            "attendances": Attendance.choices,
            "personal_link": request.build_absolute_uri(obj.personal_path),
        }

    # Decisions on several people at once; those on one are on the person's page

    @admin.action(description="Decide role: mentor", permissions=["change"])
    def make_mentor(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        self._decide(request, chosen, lambda p: decisions.decide_role(p, Role.MENTOR))

    @admin.action(description="Decide role: mentee", permissions=["change"])
    def make_mentee(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        self._decide(request, chosen, lambda p: decisions.decide_role(p, Role.MENTEE))

    @admin.action(description="Undo role decision", permissions=["change"])
    def clear_role(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        self._decide(request, chosen, lambda p: decisions.decide_role(p, ""))

    @admin.action(description="Decide attendance: in person", permissions=["change"])
    def make_in_person(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        self._decide(
            request, chosen, lambda p: decisions.decide_attendance(p, Attendance.IN_PERSON)
        )

    @admin.action(description="Decide attendance: virtual", permissions=["change"])
    def make_virtual(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        self._decide(request, chosen, lambda p: decisions.decide_attendance(p, Attendance.VIRTUAL))

    @admin.action(description="Undo attendance decision", permissions=["change"])
    def clear_attendance(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        self._decide(request, chosen, lambda p: decisions.decide_attendance(p, ""))

    @admin.action(description="Keep as registered", permissions=["change"])
    def keep_registered(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        missing = chosen.filter(missing_since__isnull=False)
        self._decide(request, missing, decisions.keep_registered)

    @admin.action(description="Withdraw: no longer registered", permissions=["change"])
    def withdraw_missing(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        missing = chosen.filter(missing_since__isnull=False)
        self._decide(request, missing, lambda p: decisions.withdraw(p, "No longer registered"))

    @admin.action(description="Address is right, though an email bounced", permissions=["change"])
    def trust_addresses(self, request: HttpRequest, chosen: QuerySet[Participant]) -> None:
        bounced = chosen.filter(mail_bounced_at__isnull=False)
        self._decide(request, bounced, decisions.trust_address)

    def _decide(self, request: HttpRequest, chosen: Any, decide: Any) -> HttpResponse | None:
        """Apply one decision to each of the chosen; report how many, and why not the others."""
        done = 0
        for person in chosen:
            try:
                decide(person)
                done += 1
            except ValidationError as error:
                messages.error(request, f"{person}: {' '.join(error.messages)}")
        decided = ngettext("Decided for %(n)d person.", "Decided for %(n)d people.", done)
        messages.success(request, decided % {"n": done})
        return None
