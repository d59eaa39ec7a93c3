"""What each mentor says while a mentee is dragged: what is wrong with the pair, and its cost."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError

from matching.domain.board.board import Board
from matching.domain.board.roster import BoardPerson
from matching.domain.matches.checks import check_pair
from matching.domain.proposals.alternatives import find_alternatives
from matching.interfaces.proposals.differences import difference_words
from mentorship.models import Participant

GOOD, PLAIN, WARNING, BAD = "good", "plain", "warning", "bad"


def consequences_of(board: Board, mentee: BoardPerson) -> list[dict[str, Any]]:
    """Return the mentors of the board by what they would say: `words`, `tone` and their keys.

    The cost in the priorities is that of the best matching with this pair, found for all mentors
    by one search; where that takes too long, only what is wrong with the pair is said.
    """
    losses = _losses(board, mentee)
    present = board.match_of(mentee.pk)
    taken = board.taken
    said: dict[tuple[str, str], list[int]] = {}
    for mentor in board.people.mentors:
        if present and present.mentor_id == mentor.pk:
            words, tone = "the present mentor", PLAIN
        elif not mentor.capacity:
            words, tone = "not taking mentees", BAD
        else:
            words, tone = _words(board, mentor, mentee, losses.get(mentor.pk))
            if taken[mentor.pk] >= mentor.capacity:
                words = f"full: drop to swap · {words}" if words else "full: drop to swap"
        said.setdefault((words, tone), []).append(mentor.pk)
    return [{"words": words, "tone": tone, "mentors": keys} for (words, tone), keys in said.items()]


def _words(
    board: Board, mentor: Participant, mentee: BoardPerson, loss: dict[str, int] | None
) -> tuple[str, str]:
    findings = check_pair(board.people, mentor, cast(Any, mentee))
    parts = [finding.title for finding in findings]
    cost = ""
    if loss is not None:
        cost = (
            f"costs the best matching {difference_words(loss) if any(loss.values()) else 'nothing'}"
        )
    words = " · ".join([*parts, *([cost] if cost else [])])
    if any(not finding.warning for finding in findings):
        return words, BAD
    if findings:
        return words, WARNING
    return words or "no warnings", GOOD if loss is not None and not any(loss.values()) else PLAIN


def _losses(board: Board, mentee: BoardPerson) -> dict[int, dict[str, int]]:
    """Return what each mentor would cost the best matching; nothing where that is not known."""
    try:
        found = find_alternatives(board.program, mentee.pk, None, None)
    except ValidationError:
        return {}
    return {one.mentor.pk: one.loss for one in found.others} if found else {}
