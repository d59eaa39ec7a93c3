"""What other criteria would change, in the words of the criteria page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from matching.domain.proposals.trial import Move, PriorityChange, Trial
from matching.engine.sentences import listed
from matching.interfaces.board.cards import PART_NAMES
from mentorship.models import Priority

SHOWN = 8


@dataclass(frozen=True)
class PriorityLine:
    """One priority: its value with the saved criteria and with the new ones, and which is better.

    `recounted` is the value of the saved criteria's pairs under the new weights and minimum
    affinity; None if it is the same.
    """

    title: str
    before: int
    after: int
    recounted: int | None
    verdict: str


@dataclass(frozen=True)
class TrialCard:
    """What the preview shows: a summary, the first moves and the rest, and each priority."""

    words: str
    moves: list[Move]
    more: list[Move]
    lines: list[PriorityLine]
    kept: int
    silent: str


def trial_card(trial: Trial) -> TrialCard:
    """Return a trial in words."""
    return TrialCard(
        words=_words(trial),
        moves=trial.moves[:SHOWN],
        more=trial.moves[SHOWN:],
        lines=[_line(change) for change in trial.changes],
        kept=trial.fixed,
        silent=listed([PART_NAMES[part] for part in trial.silent]),
    )


def _words(trial: Trial) -> str:
    changed = sum(move.before is not None for move in trial.moves)
    placed = len(trial.moves) - changed
    if not trial.pairs and not placed:
        return "There is nobody to match yet."
    words = ngettext(
        "%(changed)s of %(pairs)d proposed pair would change.",
        "%(changed)s of %(pairs)d proposed pairs would change.",
        trial.pairs,
    ) % {"changed": changed or "None", "pairs": trial.pairs}
    if placed:
        words += (
            ngettext(
                " %d more mentee would have a mentor.",
                " %d more mentees would have a mentor.",
                placed,
            )
            % placed
        )
    return words


def _line(change: PriorityChange) -> PriorityLine:
    # By one measure, the new criteria, or a change of weights alone would look like a gain.
    gain = change.recounted - change.after
    return PriorityLine(
        title=Priority(change.name).label,
        before=abs(change.before),
        after=abs(change.after),
        recounted=abs(change.recounted) if change.recounted != change.before else None,
        verdict="better" if gain > 0 else "worse" if gain else "",
    )
