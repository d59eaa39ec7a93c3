"""What every page of the committee's site has in common: it shows one program, to its members."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from mentorship.models import Membership, Program


class ProgramAdmin(ModelAdmin):
    """Lists and edits the rows of the program that the user is looking at.

    Being a member of the row's program is the permission; nobody else can reach the row, by
    list, by address or through a choice field. `program_path` leads from the row to its program.
    """

    program_path = "program"
    list_per_page = 100
    warn_unsaved_form = True
    chairs_only = False
    may_add = True
    may_change = True
    may_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        program = request.program  # type: ignore[attr-defined]
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
            program = request.program  # type: ignore[attr-defined]
            return bool(program and (request.is_chair or not self.chairs_only))  # type: ignore[attr-defined]
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
        return self.may_add and self._is_member(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and self._is_member(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._is_member(request, obj)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*(super().get_exclude(request, obj) or []), "program"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change and self.program_path == "program":
            obj.program = request.program  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if self.program_path != "program":
            return form
        program = request.program  # type: ignore[attr-defined]

        class InProgram(form):  # type: ignore[misc, valid-type]
            """The program is no field of the form, but the database's rules rest on it."""

            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                if self.instance.program_id is None:
                    self.instance.program_id = program.pk

            def _get_validation_exclusions(self) -> set[str]:
                excluded: set[str] = super()._get_validation_exclusions()
                return excluded - {"program"}

        return InProgram

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
            kwargs["queryset"] = model._default_manager.filter(program=request.program)  # type: ignore[attr-defined]
