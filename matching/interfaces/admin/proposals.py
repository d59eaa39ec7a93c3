"""The list of proposals, and the list of do-not-match pairs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import ngettext
from unfold.decorators import display

from matching.domain.exclusions.past_pairs import forget_pairs
from matching.interfaces.exports import KeepApartsExport
from matching.models import KeepApart, Proposal
from mentorship.interfaces.admin.base import ProgramAdmin
from mentorship.interfaces.exports.lists import ListExportMixin
from mentorship.models import Priority


@admin.register(Proposal)
class ProposalAdmin(ProgramAdmin):
    readers_see = True
    may_add = may_change = False
    list_display = ["when", "who", "status", "shown_pairs", "shown_left", "shown_seconds"]
    list_select_related = ["program", "created_by"]
    fields = [
        "when",
        "who",
        "status",
        "why_not_proven",
        "shown_tiers",
        "shown_pairs",
        "shown_unmatched",
        "shown_idle",
        "shown_seconds",
        "fingerprint",
    ]
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="proposed", ordering="created_at")
    def when(self, proposal: Proposal) -> str:
        return proposal.program.formats.short_moment(proposal.created_at)

    @display(description="by", ordering="created_by__username")
    def who(self, proposal: Proposal) -> str:
        return str(proposal.created_by or "a command")

    @display(description="pairs")
    def shown_pairs(self, proposal: Proposal) -> str:
        of = _both(proposal.mentees, proposal.mentors)
        return f"{len(proposal.pairs)} from {of}"

    @display(description="unmatched")
    def shown_left(self, proposal: Proposal) -> str:
        return _both(len(proposal.unmatched_mentees), len(proposal.idle_mentors))

    @display(description="seconds")
    def shown_seconds(self, proposal: Proposal) -> str:
        return f"{proposal.seconds:.2f}"

    @display(description="priorities")
    def shown_tiers(self, proposal: Proposal) -> str:
        rows = [
            (
                dict(Priority.choices).get(tier["name"], tier["name"]),
                abs(tier["value"]),
                "best possible"
                if tier["value"] == tier["bound"]
                else f"best possible is {abs(tier['bound'])}",
            )
            for tier in proposal.tiers
        ]
        return format_html(
            '<ol class="cm-lines">{}</ol>',
            format_html_join("", "<li>{}: <strong>{}</strong>, {}</li>", rows),
        )

    @display(description="unmatched mentees")
    def shown_unmatched(self, proposal: Proposal) -> str:
        return _names(proposal, proposal.unmatched_mentees)

    @display(description="unmatched mentors")
    def shown_idle(self, proposal: Proposal) -> str:
        return _names(proposal, proposal.idle_mentors)


def _both(mentees: int, mentors: int) -> str:
    return ", ".join(
        (
            ngettext("%d mentee", "%d mentees", mentees) % mentees,
            ngettext("%d mentor", "%d mentors", mentors) % mentors,
        )
    )


def _names(proposal: Proposal, keys: list[int]) -> str:
    people = proposal.program.participants.filter(pk__in=keys)
    return ", ".join(map(str, people)) or "None"


class KeepApartForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("first"), cleaned.get("second")
        if first and first == second:
            self.add_error("second", "Choose two different people.")
        return cleaned


@admin.register(KeepApart)
class KeepApartAdmin(ListExportMixin, ProgramAdmin):
    resource_classes = [KeepApartsExport]
    rows_called = "do-not-match pairs"
    form = KeepApartForm
    may_delete = True
    about_people = True
    list_display = ["first", "second", "reason", "note", "ruling"]
    list_filter = ["reason", "overruled"]
    list_filter_submit = True
    list_select_related = ["first", "second"]
    search_fields = ["first__name", "first__email", "second__name", "second__email"]
    search_help_text = "Name or email address of either person"
    fields = [("first", "second"), ("reason", "note"), "overruled"]
    actions = ["allow", "keep_apart"]
    list_before_template = "matching/exclusions/links.html"

    def delete_model(self, request: HttpRequest, obj: KeepApart) -> None:
        forget_pairs(KeepApart.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        forget_pairs(KeepApart.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))))

    @display(description="status", ordering="overruled", label={"Allowed": "success"})
    def ruling(self, row: KeepApart) -> str:
        return "Allowed" if row.overruled else "Do not match"

    @admin.action(description="Allow selected pairs", permissions=["change"])
    def allow(self, request: HttpRequest, chosen: Any) -> None:
        number = chosen.update(overruled=True)
        words = ngettext("Allowed %d pair.", "Allowed %d pairs.", number)
        self.message_user(request, words % number)

    @admin.action(description="Do not match selected pairs", permissions=["change"])
    def keep_apart(self, request: HttpRequest, chosen: Any) -> None:
        number = chosen.update(overruled=False)
        words = ngettext("%d pair will not be matched.", "%d pairs will not be matched.", number)
        self.message_user(request, words % number)
