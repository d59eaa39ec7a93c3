"""Connecting a source to a program, changing it, stopping and resuming it, and removing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.sources.runs import ask_for_read, stop_reading, wake_reader
from mentorship.domain.sources.web.network import check_url
from mentorship.domain.sources.web.sealing import seal
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.models import Import, ImportSource, Program
from mentorship.models.sources.import_source import new_hook_key

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WITHOUT_QUESTION = "The mentorship question is not chosen yet."
PAUSED_BY_HAND = "Somebody paused it."
# What says where a source is; with another value, what was read before no longer counts.
_SHOP = ("address", "organizer", "event")
_WHERE = ("kind", "brings", *_SHOP, "question", "affiliation_question")


def connect(source: ImportSource, token: str = "", by: User | None = None) -> ImportSource:
    """Save a new source of its program, and have it read for the first time.

    What it brings waits until somebody has confirmed it. `token` is the shop's. Raise
    ValidationError, with nothing saved, if something is missing or not allowed.
    """
    source.created_by = by
    _check(source)
    source.sealed_token = seal(token) if token else ""
    _wait_for_question(source)
    with transaction.atomic():
        Program.objects.locked(source.program_id)
        if source.program.anonymised_at:
            raise ValidationError(f"{source.program} is anonymized. It imports nothing any more.")
        source.full_clean()
        source.save()
    wake_reader(source.pk)
    return source


def change(source: ImportSource, token: str = "") -> ImportSource:
    """Save a source with other settings, and read it anew; without a token the known one stays.

    If it is another list by that, what it brings waits for somebody to confirm it again. A read
    that is under way no longer counts. Raise ValidationError, with nothing saved, as `connect`.
    """
    _check(source)
    with transaction.atomic():
        Program.objects.locked(source.program_id)
        before = ImportSource.objects.select_for_update().get(pk=source.pk)
        if token:
            source.sealed_token = seal(token)
        elif before.sealed_token and source.address != before.address:
            # Whoever can name another machine could otherwise have the token sent there.
            raise ValidationError({"token": "Enter the token again for another address."})
        if any(getattr(source, name) != getattr(before, name) for name in _SHOP):
            source.question = source.affiliation_question = None  # they were the other event's
        source.full_clean()
        if any(getattr(source, name) != getattr(before, name) for name in _WHERE):
            for name, value in ImportSource.about_nothing_read().items():
                setattr(source, name, value)
            Import.objects.filter(source=source, state=Import.State.DRAFT).delete()
        source.claimed_at, source.tries, source.trouble = None, 0, ""
        source.next_at, source.paused_why = timezone.now(), ""
        _wait_for_question(source)
        source.save()
    wake_reader(source.pk)
    return source


def pause(source: ImportSource, why: str = PAUSED_BY_HAND) -> None:
    """Read a source no more until somebody resumes it; a read under way no longer counts."""
    stop_reading(source, why)


def resume(source: ImportSource) -> None:
    """Read a paused source again, from now on and all of it."""
    with transaction.atomic():
        paused = ImportSource.objects.select_for_update().filter(pk=source.pk, next_at=None)
        for row in paused:
            row.state = row.state | {"anew": timezone.now().isoformat()}
            row.next_at, row.paused_why = timezone.now(), ""
            row.save(update_fields=["state", "next_at", "paused_why"])
    wake_reader(source.pk)


def forget_list(source: ImportSource, why: str) -> None:
    """Delete what was kept of a source's list, and read it no more until somebody resumes it."""
    kept = {key: source.state[key] for key in ("given", "sheet") if key in source.state}
    ImportSource.objects.filter(pk=source.pk).update(state=kept)
    stop_reading(source, why)


def renew_hook(source: ImportSource) -> None:
    """Change the webhook's address; the former one answers no more."""
    ImportSource.objects.filter(pk=source.pk).update(hook_key=new_hook_key())


def remove(source: ImportSource) -> None:
    """Remove a source with its token and all that was kept of what it said; imports stay."""
    with transaction.atomic():
        Program.objects.locked(source.program_id)
        Import.objects.filter(source=source, state=Import.State.DRAFT).delete()
        source.delete()


def read_now(source: ImportSource) -> None:
    """Have a source read now. Raise ValidationError if it is paused."""
    if source.is_paused:
        raise ValidationError("It is paused. Resume it first.")
    ask_for_read(source)


def _wait_for_question(source: ImportSource) -> None:
    if source.kind == ImportSource.Kind.PRETIX and source.question is None:
        source.next_at, source.paused_why = None, WITHOUT_QUESTION


def _check(source: ImportSource) -> None:
    try:
        check_url(source.address)
    except SourceTrouble as trouble:
        raise ValidationError({"address": str(trouble)}) from trouble
