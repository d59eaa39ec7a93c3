"""A file between its upload and the press of the button that imports it, and its way back.

Until then it is an Import as a draft. Large files are read, imported and undone by a worker, so
that no page waits for them; how far it is stands in `progress`, which the page asks for.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from mentorship.domain.column_guesses import is_certain
from mentorship.domain.import_records import imported_before
from mentorship.domain.import_undo import touched, undo_import, why_not_at_all
from mentorship.domain.queue import QueueUnreachable, check_queue
from mentorship.domain.signals import asked_what_follows
from mentorship.domain.spreadsheets import Table, checksum, read_table
from mentorship.interfaces.import_files import KEPT_FOR, fingerprint
from mentorship.interfaces.imports import RESOURCES, ProgramResource
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# The jobs of `mentorship.tasks`, in the words of the page that waits for them.
_DOING = {
    "preview_import": "Reading",
    "run_import": "Importing",
    "undo_import": "Undoing the import of",
}
# Longer than this nothing takes between two signs of life.
_SILENT_FOR = datetime.timedelta(seconds=60)
# More rows than this take longer than a page should.
ROWS_AT_ONCE = 2000
CHANGED_MEANWHILE = (
    "The program has changed since you looked, so nothing was imported. Look again at what would "
    "change."
)


def start_draft(
    program: Program, kind: str, by: AbstractBaseUser, name: str, content: bytes
) -> Import:
    """Keep an upload as a draft, with what its columns are taken for; look at it if it is small.

    Throws forgotten drafts away. Raises ValidationError, with nothing kept, if the file cannot be
    read.
    """
    _drafts().filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    table = read_table(content, name)
    resource = RESOURCES[kind](program)
    guesses = resource.guess(table)
    certain = is_certain(guesses, resource.columns, needs_name=resource.needs_name)
    draft = Import(
        program=program,
        kind=kind,
        created_by=by,  # type: ignore[misc]
        file_name=name[:255],
        sha256=checksum(content),
        content=content,
        columns=[asdict(guess) for guess in guesses],
        choice=[guess.key for guess in guesses] if certain else None,
        progress={"rows": len(table)},
    )
    with transaction.atomic():
        draft.save()
        if certain:
            look(draft, table)
    return draft


def choose_columns(draft: Import, keys: list[str]) -> list[str]:
    """Take a person's word for what each column of a draft is, and look at it anew.

    Gives what is wrong with the choice, in sentences; then the difference is not shown.
    """
    resource = RESOURCES[draft.kind](draft.program)
    if len(keys) != len(draft.columns):
        return ["The columns of this page are not those of the file. Choose the file again."]
    for guess, key in zip(draft.columns, keys, strict=True):
        if key != guess["key"]:
            guess["key"], guess["by"] = key, "choice"
    draft.choice, draft.report = None, {}
    faults = resource.faults(keys)
    if not faults:
        draft.choice = keys
    draft.save(update_fields=["columns", "choice", "report"])
    if not faults:
        look(draft)
    return faults


def look(draft: Import, table: Table | None = None) -> None:
    """Find out what importing a draft would change: now if it is small, else by a worker.

    Raises ValidationError if it cannot be imported at all.
    """
    if _is_large(draft) and _hand_over(draft, "preview_import"):
        return
    look_now(draft, table)


def look_now(draft: Import, table: Table | None = None) -> None:
    """Find out what importing a draft would change, and save that with it.

    Raises ValidationError if it cannot be imported at all.
    """
    table = table or read_table(bytes(draft.content or b""), draft.file_name)
    resource = _resource(draft)
    report = resource.import_data(table, dry_run=True, choice=draft.choice).report
    preview = resource.layout(report)
    draft.report = preview.as_json() | {"notes": _notes(draft, table, preview.joining)}
    draft.seen = fingerprint(report)
    draft.progress = {"rows": len(table)}
    draft.save(update_fields=["report", "seen", "progress"])


def bring_in(draft: Import) -> None:
    """Import a draft whose difference was shown: now if it is small, else by a worker."""
    if _is_large(draft) and _hand_over(draft, "run_import"):
        return
    bring_in_now(draft)


def bring_in_now(draft: Import) -> None:
    """Import a draft if the outcome is the one that was shown; else show the new one.

    Does nothing if it is imported already. Raises ValidationError, with nothing saved, if it
    cannot be imported, or if the program has changed since.
    """
    changed = False
    table = read_table(bytes(draft.content or b""), draft.file_name)
    with transaction.atomic():
        # Two presses of the button, or two workers: the second finds that it is no draft any more.
        Program.objects.select_for_update(no_key=True).get(pk=draft.program_id)
        draft.refresh_from_db(fields=["state", "choice", "seen"])
        if draft.state != Import.State.DRAFT:
            return
        seen = draft.seen
        result = _resource(draft).import_data(table, choice=draft.choice, draft=draft)
        if fingerprint(result.report) != seen:
            transaction.set_rollback(True)
            changed = True
    if changed:
        draft.refresh_from_db()
        look_now(draft, table)
        raise ValidationError(CHANGED_MEANWHILE)


def take_back(done: Import, by: AbstractBaseUser) -> bool:
    """Undo an import, now if it is small, else by a worker; say whether it is undone by now.

    Raises ValidationError, with nothing undone, if something was built on it.
    """
    rows = len(touched(done))
    if rows > ROWS_AT_ONCE and not why_not_at_all(done):
        done.progress = {"rows": rows, "by": by.pk}
        if _hand_over(done, "undo_import"):
            return False
    undo_import(done, by)
    return True


def take_back_now(done: Import) -> None:
    """Undo an import in the name of whoever asked for it.

    Raises ValidationError, with nothing undone, if something was built on it.
    """
    undo_import(done, get_user_model().objects.filter(pk=done.progress.get("by")).first())
    Import.objects.filter(pk=done.pk).update(progress={})


def work_on(row: Import, job: Callable[[Import], None]) -> None:
    """Do a worker's job on an import, and leave with it why it could not be done."""
    try:
        job(row)
    except ValidationError as error:
        state = {"rows": row.progress.get("rows", 0), "error": " ".join(error.messages)}
        Import.objects.filter(pk=row.pk).update(progress=state)


def progress_of(row: Import) -> dict[str, Any]:
    """Give how far a worker is with an import's job, for its page."""
    said = row.progress
    total, done = said.get("total", 0), said.get("done", 0)
    moved = datetime.datetime.fromisoformat(said["at"])
    return {
        "draft": row,
        "doing": _DOING[said["job"]],
        "reading": said["job"] == "preview_import",
        "rows": said["rows"],
        "done_so_far": done,
        "total": total,
        "percent": 100 * done // total if total else 0,
        "silent": timezone.now() - moved > _SILENT_FOR,
        "moved": moved,
    }


def _drafts() -> Any:
    return Import.objects.filter(state=Import.State.DRAFT)


def _resource(draft: Import) -> ProgramResource:
    def progress(done: int, total: int) -> None:
        if _is_large(draft):
            _show_progress(draft, done, total)

    return RESOURCES[draft.kind](draft.program, progress=progress, by=draft.created_by)


def _is_large(draft: Import) -> bool:
    return int(draft.progress.get("rows", 0)) > ROWS_AT_ONCE


def _hand_over(draft: Import, task: str) -> bool:
    """Leave a job to a worker; say whether the queue takes it."""
    try:
        check_queue()
    except QueueUnreachable:
        return False
    kept = {key: draft.progress[key] for key in ("rows", "by") if key in draft.progress}
    draft.progress = kept | {"job": task, "at": _now()}
    draft.save(update_fields=["progress"])
    transaction.on_commit(
        lambda: current_app.send_task(f"mentorship.tasks.{task}", [draft.pk], ignore_result=True)
    )
    return True


def _show_progress(draft: Import, done: int, total: int) -> None:
    draft.progress |= {"done": done, "total": total, "at": _now()}
    if not connection.in_atomic_block:
        _drafts().filter(pk=draft.pk).update(progress=draft.progress)
    elif connection.vendor == "postgresql":
        # Nobody sees what an open transaction writes, so a connection of its own says it. SQLite
        # lets nobody else write meanwhile; there the page only says that the import is at work.
        aside = connection.copy()
        try:
            with aside.cursor() as cursor:
                cursor.execute(
                    "UPDATE mentorship_import SET progress = %s WHERE id = %s",
                    [json.dumps(draft.progress), draft.pk],
                )
        finally:
            aside.close()


def _now() -> str:
    return timezone.now().isoformat()


def _notes(draft: Import, table: Table, joining: int) -> list[str]:
    """Give sentences that belong above the difference."""
    notes = [table.note] if table.note else []
    if before := imported_before(draft.program, draft.kind, draft.sha256):
        moment = draft.program.local(before.imported_at)  # type: ignore[arg-type]
        by = f" by {before.created_by}" if before.created_by else ""
        notes.append(f"This very file was imported on {moment:%-d %B %Y, %H:%M}{by}.")
    if joining:
        answers = asked_what_follows.send(Import, program=draft.program, joining=joining)
        notes += [sentence for _, sentence in answers if sentence]
    return notes
