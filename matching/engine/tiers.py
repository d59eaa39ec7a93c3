"""What a set of pairs is worth in every tier, counted from the problem."""

from __future__ import annotations

import numpy as np

from matching.engine.problem import AffinityMatrix, Ints, Problem, checked_block, distinct

BLOCK_CELLS = 1 << 20  # so many pairs are asked for at once


def values(problem: Problem, pairs: Ints) -> dict[str, int]:
    """Return the value of every priority for pairs (k, 2); smaller is better.

    All seven are counted, also those that the problem leaves out. Raise ProblemError if the
    affinity is not as promised.
    """
    mentors, mentees = pairs[:, 0], pairs[:, 1]
    load = np.bincount(mentors, minlength=len(problem.mentors))
    made = set(map(tuple, pairs.tolist()))
    affinity = affinity_of(problem, pairs)
    common = (problem.mentor_fields[mentors] & problem.mentee_fields[mentees]).any(axis=1)
    mixed = problem.mentor_virtual[mentors] != problem.mentee_virtual[mentees]
    return {
        "unmatched": len(problem.mentees) - len(distinct(mentees)),
        "changed": sum(tuple(pair) not in made for pair in problem.announced.tolist()),
        "spread": int((load * (load - 1) // 2).sum()),
        "mixed": int(mixed.sum()),
        "cross_field": int((~common).sum()),
        "weak": int((affinity < problem.floor).sum()),
        "affinity": -int(affinity.sum()),
    }


def affinity_of(problem: Problem, pairs: Ints) -> Ints:
    """Return the affinity of each of the pairs (k, 2), 0 to 1000, shape (k,).

    Raise ProblemError if it is not as promised.
    """
    result = np.zeros(len(pairs), np.int64)
    if problem.affinity is None or not len(pairs):
        return result
    if isinstance(problem.affinity, AffinityMatrix):  # checked already, and all of it there
        return problem.affinity.array[pairs[:, 0], pairs[:, 1]].astype(np.int64)
    n, m = len(problem.mentors), len(problem.mentees)
    step = max(1, BLOCK_CELLS // m)
    for start in range(0, n, step):
        stop = min(n, start + step)
        here = (pairs[:, 0] >= start) & (pairs[:, 0] < stop)
        if here.any():
            block = checked_block(problem.affinity, start, stop, m)
            result[here] = block[pairs[here, 0] - start, pairs[here, 1]]
    return result
