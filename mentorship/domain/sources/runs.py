"""Reading a source: when it is due or asked for, and what becomes of what it says."""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.files.spreadsheets import checksum
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.drafts import (
    preview_draft,
    read_draft,
    run_draft,
    take_columns,
)
from mentorship.domain.imports.from_sources import note_report
from mentorship.domain.jobs import (
    WorkerProgress,
    leave_to_worker,
    progress_of,
    queue_answers,
    show_progress,
)
from mentorship.domain.meaning.questions import unanswered
from mentorship.domain.sources.judging import brings_something, why_doubted
from mentorship.domain.sources.pretix import orders
from mentorship.domain.sources.pretix.client import Shop
from mentorship.domain.sources.pretix.memory import SHOP_KEYS, read_orders, read_whole_next
from mentorship.domain.sources.sheets import read_sheet
from mentorship.domain.sources.web.trouble import SourceTrouble
from mentorship.models import Import, ImportSource, Program, SourceRun

READ_EVERY = datetime.timedelta(minutes=15)
# What a shop says by its webhook is waited for so long after the last read, for it says a lot.
_AFTER_A_READ = datetime.timedelta(seconds=30)
# Minutes until the next try after each one that failed in a row; the last one stays.
_BACK_OFF = (1, 3, 10, 30, 60)
# From so many failures in a row on, the committee is told; what lasts, it is told at once.
TOLD_AFTER = 3
_RUNS_KEPT = 100
_CONTENT_AT_MOST = 10 * 1024 * 1024
# What of a source's state people write: see `open_words`, and `connect.resume`.
SAID_KEYS = ("given", "seen", "anew")
logger = logging.getLogger(__name__)
Outcome = SourceRun.Outcome


@dataclass(frozen=True)
class _Content:
    """What a source says now: a file's name and bytes, and what its columns are, if known."""

    name: str
    data: bytes
    choice: list[str] | None = None


@dataclass(frozen=True)
class _Judged:
    outcome: Outcome
    words: str = ""
    imported: Import | None = None


def read_due(now: datetime.datetime | None = None) -> int:
    """Read every source that is due, one after another; return how many were."""
    due = ImportSource.objects.due(now or timezone.now()).order_by("next_at")
    keys = list(due.values_list("pk", flat=True))
    return sum(read_source(pk) for pk in keys)


def ask_for_read(source: ImportSource) -> None:
    """Have a source read as soon as a worker can, also one that waits after a failure."""
    ImportSource.objects.filter(pk=source.pk).exclude(next_at=None).update(next_at=timezone.now())
    wake_reader(source.pk)


def read_after_change(source: ImportSource) -> None:
    """Have a source read because its shop says that something changed.

    What changed, its API is asked: people who know the webhook's address can say anything. A shop
    that is out of order is left alone until its time.
    """
    now = timezone.now()
    ended = source.runs.values_list("ended_at", flat=True).first()
    at = max(now, ended + _AFTER_A_READ) if ended else now
    waiting = ImportSource.objects.filter(pk=source.pk, tries=0, next_at__gt=at)
    if waiting.update(next_at=at) and at == now:
        wake_reader(source.pk)


def wake_reader(pk: int) -> None:
    """Have a worker read a source; if no message gets through, the sweep finds it."""
    if queue_answers():
        leave_to_worker("mentorship.tasks.read_source", pk)


def read_source(pk: int) -> bool:
    """Read a source if it is due and nobody else does; return whether it was read.

    A shop with many orders is read a slice at a time; the next one is due at once.
    """
    now = timezone.now()
    claimed = ImportSource.objects.due(now).filter(pk=pk)
    # Of two workers one finds it unclaimed. What asks for another read meanwhile is not lost: the
    # next one is due from now on, and who asks puts it earlier.
    if not claimed.update(claimed_at=now, next_at=now + READ_EVERY):
        return False
    source = ImportSource.objects.select_related("program").get(pk=pk)
    if source.program.local(now).date() > source.program.ends_on:
        stop_reading(source, "The conference is over.")
        return False
    before = source.state
    try:
        content = _content(source)
        if content is None:
            _go_on_later(source, now)
            return True
        judged = _bring_in(source, content, now)
    except SourceTrouble as trouble:
        _note_failure(source, now, trouble)
    except ValidationError as error:
        source.state = before | _of_shop(source.state)
        _note_failure(source, now, SourceTrouble(" ".join(error.messages), lasts=True))
    except Exception:
        logger.exception("Reading source %s failed", pk)
        _note_failure(source, now, SourceTrouble("Reading it failed for a reason of our own."))
        raise
    else:
        if judged:
            _note_run(source, now, judged)
    return True


def reading_progress(source: ImportSource) -> WorkerProgress | None:
    """Return how far the reading of a source is, or None if nobody knows."""
    if source.claimed_at is None:
        return None
    found = progress_of(_job(source), source.claimed_at)
    # What is shown of the read before is not about this one.
    return found if found.begun and found.moved >= source.claimed_at else None


def _job(source: ImportSource) -> str:
    return f"source-{source.pk}"


def _content(source: ImportSource) -> _Content | None:
    """Return what a source says now; None if its shop has more than one slice can read."""
    if source.kind == ImportSource.Kind.SHEET:
        name, data = read_sheet(source.address)
        if len(data) > _CONTENT_AT_MOST:
            raise SourceTrouble("The sheet is larger than 10 MB. Leave out columns.", lasts=True)
        return _Content(name, data)
    shop = Shop.of(source)
    whole = read_orders(
        source, shop, progress=lambda done, total: show_progress(_job(source), done, total)
    )
    if not whole:
        return None
    asked = next((each.text for each in shop.questions() if each.key == source.question), "")
    if not asked:
        raise SourceTrouble(
            "The shop has no mentorship question any more. Choose which question it is.", lasts=True
        )
    rows = source.state["orders"].values()
    data = orders.as_csv(rows, shop.products(), asked)
    return _Content(f"{source.event}, orders from pretix", data, orders.choice())


def _of_shop(state: dict[str, Any]) -> dict[str, Any]:
    """Return what was read of a shop, which is right also if it cannot be imported."""
    return {key: state[key] for key in SHOP_KEYS if key in state}


def _bring_in(
    source: ImportSource, content: _Content, claimed: datetime.datetime
) -> _Judged | None:
    """Import what a source says if it is certain; else leave it as a draft, or leave it.

    None if the source was changed or removed while it was read: then nothing of it counts. Raise
    ValidationError, with nothing changed, if it is no list that can be imported.
    """
    sha256 = checksum(content.data)
    if _is_known(source, sha256):
        return _Judged(Outcome.NOTHING_NEW)
    draft = Import(
        program=source.program,
        kind=source.brings,
        source=source,
        file_name=content.name[:255],
        sha256=sha256,
        content=content.data,
        answers=source.state.get("given", {}),
        sheet=source.state.get("sheet", ""),
    )
    with transaction.atomic():
        # The same lock as for a file: of two imports the second sees what the first has done.
        Program.objects.locked(source.program_id)
        if not _is_ours(source, claimed):
            return None
        table = read_draft(draft)
        if not table.rows and not source.state.get("counts"):
            return _Judged(Outcome.NOTHING_NEW, "There are no rows yet.")
        take_columns(draft, table, content.choice)
        judged = _judge(source, draft, table)
    source.state |= {"sha256": sha256, "looked_at": source.state.get("anew")}
    return judged


def _is_known(source: ImportSource, sha256: str) -> bool:
    """Return whether a list is the last one, and nobody waits for a second look at it."""
    state = source.state
    return state.get("sha256") == sha256 and not (state.get("absent") or state.get("anew"))


def _is_ours(source: ImportSource, claimed: datetime.datetime) -> bool:
    ours = ImportSource.objects.select_for_update().filter(pk=source.pk, claimed_at=claimed)
    return ours.exists()


def _judge(source: ImportSource, draft: Import, table: Table) -> _Judged:
    """Decide what becomes of a list that can be read; the program is locked."""
    waiting = Import.objects.filter(source=source, state=Import.State.DRAFT)
    if draft.choice is None:
        waiting.delete()
        draft.save()
        return _Judged(Outcome.WAITS, "Say what its columns are.")
    report = preview_draft(draft, table)
    newest = source.imports.filter(state=Import.State.DONE).order_by("-imported_at", "-pk").first()
    waiting.delete()
    if source.reviewed_at and (why := why_doubted(source, report)):
        read_whole_next(source.state)
        draft.read_as["doubt"] = why
        draft.save()
        return _Judged(Outcome.DOUBTED, why)
    if source.reviewed_at and not brings_something(report, newest):
        note_report(source, report)
        return _Judged(Outcome.NOTHING_NEW)
    draft.save()
    if not source.reviewed_at or not source.automatic or unanswered(report.questions):
        return _Judged(Outcome.WAITS)
    run_draft(draft)
    note_report(source, report)
    source.state["sheet"] = draft.sheet
    return _Judged(Outcome.IMPORTED, imported=draft)


def stop_reading(source: ImportSource, why: str) -> None:
    """Read a source no more until somebody resumes it; a read under way no longer counts."""
    ImportSource.objects.filter(pk=source.pk).update(
        next_at=None, paused_why=why, claimed_at=None, tries=0, trouble=""
    )


def _let_go(source: ImportSource, claimed: datetime.datetime, **columns: Any) -> bool:
    """Save what a read has found out; return whether it still counts, or was changed meanwhile."""
    ours = ImportSource.objects.select_for_update().filter(pk=source.pk, claimed_at=claimed)
    now = ours.values_list("state", flat=True).first()
    if now is None:
        return False
    # What somebody has said meanwhile stays, and is a reason to read it once more.
    said = {key: now[key] for key in SAID_KEYS if key in now}
    state = {key: value for key, value in source.state.items() if key not in SAID_KEYS} | said
    if state.get("anew") == source.state.get("looked_at"):
        state.pop("anew", None)
    return bool(ours.update(claimed_at=None, state=state, **columns))


def _go_on_later(source: ImportSource, claimed: datetime.datetime) -> None:
    with transaction.atomic():
        ours = _let_go(source, claimed, next_at=timezone.now())
    if ours:
        wake_reader(source.pk)


def _note_run(source: ImportSource, began: datetime.datetime, judged: _Judged) -> None:
    with transaction.atomic():
        if _let_go(source, began, tries=0, trouble=""):
            _keep_run(source, began, judged)
    if ImportSource.objects.due(timezone.now()).filter(pk=source.pk).exists():
        wake_reader(source.pk)


def _note_failure(source: ImportSource, began: datetime.datetime, trouble: SourceTrouble) -> None:
    tries = max(source.tries + 1, TOLD_AFTER if trouble.lasts else 1)
    wait = datetime.timedelta(minutes=_BACK_OFF[min(source.tries, len(_BACK_OFF) - 1)])
    wait = max(wait, datetime.timedelta(seconds=trouble.retry_after))
    words = str(trouble)
    with transaction.atomic():
        if _let_go(source, began, tries=tries, trouble=words, next_at=timezone.now() + wait):
            _keep_run(source, began, _Judged(Outcome.FAILED, words))


def _keep_run(source: ImportSource, began: datetime.datetime, judged: _Judged) -> None:
    """Keep what a read did; of several in a row without anything new only the last."""
    newest = source.runs.first()
    if newest and newest.outcome == judged.outcome == Outcome.NOTHING_NEW:
        newest.delete()
    SourceRun.objects.create(
        source=source,
        began_at=began,
        ended_at=timezone.now(),
        outcome=judged.outcome,
        words=judged.words,
        imported=judged.imported,
    )
    old = source.runs.values_list("pk", flat=True)[_RUNS_KEPT : _RUNS_KEPT + 1]
    for pk in old:
        source.runs.filter(pk__lte=pk).delete()
