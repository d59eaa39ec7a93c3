"""A file between its upload and the press of the button that imports it: an Import as a draft."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.files.spreadsheets import Table, checksum, read_table
from mentorship.domain.imports.column_guesses import is_certain
from mentorship.domain.imports.records import imported_before
from mentorship.domain.signals import asked_what_follows
from mentorship.interfaces.imports.jobs import hand_over, is_large, show_progress
from mentorship.interfaces.imports.resources import RESOURCES, ProgramResource
from mentorship.interfaces.imports.uploads import KEPT_FOR, fingerprint
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

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
    drafts = Import.objects.filter(state=Import.State.DRAFT)
    drafts.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
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
    if is_large(draft) and hand_over(draft, "preview_import"):
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
    if is_large(draft) and hand_over(draft, "run_import"):
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
        Program.objects.locked(draft.program_id)
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


def _resource(draft: Import) -> ProgramResource:
    def progress(done: int, total: int) -> None:
        if is_large(draft):
            show_progress(draft, done, total)

    return RESOURCES[draft.kind](draft.program, progress=progress, by=draft.created_by)


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
