"""Why this mentor and not that one: what another pair would lose. People are named by their ids."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.explain.alternatives import alternatives
from matching.engine.problem import Problem
from matching.engine.sentences import differences
from matching.engine.solution import Solution


@dataclass(frozen=True)
class WhyNot:
    """What pairing a mentee with another mentor (indices) would lose in each tier.

    `loss` is in each tier's unit, and None if the two cannot be paired at all.
    """

    mentor: int
    mentee: int
    loss: dict[str, int] | None
    sentence: str


def why_not(problem: Problem, solution: Solution, mentor: int, mentee: int) -> WhyNot:
    """Return what the whole matching would lose if this pair (indices) were made."""
    names = f"{problem.mentees[mentee]} with {problem.mentors[mentor]}"
    if [mentor, mentee] in solution.pairs.tolist():
        nothing = dict.fromkeys(problem.priorities, 0)
        return WhyNot(mentor, mentee, nothing, f"The proposal already pairs {names}.")
    for other in alternatives(problem, solution, mentee):
        if other.mentor == mentor:
            what = differences(other.loss)
            would = f"would mean {what}" if what else "would be just as good"
            return WhyNot(mentor, mentee, other.loss, f"Pairing {names} {would}.")
    reason = impossible(problem, mentor, mentee)
    return WhyNot(mentor, mentee, None, f"You cannot pair {names}: {reason}.")


def impossible(problem: Problem, mentor: int, mentee: int) -> str:
    """Return the reason for which no solution can have this pair (indices)."""
    if [mentor, mentee] in problem.exclusions.tolist():
        return "they are marked “do not match”"
    if mentee in problem.locked[:, 1]:
        return f"{problem.mentees[mentee]} is locked to another mentor"
    if not problem.capacity[mentor]:
        return f"{problem.mentors[mentor]} is not taking mentees"
    return f"every place with {problem.mentors[mentor]} is locked"
