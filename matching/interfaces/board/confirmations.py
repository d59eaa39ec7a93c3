"""What the committee is asked before a move: what is wrong with the pair, and who knows of it."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.board.board import Board
from matching.domain.board.roster import BoardMatch
from matching.domain.matches.checks import Finding, check_pair
from mentorship.models import Participant


@dataclass(frozen=True)
class Confirmation:
    """Findings of the new pairs, and the announced pairs that would end."""

    findings: list[Finding]
    announced: list[BoardMatch]

    def __bool__(self) -> bool:
        return bool(self.findings or self.announced)


@dataclass(frozen=True)
class SwapChoice:
    """A mentee whose place another one could take, where they would go, and what is wrong then."""

    other: Participant
    to: Participant | None
    asks: Confirmation


def confirm_move(
    board: Board, mentee: int, mentor: int | None, *, shown: bool = False
) -> Confirmation:
    """Return what to ask before a mentee (key) moves to this mentor, or to nobody.

    `shown`: mere warnings, and nothing of who was told, were on the screen before.
    """
    people, present = board.people, board.match_of(mentee)
    findings = []
    if mentor in people.by_pk and mentee in people.by_pk and mentor is not None:
        findings = check_pair(people, people.by_pk[mentor], people.by_pk[mentee])
    if shown or mentor is None:
        findings = [finding for finding in findings if not finding.warning]
        return Confirmation(findings, _announced(present))
    return Confirmation(findings, [])


def swap_choices(board: Board, mentee: int, mentor: int) -> list[SwapChoice]:
    """Return who of this mentor's mentees could make room for another mentee."""
    present = board.match_of(mentee)
    if present and present.mentor_id == mentor:
        return []
    there = [match for match in board.matches if match.mentor_id == mentor]
    return [_choice(board, mentee, match) for match in there]


def confirm_swap(board: Board, mentee: int, other: int) -> Confirmation:
    """Return what to ask before two mentees (keys) change places."""
    match = board.match_of(other)
    return _choice(board, mentee, match).asks if match else Confirmation([], [])


def _choice(board: Board, mentee: int, match: BoardMatch) -> SwapChoice:
    people, present = board.people, board.match_of(mentee)
    by_pk = people.by_pk
    findings = check_pair(people, by_pk[match.mentor_id], by_pk[mentee])
    to = by_pk[present.mentor_id] if present else None
    if to is not None:
        findings += check_pair(people, to, by_pk[match.mentee_id])
    return SwapChoice(
        by_pk[match.mentee_id],
        to,
        Confirmation(findings, [*_announced(match), *_announced(present)]),
    )


def _announced(match: BoardMatch | None) -> list[BoardMatch]:
    return [match] if match and match.is_announced else []
