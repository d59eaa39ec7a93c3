"""Keeping what an import did, so that the committee can look at it again and take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from mentorship.domain.files.spreadsheets import Table
from mentorship.domain.imports.report import Changed
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def keep_import(
    program: Program,
    kind: str,
    table: Table,
    done: Changed,
    *,
    difference: dict[str, Any],
    unattached: list[dict[str, Any]],
    by: AbstractBaseUser | None = None,
    draft: Import | None = None,
) -> Import:
    """Keep an import that has just been done, in its transaction, and give the saved row.

    `difference` is what was shown of it (with its `numbers`), `unattached` the answers of unknown
    addresses, `draft` the row that waited for it, if it came through the pages.
    """
    kept = draft or Import(program=program, kind=kind, created_by=by)  # type: ignore[misc]
    kept.file_name, kept.sha256 = table.name[:255], table.sha256
    kept.state, kept.imported_at = Import.State.DONE, timezone.now()
    kept.numbers, kept.report = difference["numbers"], difference
    kept.undo, kept.unattached = done.as_json(), unattached
    kept.content, kept.progress, kept.seen = None, {}, ""
    kept.save()
    return kept


def remember_columns(program: Program, kind: str, headings: dict[str, str]) -> None:
    """Remember what a committee takes these headings for: plain heading → key, "" for nothing.

    The program's row must be locked. What is said of other headings stays.
    """
    row = Program.objects.only("import_columns").get(pk=program.pk)
    known = row.import_columns.get(kind, {}) | headings
    program.import_columns = row.import_columns | {kind: known}
    Program.objects.filter(pk=program.pk).update(import_columns=program.import_columns)


def imported_before(program: Program, kind: str, sha256: str) -> Import | None:
    """Give the newest import of this very file that still counts, if there is one."""
    done = Import.objects.filter(program=program, kind=kind, sha256=sha256, state=Import.State.DONE)
    return done.light().select_related("created_by").order_by("-imported_at", "-pk").first()
