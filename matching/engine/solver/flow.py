"""Minimum-cost flow with whole-number prices.

OR-Tools' `SimpleMinCostFlow` (A. V. Goldberg, An efficient implementation of a scaling minimum-cost
flow algorithm, 1997) finds the flow but keeps its prices to itself. They are recovered here as
shortest distances in the residual graph of the flow (R. K. Ahuja, T. L. Magnanti and J. B. Orlin,
Network Flows, 1993, theorem 9.3): such distances exist exactly when the flow is optimal, so finding
them checks the flow as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matching.engine.problem import Bools, Ints

FAR = np.int64(2**60)  # the distance of what cannot be reached; two of them still fit 64 bits


class NotSolved(Exception):
    """A flow was not solved: its costs are too large for exact arithmetic, or it is not optimal."""


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs of capacity one from `tail` to `head` at `cost`, each of shape (a,)."""

    tail: Ints
    head: Ints
    cost: Ints


def cheapest_flow(arcs: Arcs, supply: Ints) -> Bools:
    """Return for each arc whether a cheapest flow uses it, shape (a,).

    `supply` has one number for each node, positive where flow enters, and sums to 0. Raise
    NotSolved if the costs are too large for the solver's 64-bit arithmetic.
    """
    if not supply.any() and (arcs.cost >= 0).all():
        return np.zeros(len(arcs.tail), np.bool_)
    solver = SimpleMinCostFlow()
    ids = solver.add_arcs_with_capacity_and_unit_cost(
        arcs.tail.astype(np.int32),
        arcs.head.astype(np.int32),
        np.ones(len(arcs.tail), np.int64),
        arcs.cost,
    )
    solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    status = solver.solve()
    if status != SimpleMinCostFlow.Status.OPTIMAL:
        raise NotSolved(f"The flow solver answered {status.name}.")
    used: Bools = solver.flows(ids) > 0
    return used


def prices(nodes: int, arcs: Arcs, used: Bools) -> Ints:
    """Return prices d (nodes,), 0 at node 0, under which no change of the flow gains anything.

    An unused arc then has cost + d[head] - d[tail] >= 0, a used one <= 0. Where a node can reach
    node 0 in the residual graph its price is its distance to it, else the least that is possible.
    Raise NotSolved if some change of the flow gains.
    """
    tail = np.where(used, arcs.head, arcs.tail)
    head = np.where(used, arcs.tail, arcs.head)
    cost = np.where(used, -arcs.cost, arcs.cost)
    start = np.full(nodes, FAR)
    start[0] = 0
    distance = _relax(start, head, tail, cost)
    beyond = distance >= FAR
    if beyond.any():
        into = beyond[head]
        start = np.where(beyond, FAR, -distance)
        lower = _relax(start, tail[into], head[into], cost[into])
        lower[lower >= FAR] = 0
        distance = np.where(beyond, -lower, distance)
    return distance


def _relax(distance: Ints, source: Ints, target: Ints, cost: Ints) -> Ints:
    """Return distances lowered along arcs until none can be lowered further (Bellman-Ford).

    An arc lowers distance[target] to distance[source] + cost. Raise NotSolved if there is no end to
    it, because a cycle of arcs has a negative cost.
    """
    if not len(source):
        return distance
    order = np.argsort(target, kind="stable")
    source, target, cost = source[order], target[order], cost[order]
    first = np.flatnonzero(np.r_[True, target[1:] != target[:-1]])
    reached = target[first]
    distance = distance.copy()
    for _ in range(len(distance) + 1):
        known = distance[source]
        offer = np.where(known >= FAR, FAR, known + cost)
        best = np.minimum.reduceat(offer, first)
        better = best < distance[reached]
        if not better.any():
            return distance
        distance[reached[better]] = best[better]
        if int(distance.min()) < -FAR:
            break
    raise NotSolved("The flow is not the cheapest.")
