"""What is kept of a file: the upload that waits for a button, and what an import did.

A member uploads a file, reads what it would change, and presses a button. Until then the file
waits as an Import in the state "draft", for `KEPT_FOR` and for nobody else. What was read from a
source waits for any member, until the next read.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from mentorship.domain.files.spreadsheets import checksum
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.report import Changed
from mentorship.domain.programs.data_log import log_access
from mentorship.models import DataAccess, Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# How long an upload waits for its button. What nobody has confirmed by then is deleted.
KEPT_FOR = datetime.timedelta(hours=12)


def new_draft(program: Program, kind: str, by: User, name: str, content: bytes) -> Import:
    """Return an unsaved draft of this upload, and delete the drafts that nobody confirmed.

    Raise ProgramAnonymised if nothing can be imported any more.
    """
    Program.objects.in_use(program.pk)
    forget_old_drafts()
    return Import(
        program=program,
        kind=kind,
        created_by=by,
        file_name=name[:255],
        sha256=checksum(content),
        content=content,
    )


def waiting_draft(pk: int, kind: str, by: User) -> Import | None:
    """Return this user's draft if it still waits, else None; its program is locked."""
    of_user = Import.objects.filter(created_by=by, created_at__gte=_oldest())
    drafts = of_user.filter(pk=pk, kind=kind, state=Import.State.DRAFT).select_related("program")
    if found := drafts.first():
        Program.objects.locked(found.program_id)
        return drafts.first()  # as it is now that nobody else is at work on it
    return None


def forget_old_drafts() -> None:
    """Delete the uploads that nobody has confirmed in time, with the people in them."""
    uploads = Import.objects.filter(state=Import.State.DRAFT, source=None)
    uploads.filter(created_at__lt=_oldest()).delete()


def fingerprint(report: Any) -> str:
    """Return a text that is the same for the same outcome of an import, in all its details."""
    return hashlib.sha256(repr(report).encode("utf-8", "surrogatepass")).hexdigest()


def keep_import(
    program: Program,
    kind: str,
    table: Table,
    done: Changed,
    *,
    difference: dict[str, Any],
    unattached: list[dict[str, Any]],
    undecided: list[dict[str, Any]],
    by: User | None = None,
    draft: Import | None = None,
) -> Import:
    """Save what an import has just done, in its transaction, and return the row.

    `difference` is what was shown of it (with its `numbers`), `unattached` the responses from
    unknown addresses, `undecided` the sign-ups without a role, `draft` the upload that
    waited, if it came through the pages.
    """
    kept = draft or Import(program=program, kind=kind, created_by=by)
    kept.file_name, kept.sha256 = table.name[:255], table.sha256
    kept.state, kept.imported_at = Import.State.DONE, timezone.now()
    kept.numbers, kept.report = difference["numbers"], difference
    kept.undo, kept.unattached, kept.undecided = done.as_json(), unattached, undecided
    kept.content, kept.progress, kept.seen, kept.answers = None, {}, "", {}
    kept.save()
    log_access(program, kept.created_by, DataAccess.What.IMPORTED, kept.get_kind_display())
    return kept


def remember_columns(program: Program, kind: str, headings: dict[str, str]) -> None:
    """Save what a committee takes these headings for: plain heading → key, "" for nothing.

    The program's row must be locked. What is saved of other headings stays.
    """
    row = Program.objects.only("import_columns").get(pk=program.pk)
    known = row.import_columns.get(kind, {}) | headings
    program.import_columns = row.import_columns | {kind: known}
    Program.objects.filter(pk=program.pk).update(import_columns=program.import_columns)


def imported_before(program: Program, kind: str, sha256: str) -> Import | None:
    """Return the newest import of this very file that was not undone, or None."""
    done = Import.objects.done_of(program, kind).filter(sha256=sha256)
    return done.light().select_related("created_by").order_by("-imported_at", "-pk").first()


def _oldest() -> datetime.datetime:
    return timezone.now() - KEPT_FOR
