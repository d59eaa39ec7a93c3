"""Whether a list looks wrong: half of it, another event, a column moved. Then nothing is changed.

A member can look at what it would change, and import it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mentorship.domain.imports.responses import ResponseReport
from mentorship.domain.imports.signups import SignupReport
from mentorship.models import ImportSource

# Of a handful of people some may well go or change on one day.
_FEW = 4
_VANISHED, _CHANGED, _REFUSED, _ROWS, _UNKNOWN = 0.2, 0.5, 0.5, 0.3, 0.5
_MOVED = "Were columns moved or renamed?"


def why_doubted(source: ImportSource, report: Any) -> str:
    """Return why a list looks wrong, against what its source and the program had; "" if not."""
    if report.nothing_read:
        return "None of its rows can be imported. Check the columns."
    before = source.state.get("counts", {})
    if isinstance(report, SignupReport):
        why = _about_signups(report)
    else:
        assert isinstance(report, ResponseReport)
        why = _about_responses(report, before)
    refused = len(report.refused)
    if not why and _too_many(refused - before.get("refused", 0), report.rows, _REFUSED):
        return f"{refused} of {report.rows} rows suddenly cannot be imported."
    return why


def _about_signups(report: SignupReport) -> str:
    gone, newly = len(report.unconfirmed), report.newly_missing
    known = len(report.updated) + report.unchanged + gone + len(report.missing)
    if _too_many(gone, known, _VANISHED):
        return (
            f"{gone} of {known} people are suddenly not in the list. Is it the list of another "
            "event, or only a part of it?"
        )
    if _too_many(newly, known, _CHANGED):
        return f"{newly} of {known} people suddenly have no valid ticket."
    changed = sum(bool(change.fields.keys() - {"registration"}) for change in report.updated)
    if _too_many(changed, known, _CHANGED):
        return f"{changed} of {known} people changed at once. {_MOVED}"
    return ""


def _about_responses(report: ResponseReport, before: Mapping[str, int]) -> str:
    rows, answered = before.get("rows", 0), report.people + len(report.unknown)
    if _too_many(rows - report.rows, rows, _ROWS):
        return f"The list has {report.rows} rows and had {rows} before."
    unknown = len(report.unknown) - before.get("unknown", 0)
    if _too_many(unknown, answered, _UNKNOWN):
        return (
            f"{unknown} of {answered} people who answered are suddenly not in the program. Is it "
            "the form of another event?"
        )
    # Many who answer between two reads bring a row each.
    changed = len(report.changed) - max(0, report.rows - rows)
    if _too_many(changed, answered, _CHANGED):
        return f"{changed} of {answered} people changed at once. {_MOVED}"
    return ""


def _too_many(some: int, of: int, share: float) -> bool:
    return some > _FEW and some > of * share


def brings_something(report: Any, newest: Any) -> bool:
    """Return whether a list says anything that the last import of its source did not.

    `newest` is that Import, or None.
    """
    if isinstance(report, SignupReport):
        waiting = {entry["email"] for entry in newest.undecided} if newest else set()
        return bool(
            report.created
            or report.updated
            or report.newly_missing
            or waiting != {entry["email"] for entry in report.undecided}
        )
    known = {entry["value"] for entry in newest.unattached} if newest else set()
    return bool(report.recorded or {unknown.value for unknown in report.unknown} - known)
