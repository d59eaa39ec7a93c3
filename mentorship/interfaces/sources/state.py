"""How a source is doing, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from mentorship.domain.sources.runs import TOLD_AFTER
from mentorship.models import Import, ImportSource, Program, SourceRun


@dataclass(frozen=True)
class SourceState:
    """A source, the word for how it is doing, its tone, and the sentence that says it.

    `draft` is what waits for a member to look at it, `doubt` why it looks wrong.
    """

    source: ImportSource
    word: str
    tone: str
    sentence: str
    draft: Import | None = None
    doubt: str = ""
    last: SourceRun | None = None

    @property
    def reads(self) -> bool:
        return self.word == "reading"


def state_of(source: ImportSource) -> SourceState:
    """Return how a source is doing, in two queries."""
    draft = source.imports.filter(state=Import.State.DRAFT).light().first()
    doubt = str(draft.read_as.get("doubt", "")) if draft else ""
    last = source.runs.first()
    word, tone, sentence = _words(source, draft, doubt, last)
    return SourceState(source, word, tone, sentence, draft, doubt, last)


def _words(
    source: ImportSource, draft: Import | None, doubt: str, last: SourceRun | None
) -> tuple[str, str, str]:
    formats = source.program.formats
    if source.is_paused:
        return "paused", "warning", f"{source.paused_why} It is not read meanwhile."
    if source.claimed_at or (source.next_at and source.next_at <= timezone.now()):
        return "reading", "info", "It is being read. You can leave this page."
    if source.trouble:
        again = formats.day_and_time(source.next_at)
        sentence = f"{source.trouble} Nothing was changed. It is tried again on {again}."
        return "failed", "danger" if source.tries >= TOLD_AFTER else "warning", sentence
    if doubt:
        return "looks wrong", "danger", f"{doubt} Nothing was changed."
    if draft:
        return "waits for you", "warning", "What it brings is not imported until you confirm it."
    if last is None:
        return "not read yet", "info", "It has not been read yet."
    moment = formats.day_and_time(last.ended_at)
    return "up to date", "success", f"Last read on {moment}."


def states_of(program: Program) -> list[SourceState]:
    """Return how each source of a program is doing."""
    sources = ImportSource.objects.filter(program=program).select_related("program")
    return [state_of(source) for source in sources]
