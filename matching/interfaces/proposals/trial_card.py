"""What other criteria would do, as the page that changes them says it."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.board.board import PRIORITY_NAMES
from matching.domain.proposals.trial import Change, Move, Trial
from matching.engine.sentences import counted, listed
from matching.interfaces.board.cards import PART_NAMES

SHOWN = 8


@dataclass(frozen=True)
class Line:
    """One priority: its value with the saved criteria and with these, and which is better.

    `recounted` is what the pairs of now have by the new weights and floor, where that is another
    number than with the saved ones.
    """

    title: str
    before: int
    after: int
    recounted: int | None
    verdict: str


@dataclass(frozen=True)
class TrialCard:
    """`words` in one sentence; the first moves, and how many there are beyond."""

    words: str
    moves: list[Move]
    more: list[Move]
    lines: list[Line]
    kept: int
    silent: str


def trial_card(trial: Trial) -> TrialCard:
    """Put a trial into words."""
    return TrialCard(
        words=_words(trial),
        moves=trial.moves[:SHOWN],
        more=trial.moves[SHOWN:],
        lines=[_line(change) for change in trial.changes],
        kept=trial.kept,
        silent=listed([PART_NAMES[part] for part in trial.silent]),
    )


def _words(trial: Trial) -> str:
    changed = sum(move.before is not None for move in trial.moves)
    placed = len(trial.moves) - changed
    if not trial.pairs and not placed:
        return "There is nobody to match yet."
    words = f"{changed or 'None'} of {counted(trial.pairs, 'proposed pair')} would change."
    if placed:
        words += f" {counted(placed, 'more mentee')} would have a mentor."
    return words


def _line(change: Change) -> Line:
    # By one measure, that of the new weights and floor, or a change of them would look like a gain.
    gain = change.recounted - change.after
    return Line(
        title=PRIORITY_NAMES[change.name],
        before=abs(change.before),
        after=abs(change.after),
        recounted=abs(change.recounted) if change.recounted != change.before else None,
        verdict="better" if gain > 0 else "worse" if gain else "",
    )
