"""An edited workbook between its upload and the button that saves its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from matching.domain.sheets.upload import SheetsReport, import_matches
from mentorship.domain.files.spreadsheets import read_sheets
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.records import fingerprint, new_draft, waiting_draft
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHANGED_MEANWHILE = (
    "Something changed here after you opened the preview, so nothing was saved. Review the changes "
    "again."
)
READ_THE_WARNINGS = "Nothing was saved. Read the warnings, then check the box."


class SheetsNotSaved(Exception):
    """These sheets cannot be saved as shown; the message says why, or is "" for conflicts."""

    def __init__(self, draft: Import, why: str) -> None:
        super().__init__(why)
        self.draft, self.why = draft, why


def start_sheets(
    program: Program, by: User, name: str, content: bytes
) -> tuple[Import, SheetsReport]:
    """Keep an uploaded workbook, and return its draft with what saving it would change.

    Raise ValidationError, with nothing kept, if it cannot be read.
    """
    draft = new_draft(program, Import.Kind.MATCHES, by, name, content)
    return draft, look_again(draft)


def look_again(draft: Import) -> SheetsReport:
    """Return what saving a draft would change now, and save that this is what is shown."""
    report = import_matches(draft.program, _sheets(draft), dry_run=True)
    draft.seen = fingerprint(report)
    draft.save()
    return report


def save_sheets(pk: int, by: User, *, warnings_read: bool) -> SheetsReport | None:
    """Save the changes of this user's draft, as they were shown, and return them.

    Return None if the draft does not wait any more. Raise SheetsNotSaved, with nothing saved, if
    the outcome is another one, has warnings that nobody has read, or conflicts; ValidationError if
    the workbook cannot be read.
    """
    with transaction.atomic():
        draft = waiting_draft(pk, Import.Kind.MATCHES, by)
        if draft is None:
            return None
        report = import_matches(draft.program, _sheets(draft), by=by)
        if fingerprint(report) != draft.seen:
            raise SheetsNotSaved(draft, CHANGED_MEANWHILE)
        if report.problems and not warnings_read:
            raise SheetsNotSaved(draft, READ_THE_WARNINGS)
        if report.conflicts:
            raise SheetsNotSaved(draft, "")
        draft.delete()
    return report


def _sheets(draft: Import) -> dict[str, Table]:
    return read_sheets(bytes(draft.content or b""), draft.file_name)
