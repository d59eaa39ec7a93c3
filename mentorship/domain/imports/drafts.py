"""The way of an uploaded file: draft, columns, dry run, and the button that imports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.columns.guesses import is_certain
from mentorship.domain.columns.profiles import profile_of
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.from_sources import absent_before, note_import
from mentorship.domain.imports.jobs import hand_over, is_large, show_progress
from mentorship.domain.imports.kinds import KINDS, dry_run, run_import
from mentorship.domain.imports.records import fingerprint, imported_before, new_draft
from mentorship.domain.meaning.questions import unanswered
from mentorship.domain.meaning.remembered import LISTED_AT_MOST, OPTIONS
from mentorship.domain.programs.access import check_may_change
from mentorship.domain.signals import asked_what_follows
from mentorship.models import Import, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHANGED_MEANWHILE = (
    "The program changed after you opened the preview, so nothing was imported. Review the changes "
    "again."
)
READ_MEANWHILE = "The source was read again meanwhile, so nothing was imported."


def start_draft(program: Program, kind: str, by: User, name: str, content: bytes) -> Import:
    """Save an upload as a draft, with what its columns are taken for, and start its dry run.

    Raise ValidationError, with nothing saved, if the file cannot be read.
    """
    draft = new_draft(program, kind, by, name, content)
    _look(draft, read_draft(draft))
    return draft


def choose_sheet(draft: Import, title: str) -> None:
    """Read another sheet of a draft's workbook, and start its dry run anew.

    Raise ValidationError, with nothing saved, if there is no such sheet or it cannot be read.
    """
    draft.sheet, draft.report, draft.seen = title[:255], {}, ""
    _look(draft, read_draft(draft))


def _look(draft: Import, table: Table) -> None:
    """Save what a draft's columns are taken for, and start its dry run if that is certain."""
    take_columns(draft, table)
    with transaction.atomic():
        draft.save()
        if draft.choice is not None:
            start_dry_run(draft, table)


def take_columns(draft: Import, table: Table, keys: list[str] | None = None) -> None:
    """Note, unsaved, what a draft's columns are: `keys` if that is known, else as they look.

    There is a `choice` only if nobody need look at them.
    """
    the = KINDS[draft.kind]
    guesses = the.guess(draft.program, table)
    if keys is not None:
        guesses = [
            replace(guess, key=made.key, by="choice", joined=made.joined)
            for guess, made in zip(guesses, the.chosen(table, keys), strict=True)
        ]
    certain = is_certain(guesses, the.columns)
    draft.columns = [asdict(guess) for guess in guesses]
    draft.choice = [guess.key for guess in guesses] if certain else None
    draft.progress = {"rows": len(table)}
    profile = profile_of(table.headings)
    draft.read_as = {
        "sheet": table.sheet,
        "sheets": table.sheets,
        "tool": profile.name if profile else "",
        "note": table.note,
    }


def read_draft(draft: Import) -> Table:
    """Return the table of a draft's file. Raise ValidationError if it cannot be read."""
    content = bytes(draft.content or b"")
    return KINDS[draft.kind].read(draft.program, content, draft.file_name, draft.sheet)


def choose_columns(draft: Import, keys: list[str]) -> list[str]:
    """Save what a person says each column of a draft is, and start its dry run again.

    Return what is wrong with the choice, in sentences; then there is no dry run. Raise
    ValidationError if the file cannot be imported so.
    """
    if len(keys) != len(draft.columns):
        return ["The columns of this page are not those of the file. Choose the file again."]
    the = KINDS[draft.kind]
    table = read_draft(draft)
    chosen = the.chosen(table, keys)
    for guess, made in zip(draft.columns, chosen, strict=True):
        if made.key != guess["key"]:
            guess["key"], guess["by"] = made.key, "choice"
        guess["joined"] = made.joined
    draft.choice, draft.report = None, {}
    faults = the.faults(chosen)
    if not faults:
        draft.choice = keys
    draft.save(update_fields=["columns", "choice", "report"])
    if not faults:
        start_dry_run(draft, table)
    return faults


def answer_questions(draft: Import, keys: Sequence[str], meanings: Sequence[str]) -> None:
    """Save what a person says the words of a draft's file mean, and start its dry run again.

    `keys` are those of questions and values, `meanings` what each is taken for ("": as it reads).
    What stays as it reads is no choice, and is not remembered.
    Raise ValidationError if they are not those of this file, or if it cannot be imported so.
    """
    offered = {
        each["key"]: [value for value, _ in each["options"]]
        for each in (*draft.report.get("questions", []), *draft.report.get("values", []))
    }
    if len(keys) != len(meanings) or not offered.keys() >= set(keys):
        raise ValidationError("The questions of this page are not those of the file. Reload it.")
    given = dict(draft.answers)
    as_read = {each["key"]: each["meaning"] for each in draft.report.get("values", [])}
    for key, meaning in zip(keys, meanings, strict=True):
        if meaning and meaning not in offered[key]:
            raise ValidationError("Choose one of the answers that are offered.")
        if not meaning:
            given.pop(key, None)
        elif meaning != as_read.get(key):
            given[key] = meaning
    draft.answers = given
    draft.save(update_fields=["answers"])
    start_dry_run(draft)


def start_dry_run(draft: Import, table: Table | None = None) -> None:
    """Find out what importing a draft would change: now if it is small, else by a worker.

    Raise ValidationError if it cannot be imported at all.
    """
    if is_large(draft) and hand_over(draft, "preview_import"):
        return
    run_dry_run(draft, table)


def run_dry_run(draft: Import, table: Table | None = None) -> None:
    """Find out what importing a draft would change, and save that with it.

    Raise ValidationError if it cannot be imported at all.
    """
    preview_draft(draft, table or read_draft(draft))
    draft.save(update_fields=["report", "seen", "progress"])


def preview_draft(draft: Import, table: Table) -> Any:
    """Note, unsaved, what importing a draft would change; return the report of the dry run.

    Raise ValidationError if it cannot be imported at all.
    """
    report = dry_run(
        draft.program,
        draft.kind,
        table,
        choice=draft.choice,
        given=draft.answers,
        progress=lambda done, total: show_progress(draft, done, total),
        absent_before=absent_before(draft),
    )
    difference = KINDS[draft.kind].difference(report)
    draft.report = difference.as_json() | {
        "notes": _notes(draft, table, difference.joining, getattr(report, "notes", []))
    }
    if KINDS[draft.kind].has_words:
        draft.report |= _words(report)
    draft.seen = fingerprint(report)
    draft.progress = {"rows": len(table)}
    return report


def confirm_draft(draft: Import, by: User) -> None:
    """Import a draft whose difference was shown: now if it is small, else by a worker.

    What was read from a source is imported in the name of who confirms it. Raise
    ValidationError as `run_draft` does.
    """
    if draft.source_id:
        draft.created_by = by
        draft.save(update_fields=["created_by"])
    if is_large(draft) and hand_over(draft, "run_import"):
        return
    run_draft(draft)


def run_draft(draft: Import) -> None:
    """Import a draft if the outcome is the one that was shown; else save the new one to show.

    Do nothing if it is imported already. Raise ValidationError, with nothing imported, if it
    cannot be, or if the program has changed since.
    """
    if draft.created_by:
        check_may_change(draft.created_by, draft.program)
    changed = False
    table = read_draft(draft)
    with transaction.atomic():
        # Two presses of the button, or two workers: the second finds that it is no draft any more.
        Program.objects.locked(draft.program_id)
        try:
            draft.refresh_from_db(fields=["state", "choice", "answers", "seen"])
        except Import.DoesNotExist as error:
            raise ValidationError(READ_MEANWHILE) from error
        if draft.state != Import.State.DRAFT:
            return
        seen, given = draft.seen, draft.answers
        report, _ = run_import(
            draft.program,
            draft.kind,
            table,
            choice=draft.choice,
            given=draft.answers,
            by=draft.created_by,
            draft=draft,
            progress=lambda done, total: show_progress(draft, done, total),
            absent_before=absent_before(draft),
        )
        note_import(draft, report, given)
        if fingerprint(report) != seen:
            transaction.set_rollback(True)
            changed = True
    if changed:
        draft.refresh_from_db()
        run_dry_run(draft, table)
        raise ValidationError(CHANGED_MEANWHILE)


def _words(report: Any) -> dict[str, Any]:
    """Return the questions that a file leaves open, and what its words were taken for."""
    return {
        "questions": [asdict(question) for question in report.questions],
        "must": bool(unanswered(report.questions)),
        "values": [
            asdict(value) | {"key": f"{value.kind} {value.key}", "options": OPTIONS[value.kind]}
            for value in report.values[:LISTED_AT_MOST]
            if value.meaning
        ],
        "more_values": max(0, len(report.values) - LISTED_AT_MOST),
    }


def _notes(draft: Import, table: Table, joining: int, said: list[str]) -> list[str]:
    """Return sentences that belong above the difference."""
    notes = [table.note] if table.note else []
    notes += said
    if before := imported_before(draft.program, draft.kind, draft.sha256):
        moment = draft.program.formats.moment(before.imported_at)
        by = f" by {before.created_by}" if before.created_by else ""
        notes.append(f"This same file was imported on {moment}{by}.")
    if joining:
        answers = asked_what_follows.send(Import, program=draft.program, joining=joining)
        notes += [sentence for _, sentence in answers if sentence]
    return notes
