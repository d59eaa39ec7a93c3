"""What every page of the committee's site has in common: it shows one program, to its members."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import Field, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from mentorship.domain.programs.data_log import log_once_a_day
from mentorship.interfaces.admin.extensions import actions_for
from mentorship.interfaces.requests import current_program, is_chair_of, program_of
from mentorship.models import Membership, Program


class _InProgram(ModelForm):
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

    Being a member of the row's program is the permission; nobody else can reach the row, by
    list, by address or through a choice field. `program_path` leads from the row to its program.
    """

    program_path = "program"
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
        return rows.filter(**{self.program_path: program}) if program else rows.none()

    def _program_of(self, obj: Model) -> Program:
        for step in self.program_path.split("__"):
            obj = getattr(obj, step)
        assert isinstance(obj, Program)
        return obj

    def _is_member(self, request: HttpRequest, obj: Model | None) -> bool:
        user = request.user
        if not (user.is_active and user.is_authenticated):
            return False
        if obj is None:
            has_program = current_program(request) is not None
            return has_program and (is_chair_of(request) or not self.chairs_only)
        if user.is_superuser:
            return True
        memberships = Membership.objects.filter(program=self._program_of(obj), user=user)
        if self.chairs_only:
            memberships = memberships.filter(level=Membership.Level.CHAIR)
        return memberships.exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_member(request, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_member(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_add and self._is_member(request, None) and not self._is_over(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and self._is_member(request, obj) and not self._is_over(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._is_member(request, obj)

    def _is_over(self, request: HttpRequest) -> bool:
        """Return whether these rows are about people who are anonymized."""
        program = current_program(request)
        return self.about_people and program is not None and program.anonymised_at is not None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if IS_POPUP_VAR not in request.GET and self.has_view_permission(request):
            added = [self.get_action(action) for action in actions_for(self.model)]
            actions |= {name: (act, name, words) for act, name, words in filter(None, added)}
        return actions

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

    def formfield_for_foreignkey(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
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
