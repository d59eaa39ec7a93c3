"""People as a spreadsheet: what is exported, and how a cell is kept from running as a formula."""

from __future__ import annotations

from typing import Any

import tablib
from import_export.fields import Field as Column
from import_export.formats import base_formats
from import_export.resources import ModelResource

from mentorship.interfaces.people_states import states_of, with_states
from mentorship.models import Participant

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def defuse(cell: Any) -> Any:
    """Give the cell's value so that a spreadsheet shows it as text and never runs it.

    An apostrophe in front is what spreadsheets themselves write for "this is text". Numbers stay.
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell


class _Defused:
    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> Any:
        safe = tablib.Dataset(
            *([defuse(cell) for cell in row] for row in dataset),
            headers=dataset.headers,
            title=dataset.title,
        )
        return super().export_data(safe, **kwargs)  # type: ignore[misc]


class CSV(_Defused, base_formats.CSV):
    """Comma-separated text in UTF-8, with the mark by which Excel knows that it is."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> str:
        return "\ufeff" + super().export_data(dataset, **kwargs)


class XLSX(_Defused, base_formats.XLSX):
    """An Excel workbook."""


FORMATS = [CSV, XLSX]


class PeopleExport(ModelResource):
    """One row a person, under headings that the import understands too."""

    role_now = Column(attribute="role", column_name="Role")
    attendance_now = Column(attribute="attendance_words", column_name="Attending")
    stage = Column(attribute="get_career_stage_display", column_name="Career stage")
    sector_name = Column(attribute="sector__name", column_name="Sector")
    field_names = Column(column_name="Fields")
    states = Column(column_name="State")
    doubt = Column(attribute="role_doubt", column_name="Role in doubt")

    class Meta:
        model = Participant
        name = "People"
        fields = (
            "name",
            "email",
            "role_now",
            "doubt",
            "attendance_now",
            "affiliation",
            "sector_name",
            "stage",
            "field_names",
            "capacity",
            "topics_wanted",
            "topics_offered",
            "notes",
            "time_zone",
            "states",
            "withdrawn_why",
            "committee_notes",
            "ticket",
            "order_number",
        )
        export_order = fields

    def get_export_headers(self, *args: Any, **kwargs: Any) -> list[str]:
        headings = super().get_export_headers(*args, **kwargs)
        return [heading[:1].upper() + heading[1:].replace("_", " ") for heading in headings]

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        return with_states(queryset).select_related("sector").prefetch_related("fields")

    def dehydrate_field_names(self, person: Participant) -> str:
        return "; ".join(field.name for field in person.fields.all())

    def dehydrate_states(self, person: Participant) -> str:
        return ", ".join(state.words for state in states_of(person))
