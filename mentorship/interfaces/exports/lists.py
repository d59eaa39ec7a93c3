"""A list of the committee's pages as a file: what is in it, and the page that offers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.resources import Resource
from unfold.contrib.import_export.forms import ExportForm

from mentorship.domain.programs.data_log import log_export
from mentorship.interfaces.exports.formats import FORMATS, Rows
from mentorship.interfaces.requests import only_reads, program_of
from mentorship.models import Program

# A heading, and what stands under it: text, a number, yes or no (bool), an aware moment or a list.
Column = tuple[str, Callable[[Any], Any]]
# Rows that are read from the database at a time.
_CHUNK = 2000


class ListExport(Resource):
    """One kind of rows of one program. A subclass says its `columns` and what to fetch with them.

    `name` is the beginning of the file's name.
    """

    name: ClassVar[str]

    def __init__(self, program: Program, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.program = program
        self.fields = {
            heading: Field(column_name=heading, dehydrate_method=value)
            for heading, value in self.columns()
        }

    def columns(self) -> Sequence[Column]:
        """Return the columns, from left to right; no two headings are the same."""
        raise NotImplementedError("every export implements columns()")

    def fetch(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the same rows with what the columns need, in a constant number of queries."""
        return rows

    def export(self, queryset: QuerySet[Any] | None = None, **kwargs: Any) -> Rows:
        assert queryset is not None  # there is no list of the rows of all programs
        return Rows(list(self.fields), self._rows(self.fetch(queryset)))

    def _rows(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        values = [value for _, value in self.columns()]
        for row in queryset.iterator(chunk_size=_CHUNK):
            yield [value(row) for value in values]

    @classmethod
    def get_display_name(cls) -> str:
        return cls.name

    def get_user_visible_fields(self) -> list[Field]:
        return list(self.fields.values())

    def local(self, moment: Any) -> Any:
        """Return a moment to the second on the program's clock; None stays."""
        return moment and self.program.local(moment).replace(microsecond=0)


class ListExportMixin(ExportMixin):
    """Offers what a list page shows, filtered, searched and ordered as it is, as a file."""

    export_form_class = ExportForm
    import_export_change_list_template = "mentorship/exports/list.html"

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """Offer the list as a file; what no list can be filtered by leads back to the list."""
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            meta = self.model._meta
            return redirect(f"admin:{meta.app_label}_{meta.model_name}_changelist")

    def get_export_formats(self) -> list[Any]:
        return FORMATS

    def has_export_permission(self, request: HttpRequest) -> bool:
        may_view: bool = self.has_view_permission(request)
        return may_view and not only_reads(request)

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"program": program_of(request)}

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        name = self.get_export_resource_classes(request)[0].name
        slug = program_of(request).slug
        return f"{name}-{slug}.{file_format.get_extension()}"

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: Any, export_form: Any = None
    ) -> FileResponse:
        """Send the file from where it was written, so that a long one never stands in memory."""
        file = self.get_export_data(file_format, request, queryset, export_form=export_form)
        name = self.get_export_resource_classes(request)[0].name
        log_export(program_of(request), request.user, name, queryset.count())
        return FileResponse(
            file,
            as_attachment=True,
            filename=self.get_export_filename(request, queryset, file_format),
            content_type=file_format.get_content_type(),
        )
