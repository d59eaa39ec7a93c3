"""What was imported, to look at again and to undo."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from mentorship.domain.imports.jobs import ROWS_AT_ONCE, job_progress
from mentorship.domain.imports.kinds import KINDS
from mentorship.domain.imports.undecided import waiting_signups
from mentorship.domain.imports.undo import obstacles, touched, why_not_at_all
from mentorship.domain.meaning.remembered import OPTIONS
from mentorship.interfaces.admin.base import ObjectContextMixin, ProgramAdmin
from mentorship.models import Import, Participant, ValueMeaning

_SHOWN = 200


class KindFilter(DropdownFilter):
    """The kinds of files that are kept once they are imported."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, str(Import.Kind(kind).label)) for kind in KINDS]

    def queryset(self, request: HttpRequest, imports: QuerySet[Import]) -> QuerySet[Import]:
        return imports.filter(kind=self.value()) if self.value() else imports


@admin.register(Import)
class ImportAdmin(ObjectContextMixin, ProgramAdmin):
    """Imports are read here; what one did is undone as a whole, or not at all."""

    may_add = may_change = False
    change_list_template = "mentorship/imports/list.html"
    change_form_outer_after_template = "mentorship/imports/done.html"
    list_display = ["file", "kind", "shown_state", "when", "who", "shown_numbers"]
    list_filter = [KindFilter]
    list_filter_submit = True
    list_select_related = ["program", "created_by"]
    search_fields = ["file_name"]
    ordering = ["-imported_at", "-pk"]
    fields = [
        ("file", "kind"),
        ("when", "who"),
        "shown_numbers",
        "undone",
        "sha256",
    ]
    readonly_fields = ["file", "kind", "when", "who", "shown_numbers", "undone", "sha256"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        mine = super().get_queryset(request).values("pk")
        return Import.objects.light().filter(pk__in=mine).exclude(state=Import.State.DRAFT)

    def object_context(self, request: HttpRequest, obj: Import) -> dict[str, Any]:
        return {"done": obj, "sections": obj.report.get("sections", [])} | _open(obj)

    @display(description="file", ordering="file_name")
    def file(self, done: Import) -> str:
        return str(done)

    @display(description="state", ordering="state", label={"imported": "success"})
    def shown_state(self, done: Import) -> str:
        return str(done.get_state_display())

    @display(description="imported", ordering="imported_at")
    def when(self, done: Import) -> str:
        return _moment(done, done.imported_at)

    @display(description="by", ordering="created_by__username")
    def who(self, done: Import) -> str:
        if done.source_id and not done.created_by_id:
            return "a source"
        return str(done.created_by or "a command")

    @display(description="what it did")
    def shown_numbers(self, done: Import) -> str:
        return get_text_list([f"{count} {what}" for count, what in done.numbers if count], "and")

    @display(description="undone")
    def undone(self, done: Import) -> str:
        if not done.undone_at:
            return "no"
        by = f" by {done.undone_by}" if done.undone_by else ""
        return f"{_moment(done, done.undone_at)}{by}"


def _moment(done: Import, moment: Any) -> str:
    return done.program.formats.short_moment(moment)


def _open(done: Import) -> dict[str, Any]:
    """Return what can still be done about an import: decide on people, attach responses, undo."""
    if done.progress.get("job"):
        return {"draft": done, "progress": job_progress(done)}
    why_not = why_not_at_all(done)
    # Of fifty thousand people it takes a minute to find out.
    large = len(touched(done)) > ROWS_AT_ONCE if done.undo else False
    in_the_way = [] if why_not or large else obstacles(done)
    missing: QuerySet[Participant] = Participant.objects.none()
    if done.kind == Import.Kind.SIGNUPS and done.state == Import.State.DONE:
        missing = Participant.objects.filter(program=done.program_id).not_in_signups()
    return {
        "why_not": why_not,
        "large": large,
        "obstacles": in_the_way[:_SHOWN],
        "more_obstacles": max(0, len(in_the_way) - _SHOWN),
        "what_undo_does": _what_undo_does(done),
        "missing": missing.order_by("name", "pk")[:_SHOWN],
        "undecided": _undecided(done)[:_SHOWN],
        "waiting": done.unattached[:_SHOWN],
        "more_waiting": max(0, len(done.unattached) - _SHOWN),
    }


def _undecided(done: Import) -> list[tuple[str, dict[str, Any]]]:
    """Return the sign-ups of this import that wait for a decision, each as (key, entry)."""
    if done.kind != Import.Kind.SIGNUPS or done.state != Import.State.DONE:
        return []
    waiting = waiting_signups(done.program)
    return [(key, entry) for key, entry in waiting if key.startswith(f"{done.pk}-")]


def _what_undo_does(done: Import) -> str:
    """Return in words what undoing this import removes and restores."""
    restored = {*done.undo.get("columns", {}), *done.undo.get("fields", {})}
    numbers = (
        (len(done.undo.get("created", [])), "new person is removed", "new people are removed"),
        (len(done.undo.get("responses", [])), "response is removed", "responses are removed"),
        (
            len(restored),
            "changed person gets back what they had",
            "changed people get back what they had",
        ),
    )
    words = [f"{n:,} {ngettext(one, many, n)}" for n, one, many in numbers if n]
    return get_text_list(words, "and") or "it changed nobody"


class MeaningForm(ModelForm):
    """What a word means, of the meanings that words of its kind can have."""

    class Meta:
        model = ValueMeaning
        fields = ("meaning",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "meaning" in self.fields:
            choices: Any = self.fields["meaning"]
            choices.choices = OPTIONS[self.instance.kind]


@admin.register(ValueMeaning)
class ValueMeaningAdmin(ProgramAdmin):
    """What words mean in a program's files; what is deleted is read or asked about again."""

    form = MeaningForm
    may_add = False
    may_delete = True
    list_display = ["shown", "kind", "meaning", "created_by"]
    list_select_related = ["program", "created_by"]
    search_fields = ["shown"]
    fields = ["shown", "kind", "meaning"]
    readonly_fields = ["shown", "kind"]
