"""The question for a time zone: hundreds of options, written once for all who are asked."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


class TimeZoneSelect(forms.Select):
    """A list of all time zones, with their distance from UTC on the day `on`.

    A zone that is `known` and not in the list stands before it. Rendering a template for each
    option, as Django does, takes longer than all the rest of the form.
    """

    on: datetime.date
    known = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        options = _options(self.on)
        if self.known and self.known not in _names(self.on):
            options = format_html("{}{}", _option(self.known, self.known), options)
        chosen = f'value="{escape(value or "")}"'
        options = mark_safe(options.replace(chosen, f"{chosen} selected", 1))  # noqa: S308
        return format_html(
            "<select{}>{}{}</select>",
            flatatt(attributes),
            _option("", "Choose one"),
            options,
        )


class TimeZoneField(forms.CharField):
    """The name of a time zone: of the list, or the one that is known already."""

    widget = TimeZoneSelect

    def offer(self, on: datetime.date, known: str) -> None:
        """Offer the time zones as they are on this day, and the one that is known."""
        self.widget.on, self.widget.known = on, known

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value != self.widget.known and value not in _names(self.widget.on):
            raise forms.ValidationError(self.error_messages["invalid_choice"])


@functools.lru_cache(maxsize=8)
def time_zone_choices(on: datetime.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones by region, each with its distance from UTC at noon of this day."""
    noon = datetime.datetime.combine(on, datetime.time(12))
    grouped: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(zoneinfo.available_timezones()):
        region, _, place = name.partition("/")
        if place and region in grouped:
            offset = f"{noon.replace(tzinfo=zoneinfo.ZoneInfo(name)):%z}"
            label = f"{place.replace('_', ' ')} (UTC{offset[:3]}:{offset[3:5]})"
            grouped[region].append((name, label))
    return [*grouped.items(), ("No region", [("UTC", "UTC")])]


@functools.lru_cache(maxsize=8)
def _names(on: datetime.date) -> frozenset[str]:
    return frozenset(name for _, zones in time_zone_choices(on) for name, _ in zones)


@functools.lru_cache(maxsize=8)
def _options(on: datetime.date) -> SafeString:
    groups = (
        (region, format_html_join("", "{}", ((_option(*zone),) for zone in zones)))
        for region, zones in time_zone_choices(on)
    )
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def _option(value: str, label: str) -> SafeString:
    return format_html('<option value="{}">{}</option>', value, label)
