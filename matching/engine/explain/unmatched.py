"""Why a mentee is unmatched. People are named by their ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.explain.alternatives import alternatives
from matching.engine.explain.hall_violator import HallViolator, HallViolators
from matching.engine.problem import Problem
from matching.engine.sentences import counted, first_loss, listed
from matching.engine.solution import Solution


@dataclass(frozen=True)
class Unmatched:
    """Why one mentee (index) has no mentor.

    `reason` is `no_mentor` (the mentee is excluded with every mentor who has a place), `places`
    (`mentees` can only go to `mentors`, who together have too few places) or `priority` (an earlier
    priority counts more). The group for `places` is a Hall violator: with any one mentee fewer,
    there would be enough places for the rest.
    """

    mentee: int
    reason: str
    mentees: tuple[int, ...]
    mentors: tuple[int, ...]
    places: int
    sentence: str


def explain_unmatched(problem: Problem, solution: Solution) -> list[Unmatched]:
    """Return for every unmatched mentee why they have no mentor, in the order of their ids."""
    violators = HallViolators(problem, solution.pairs)
    matched = np.isin(np.arange(len(problem.mentees)), solution.pairs[:, 1])
    alone = sorted(np.flatnonzero(~matched).tolist(), key=problem.mentees.__getitem__)
    return [_unmatched(problem, solution, violators, mentee) for mentee in alone]


def _unmatched(
    problem: Problem, solution: Solution, violators: HallViolators, mentee: int
) -> Unmatched:
    violator = violators.around(mentee)
    if violator is None:
        sentence = _for_a_priority(problem, solution, mentee)
        return Unmatched(mentee, "priority", (mentee,), (), 0, sentence)
    if not violator.mentors:
        sentence = _for_lack_of_mentors(problem.mentees[mentee], bool(violators.room.any()))
        return Unmatched(mentee, "no_mentor", (mentee,), (), 0, sentence)
    return Unmatched(
        mentee,
        "places",
        violator.mentees,
        violator.mentors,
        violator.places,
        _for_lack_of_places(problem, violator, problem.mentees[mentee]),
    )


def _for_a_priority(problem: Problem, solution: Solution, mentee: int) -> str:
    name = problem.mentees[mentee]
    for other in alternatives(problem, solution, mentee):
        if other.loss.get("unmatched", 0) < 0:
            return f"{name} could be matched, but that would mean {first_loss(other.loss)}."
    return f"{name} could be matched, but an earlier priority counts more."


def _for_lack_of_mentors(name: str, any_room: bool) -> str:
    if any_room:
        return f"{name} is marked “do not match” with every mentor who has a place."
    return f"No mentor has a place for {name}."


def _for_lack_of_places(problem: Problem, violator: HallViolator, name: str) -> str:
    group = [problem.mentees[one] for one in violator.mentees]
    mentors = listed([problem.mentors[one] for one in violator.mentors])
    have = "who has" if len(violator.mentors) == 1 else "who together have"
    return (
        f"{counted(len(group), 'mentee')} ({listed(group)}) can only go to {mentors}, "
        f"{have} {counted(violator.places, 'place')}, so {name} is unmatched."
    )
