"""Which announced pairs a new proposal changes, and why."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.explain import impossible, why_not
from matching.engine.problem import Problem
from matching.engine.sentences import first_loss
from matching.engine.solve import Solution


@dataclass(frozen=True)
class Change:
    """An announced pair (indices) that is not kept; `now` is the mentee's mentor in the result.

    `loss` is what keeping the pair would cost, None where it cannot be kept at all.
    """

    mentor: int
    mentee: int
    now: int | None
    loss: dict[str, int] | None
    sentence: str


def changed_pairs(problem: Problem, solution: Solution) -> list[Change]:
    """Give the announced pairs that are not in the solution, with the reason, by mentees' ids."""
    made = {mentee: mentor for mentor, mentee in solution.pairs.tolist()}
    gone = [(i, j) for i, j in problem.announced.tolist() if made.get(j) != i]
    gone.sort(key=lambda pair: (problem.mentees[pair[1]], problem.mentors[pair[0]]))
    result = []
    for mentor, mentee in gone:
        why = why_not(problem, solution, mentor, mentee)
        now = made.get(mentee)
        who = f"{problem.mentees[mentee]} was announced with {problem.mentors[mentor]}"
        whom = f"now has {problem.mentors[now]}" if now is not None else "now has no mentor"
        reason = (
            f"keeping the pair would mean {first_loss(why.loss)}"
            if why.loss is not None
            else impossible(problem, mentor, mentee)
        )
        result.append(Change(mentor, mentee, now, why.loss, f"{who} and {whom}: {reason}."))
    return result
