"""What an import from a source has to know of the read before, and leaves to the one after it.

A source's `state` holds it under these keys: `absent` are people who were in no row of the last
list, `counts` how many rows it had, refused ones and unknown addresses, `open` the questions that
its words left open, `refused` the rows that were not imported, `seen` those of them that somebody
has taken note of; `sheet` is the sheet of a workbook that is read, and `given` what was said for
all lists of this source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from mentorship.domain.meaning.remembered import DAY_ORDER
from mentorship.models import Import, ImportSource

_REFUSED_AT_MOST = 200


def absent_before(draft: Import) -> Collection[str] | None:
    """Return who was in no row of the last list of a draft's source; None for an upload."""
    if draft.source_id is None:
        return None
    state = ImportSource.objects.filter(pk=draft.source_id).values_list("state", flat=True).first()
    return set((state or {}).get("absent", []))


def note_import(draft: Import, report: Any, given: Mapping[str, str]) -> None:
    """Keep with a draft's source what was imported, in the transaction of the import.

    `given` is what was said for this file; of it, the order of day and month is not remembered for
    the program, but for this source.
    """
    source = ImportSource.objects.select_for_update(of=("self",)).filter(imports=draft).first()
    if source is None:
        return
    source.reviewed_at = source.reviewed_at or timezone.now()
    note_report(source, report)
    source.state["sheet"] = draft.sheet
    if DAY_ORDER in given:
        source.state["given"] = {DAY_ORDER: given[DAY_ORDER]}
    source.save(update_fields=["reviewed_at", "state"])


def note_report(source: ImportSource, report: Any) -> None:
    """Note, unsaved, what the next read has to know of this list."""
    refused = [[each.row, each.value, each.why] for each in report.refused[:_REFUSED_AT_MOST]]
    undecided = {entry["row"] for entry in getattr(report, "undecided", [])}
    source.state = source.state | {
        "absent": getattr(report, "unconfirmed", []),
        "counts": {
            "rows": report.rows,
            "refused": len(report.refused),
            "unknown": len(getattr(report, "unknown", [])),
        },
        "open": [asdict(question) for question in report.questions if not question.answer],
        # Who waits for a decision is listed as that.
        "refused": [each for each in refused if each[0] not in undecided],
    }
