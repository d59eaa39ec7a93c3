"""What every page of the committee's site has in common: it shows one program, to its members."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import SEARCH_VAR, ChangeListSearchForm
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.validators import MaxLengthValidator
from django.db.models import Field, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, checkbox
from unfold.decorators import display

from mentorship.domain.programs.data_log import log_once_a_day
from mentorship.interfaces.admin import dates, list_rows  # noqa: F401  (what Unfold shows is made there)
from mentorship.interfaces.admin.as_shown import AsShownForm
from mentorship.interfaces.admin.extensions import actions_for
from mentorship.interfaces.people_choice import PersonField
from mentorship.interfaces.requests import (
    current_program,
    is_chair_of,
    may_change_in,
    only_reads,
    program_of,
)
from mentorship.models import Participant, Program

_KEY = "the-key-of-the-row"
# Characters: names, addresses and words of a text are shorter.
_SEARCHED = 200


@cache
def _around_key() -> tuple[SafeString, SafeString]:
    """Return what stands before and after the key in the checkbox of a row."""
    before, after = checkbox.render(ACTION_CHECKBOX_NAME, _KEY).split(_KEY)
    return SafeString(before), SafeString(after)


class _InProgram(AsShownForm):
    """The program is no field of the form, but the database's rules rest on it."""

    program: Program

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.program_id is None:
            self.instance.program_id = self.program.pk

    def _get_validation_exclusions(self) -> set[str]:
        form: Any = super()
        excluded: set[str] = form._get_validation_exclusions()
        return excluded - {"program"}


class _SearchForm(ChangeListSearchForm):
    """Refuses, in words, to search for so much that SQLite cannot."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields[SEARCH_VAR]
        words = f"Search for at most {_SEARCHED} characters. This list is not searched."
        field.validators.append(MaxLengthValidator(_SEARCHED, words))


class DeletedOneByOneMixin:
    """Has no action that deletes a selection: of several chairs each counts on the others."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        return {name: action for name, action in actions.items() if name != "delete_selected"}


class ObjectContextMixin:
    """Shows more of one row on its page than its form: what `object_context` returns."""

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the context of the page of this row, which the user may see."""
        raise NotImplementedError("every page with ObjectContextMixin implements object_context()")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        options = cast(ModelAdmin, self)
        obj = options.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if obj and options.has_view_permission(request, obj):
            context |= self.object_context(request, obj)
        view: Any = super()
        return view.changeform_view(request, object_id, form_url, context)


class ProgramAdmin(ModelAdmin):
    """Lists and edits the rows of the program that the user is looking at.

    That the row is of this program is the permission; nobody else can reach the row, by list, by
    address or through a choice field. `program_path` leads from the row to its program. Readers see
    the rows where `readers_see` says so, and change none; `chairs_only` keeps members out, too.
    """

    program_path = "program"
    # Unfold's list asks for it twice a row, and what is not there takes a template longest.
    list_sections: tuple[Any, ...] = ()
    readers_see = False
    list_per_page = 50
    warn_unsaved_form = True
    chairs_only = False
    may_add = True
    may_change = True
    may_delete = False
    # Its rows are about people: who opens the list is noted, and they end with the program.
    about_people = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        program = current_program(request)
        rows = super().get_queryset(request)
        if not program:
            return rows.none()
        if self.program_path != "program":
            return rows.filter(**{self.program_path: program})
        # So each row has its program, without a query, and without a copy of it for each row.
        way_back = self.model._meta.get_field("program").remote_field.get_accessor_name()
        here: QuerySet[Any] = getattr(program, way_back).all()
        ordering = self.get_ordering(request)
        return here.order_by(*ordering) if ordering else here

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        """Return the class of the list, with a search that takes no more than it can do."""
        changelist: Any = super().get_changelist(request, **options)
        return type(changelist.__name__, (changelist,), {"search_form_class": _SearchForm})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the list may be filtered by this: by what it offers, and no other column.

        Django takes any column that stands in the address. Who sees the list would find out, letter
        by letter, what it does not show them, such as somebody's personal link.
        """
        offers = self.get_list_filter(cast(HttpRequest, request))
        if lookup in {getattr(each, "parameter_name", "") for each in offers}:
            return True
        name = lookup.split(LOOKUP_SEP)[0]
        try:
            self.opts.get_field(name)
        except FieldDoesNotExist:
            return True  # leads back to the list
        return name in {each[0] if isinstance(each, tuple) else each for each in offers}

    def _program_of(self, obj: Model) -> Program:
        for step in self.program_path.split("__"):
            obj = getattr(obj, step)
        assert isinstance(obj, Program)
        return obj

    def _is_here(self, request: HttpRequest, obj: Any) -> bool:
        """Return whether a row, or a new one, is of the program that the user is looking at."""
        program = current_program(request)
        return program is not None and (obj is None or self._program_of(obj) == program)

    def _may_work(self, request: HttpRequest, obj: Any) -> bool:
        """Return whether the user may work on a row of this kind, and this one is here."""
        allowed = is_chair_of(request) if self.chairs_only else may_change_in(request)
        return allowed and self._is_here(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self.readers_see and only_reads(request):
            return self._is_here(request, obj)
        return self._may_work(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and self._may_work(request, None) and not self._is_over(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and self._may_work(request, obj) and not self._is_over(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._may_work(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show who changed a row: to those who may, and of a row that is here."""
        if only_reads(request):
            raise PermissionDenied
        if self.get_object(request, object_id) is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        view: Any = super()
        return view.history_view(request, object_id, extra_context)

    def _is_over(self, request: HttpRequest) -> bool:
        """Return whether these rows are about people who are anonymized."""
        program = current_program(request)
        return self.about_people and program is not None and program.anonymised_at is not None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if only_reads(request):
            return {}
        if IS_POPUP_VAR not in request.GET and self.has_view_permission(request):
            added = [self.get_action(action) for action in actions_for(self.model)]
            actions |= {name: (act, name, words) for act, name, words in filter(None, added)}
        return actions

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Model) -> str:
        """Return the checkbox that selects a row, without the work of a widget for each."""
        before, after = _around_key()
        return format_html("{}{}{}", before, obj.pk, after)

    # Titles of our own, in place of "Select person to change" and "Add person".

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        if self.about_people and (program := current_program(request)):
            log_once_a_day(program, request.user, str(self.opts.verbose_name_plural))
        title = {"title": capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, title | (extra_context or {}))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        title = str(obj) if obj else f"New {self.opts.verbose_name}"
        context |= {"title": title, "subtitle": None}
        if only_reads(request):
            context["show_history"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*(super().get_exclude(request, obj) or []), "program"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change and self.program_path == "program":
            obj.program = program_of(request)
        super().save_model(request, obj, form, change)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if self.program_path != "program":
            return form
        return type(form.__name__, (_InProgram, form), {"program": program_of(request)})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Other rows have pages of their own; here one only chooses. No key opens its menu.
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.related_model is Participant:
            kwargs.setdefault("form_class", PersonField)
        self._only_this_program(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        self._only_this_program(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _only_this_program(
        self, db_field: Field[Any, Any], request: HttpRequest, kwargs: dict[str, Any]
    ) -> None:
        model = db_field.related_model
        if isinstance(model, type) and any(f.name == "program" for f in model._meta.get_fields()):
            kwargs["queryset"] = model._default_manager.filter(program=current_program(request))


class HistoryAdmin(ProgramAdmin, SimpleHistoryAdmin):
    """Also shows what a row was before each change, to read and not to go back to."""

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> Any:
        # The page would save what is sent to it, although it shows no button for that.
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if only_reads(request) or self.get_object(request, object_id) is None:
            raise Http404("There is no such row here.")
        return super().history_form_view(request, object_id, version_id, extra_context)

    def render_history_view(
        self, request: HttpRequest, template: str, context: dict[str, Any], **options: Any
    ) -> Any:
        """Say when each change was made as the program does, and nothing where no reason is."""
        for record in context.get("page_obj", ()):
            program = self._program_of(context["object"])
            record.history_date = program.formats.moment(record.history_date)
            record.history_change_reason = record.history_change_reason or ""
        return super().render_history_view(request, template, context, **options)
