"""The rows of the committee's lists, as Unfold writes them, with what all rows share found once.

Unfold looks for the headings, the classes and the address of its pages again with each cell. On a
page of fifty rows that took more time than anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db import models
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from unfold.templatetags import unfold_list
from unfold.utils import (
    display_for_dropdown,
    display_for_field,
    display_for_header,
    display_for_label,
    display_for_value,
)

_KEY = "the-key-of-the-row"
_headings_by_unfold = unfold_list.result_headers
_cells_by_unfold = unfold_list.items_for_result


@dataclass(frozen=True)
class _Column:
    """One column of a list: what stands around what it shows of a row."""

    shown: Callable[[Any], Any]
    before: SafeString
    after: SafeString
    # Around the key of the row, in the link to its page; None where the column has no link.
    link: tuple[SafeString, SafeString] | None

    def cell(self, row: Any) -> SafeString:
        """Return the cell of a row."""
        words: str = conditional_escape(self.shown(row))
        if self.link:
            words = f"{self.link[0]}{row.pk}{self.link[1]}{words}</a>"
        return SafeString(f"{self.before}{words}{self.after}")


def headings_of(changelist: Any) -> list[dict[str, Any]]:
    """Return the headings of a list, which are found once."""
    if not hasattr(changelist, "headings"):
        changelist.headings = list(_headings_by_unfold(changelist))
    headings: list[dict[str, Any]] = changelist.headings
    return headings


def cells_of(changelist: Any, row: Any, form: Any) -> Iterator[SafeString]:
    """Yield the cells of a row. What is edited in the list, or chosen for a form, is Unfold's."""
    if not hasattr(changelist, "columns"):
        changelist.columns = _columns_of(changelist)
    if form or changelist.columns is None:
        yield from _cells_by_unfold(changelist, row, form)
    else:
        for column in changelist.columns:
            yield column.cell(row)


def _columns_of(changelist: Any) -> list[_Column] | None:
    """Return the columns; None unless each is a field or a method of the list."""
    fields = {field.name: field for field in changelist.model._meta.concrete_fields}
    admin, names = changelist.model_admin, changelist.list_display
    known = all(
        isinstance(name, str) and (name in fields or hasattr(admin, name)) for name in names
    )
    if changelist.is_popup or admin.ordering_field or not known or "__str__" in names:
        return None
    columns: list[_Column] = []
    for name, heading in zip(names, headings_of(changelist), strict=True):
        field = fields.get(name)
        shown = _field_shown(admin, field) if field else _method_shown(admin, name)
        classes = [f"field-{name}", *unfold_list.ROW_CLASSES]
        if name == "action_checkbox":
            classes = unfold_list.CHECKBOX_CLASSES
        if isinstance(field, models.DateField | models.TimeField | models.ForeignKey):
            classes = [*classes, "nowrap"]
        links = changelist.list_display_links
        is_first = not any(column.link for column in columns)
        has_link = links is not None and (name in links if links else is_first)
        tag = "th" if has_link and is_first else "td"
        label = heading["text"] if columns or has_link else "Select record"
        columns.append(
            _Column(
                shown,
                format_html('<{} class="{}" data-label="{}">', tag, " ".join(classes), label),
                format_html("</{}>", tag),
                _link(changelist) if has_link else None,
            )
        )
    return columns


def _link(changelist: Any) -> tuple[SafeString, SafeString]:
    """Return what stands before and after a row's key where a link to its page begins."""
    opts = changelist.opts
    name = f"admin:{opts.app_label}_{opts.model_name}_change"
    filters = {"preserved_filters": changelist.preserved_filters, "opts": opts}
    url = add_preserved_filters(filters, reverse(name, args=[_KEY]))
    classes = " ".join(unfold_list.LINK_CLASSES)
    before, after = format_html('<a href="{}" class="{}" >', url, classes).split(_KEY)
    return SafeString(before), SafeString(after)


def _field_shown(admin: Any, field: Any) -> Callable[[Any], Any]:
    empty = admin.get_empty_value_display()

    def shown(row: Any) -> Any:
        value = getattr(row, field.name)
        if isinstance(field.remote_field, models.ManyToOneRel):
            return empty if value is None else value
        return display_for_field(value, field, empty)

    return shown


def _method_shown(admin: Any, name: str) -> Callable[[Any], Any]:
    method = getattr(admin, name)
    empty = getattr(method, "empty_value_display", admin.get_empty_value_display())
    if label := getattr(method, "label", False):
        return lambda row: display_for_label(method(row), empty, label)
    if getattr(method, "dropdown", False):
        return lambda row: display_for_dropdown(row, name, method(row), empty)
    if getattr(method, "header", False):
        return lambda row: display_for_header(method(row), empty)
    boolean = getattr(method, "boolean", False)

    def shown(row: Any) -> Any:
        value = method(row)
        return value if isinstance(value, str) else display_for_value(value, empty, boolean)

    return shown


unfold_list.result_headers = headings_of
unfold_list.items_for_result = cells_of
