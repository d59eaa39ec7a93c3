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


class NotSolved(Exception):
    """A flow was not solved: its costs are too large for exact arithmetic, or it is not optimal."""


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs of capacity one from `tail` to `head` at `cost`, each of shape (a,)."""

    tail: Ints
    head: Ints
    cost: Ints

    def reduced(self, price: Ints) -> Ints:
        """Return the costs (a,) reduced by prices of the nodes."""
        result: Ints = self.cost + price[self.head] - price[self.tail]
        return result

    def some(self, which: Ints) -> Arcs:
        """Return those of the arcs that have these places."""
        return Arcs(self.tail[which], self.head[which], self.cost[which])


def improvement(arcs: Arcs, used: Bools) -> Bools:
    """Return for each arc whether to use it if it was unused and not to if it was used, (a,).

    What is left then is a cheapest of all flows that bring as much to each node as the `used` arcs
    (a,) do. It is found in the residual graph, in which a used arc leads back at minus its cost.
    The fewer costs are negative there, the less there is to do. Raise NotSolved if the costs are
    too large for the solver's 64-bit arithmetic.
    """
    cost = np.where(used, -arcs.cost, arcs.cost)
    if (cost >= 0).all():
        return np.zeros(len(cost), np.bool_)
    solver = SimpleMinCostFlow()
    ids = solver.add_arcs_with_capacity_and_unit_cost(
        np.where(used, arcs.head, arcs.tail).astype(np.int32),
        np.where(used, arcs.tail, arcs.head).astype(np.int32),
        np.ones(len(cost), np.int64),
        cost,
    )
    status = solver.solve()
    if status != SimpleMinCostFlow.Status.OPTIMAL:
        raise NotSolved(f"The flow solver answered {status.name}.")
    change: Bools = solver.flows(ids) > 0
    return change


def prices(arcs: Arcs, used: Bools, start: Ints) -> Ints:
    """Return prices d (nodes,), 0 at node 0, under which no change of the flow gains anything.

    An unused arc then has cost + d[head] - d[tail] >= 0, a used one <= 0. They are the shortest
    distances (by Bellman and Ford) over residual arcs from nodes that are as far as `start` says:
    any numbers will do, and the nearer they are to the prices, the sooner these are found. Raise
    NotSolved if some change of the flow gains, so that a cycle of arcs has a negative cost.
    """
    distance = start.copy()
    if not len(used):
        return distance
    target = np.where(used, arcs.head, arcs.tail)
    # A stable sort takes less time for short numbers.
    order = np.argsort(target.astype(np.min_scalar_type(len(start))), kind="stable")
    source, target = np.where(used, arcs.tail, arcs.head)[order], target[order]
    cost = np.where(used, -arcs.cost, arcs.cost)[order]
    # Half of the nodes after the other, so that the second half sees what the first has reached.
    middle = np.searchsorted(target, len(start) // 2)
    halves = [
        _Half(source[part], target[part], cost[part])
        for part in (slice(middle), slice(middle, None))
        if len(target[part])
    ]
    for _ in range(len(distance) + 1):
        if not sum([half.relax(distance) for half in halves]):
            distance -= distance[0]
            return distance
    raise NotSolved("The flow is not the cheapest.")


class _Half:
    """Some of the residual arcs, sorted by their targets."""

    def __init__(self, source: Ints, target: Ints, cost: Ints) -> None:
        self.source, self.cost = source, cost
        self.first = np.flatnonzero(np.append(True, target[1:] != target[:-1]))
        self.reached = target[self.first]

    def relax(self, distance: Ints) -> bool:
        """Shorten the distances (nodes,) of the targets in place; return whether any was long."""
        now = distance.take(self.reached)
        best = np.minimum.reduceat(distance.take(self.source) + self.cost, self.first)
        np.minimum(best, now, out=best)
        distance[self.reached] = best
        return not (best == now).all()
