"""Which announced pairs a new proposal changes, and why."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.explain.why_not import impossible, why_not
from matching.engine.problem import Problem
from matching.engine.sentences import first_loss
from matching.engine.solution import Solution


@dataclass(frozen=True)
class ChangedPair:
    """An announced pair (indices) that is not kept; `now` is the mentee's mentor in the solution.

    `loss` is what keeping the pair would lose in each tier, None if it cannot be kept at all.
    """

    mentor: int
    mentee: int
    now: int | None
    loss: dict[str, int] | None
    sentence: str


def changed_pairs(problem: Problem, solution: Solution) -> list[ChangedPair]:
    """Return the announced pairs that are not in the solution, with the reason, by mentees' ids."""
    made = {mentee: mentor for mentor, mentee in solution.pairs.tolist()}
    gone = [(i, j) for i, j in problem.announced.tolist() if made.get(j) != i]
    gone.sort(key=lambda pair: (problem.mentees[pair[1]], problem.mentors[pair[0]]))
    result = []
    for mentor, mentee in gone:
        why = why_not(problem, solution, mentor, mentee)
        now = made.get(mentee)
        who = f"{problem.mentees[mentee]} was announced with {problem.mentors[mentor]}"
        instead = f"now has {problem.mentors[now]}" if now is not None else "is now unmatched"
        reason = (
            f"keeping the pair would mean {first_loss(why.loss)}"
            if why.loss is not None
            else impossible(problem, mentor, mentee)
        )
        sentence = f"{who} but {instead}: {reason}."
        result.append(ChangedPair(mentor, mentee, now, why.loss, sentence))
    return result
