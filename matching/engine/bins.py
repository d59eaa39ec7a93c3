"""One field for each pair, unmatched mentee and idle mentor, so that the bins are even.

A pair may go under any field that both have (any that either has, if they share none), a person
alone under any of theirs. The result makes the largest bin as small as possible, then the next
largest, and so on: the k-th item put into a bin costs k, and the cheapest flow with these convex
costs has the most even sizes of all (A. Tamir, Least majorized elements and generalized
polymatroids, 1995). Items with the same choice of fields are counted together, so the flow has a
node for each distinct choice and not for each item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matching.engine.problem import Bools, Ints, Problem
from matching.engine.solver.flow import NotSolved


@dataclass(frozen=True)
class Bins:
    """The field of each pair (in the pairs' order), unmatched mentee and idle mentor (by index)."""

    pairs: tuple[str, ...]
    mentees: dict[int, str]
    mentors: dict[int, str]


def assign_bins(
    problem: Problem, pairs: Ints, kept: Mapping[tuple[int, int], str] | None = None
) -> Bins:
    """Return one field for every pair of `pairs` (k, 2) and for everyone in none of them.

    Pairs, unmatched mentees and idle mentors count as one item each. A pair (indices of mentor and
    mentee) in `kept` gets the field it has there if it may go under it; the others are as even as
    they can be beside those. The same people get the same bins whatever their order. Raise
    NotSolved if the flow solver fails.
    """
    i, j = pairs[:, 0], pairs[:, 1]
    common = problem.mentor_fields[i] & problem.mentee_fields[j]
    either = problem.mentor_fields[i] | problem.mentee_fields[j]
    pair_choices = np.where(common.any(axis=1, keepdims=True), common, either)
    place = {(a, b): k for k, (a, b) in enumerate(pairs.tolist())} if kept else {}
    for pair, name in (kept or {}).items():
        here = np.array(problem.fields) == name
        if pair in place and (pair_choices[place[pair]] & here).any():
            pair_choices[place[pair]] = here
    mentees = np.flatnonzero(np.bincount(j, minlength=len(problem.mentees)) == 0)
    mentors = np.flatnonzero(np.bincount(i, minlength=len(problem.mentors)) == 0)
    choices = np.vstack(
        [pair_choices, problem.mentee_fields[mentees], problem.mentor_fields[mentors]]
    )
    names = (
        [("pair", problem.mentors[a], problem.mentees[b]) for a, b in pairs.tolist()]
        + [("mentee", problem.mentees[b], "") for b in mentees]
        + [("mentor", problem.mentors[a], "") for a in mentors]
    )
    order = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    columns = np.array(sorted(range(len(problem.fields)), key=problem.fields.__getitem__), np.int64)
    found = np.zeros(len(names), np.int64)
    found[order] = columns[even(choices[order][:, columns])]
    fields = [problem.fields[column] for column in found]
    first, second = len(pairs), len(pairs) + len(mentees)
    return Bins(
        pairs=tuple(fields[:first]),
        mentees=dict(zip(mentees.tolist(), fields[first:second], strict=True)),
        mentors=dict(zip(mentors.tolist(), fields[second:], strict=True)),
    )


def even(choices: Bools) -> Ints:
    """Return one of its columns for each item, shape (items,), so that column sizes are most even.

    `choices` (items, columns) tells which columns an item may have. Raise NotSolved if the flow
    solver fails, as it does where an item may have none.
    """
    items, columns = choices.shape
    if not items:
        return np.zeros(0, np.int64)
    kinds, kind, count = np.unique(choices, axis=0, return_inverse=True, return_counts=True)
    kind = kind.reshape(-1)
    group, column = np.nonzero(kinds)
    most = choices.sum(axis=0)
    bin_of = np.repeat(np.arange(columns), most)
    level = np.arange(len(bin_of)) - np.repeat(np.cumsum(most) - most, most)
    size = len(kinds)
    solver = SimpleMinCostFlow()
    into = solver.add_arcs_with_capacity_and_unit_cost(
        group.astype(np.int32), (size + column).astype(np.int32), count[group], np.zeros_like(group)
    )
    solver.add_arcs_with_capacity_and_unit_cost(
        (size + bin_of).astype(np.int32),
        np.full(len(bin_of), size + columns, np.int32),
        np.ones(len(bin_of), np.int64),
        level,
    )
    nodes = np.arange(size + columns + 1, dtype=np.int32)
    solver.set_nodes_supplies(nodes, np.r_[count, np.zeros(columns, np.int64), -items])
    status = solver.solve()
    if status != SimpleMinCostFlow.Status.OPTIMAL:
        raise NotSolved(f"The bins could not be filled: the flow solver answered {status.name}.")
    flows = solver.flows(into)
    result = np.zeros(items, np.int64)
    for number in range(size):
        here = group == number
        result[kind == number] = np.repeat(column[here], flows[here])
    return result
