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

    def into(self, nodes: int) -> Ints:
        """Return how many more arcs lead into each node than out of it, shape (nodes,)."""
        inward, outward = (np.bincount(ends, minlength=nodes) for ends in (self.head, self.tail))
        more: Ints = inward - outward
        return more


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
    order = np.argsort(target, kind="stable")
    source, target = np.where(used, arcs.tail, arcs.head)[order], target[order]
    cost = np.where(used, -arcs.cost, arcs.cost)[order]
    first = np.flatnonzero(np.diff(target, prepend=-1))
    reached = target[first]
    for _ in range(len(distance) + 1):
        best = np.minimum.reduceat(distance[source] + cost, first)
        if not (best < distance[reached]).any():
            distance -= distance[0]
            return distance
        distance[reached] = np.minimum(distance[reached], best)
    raise NotSolved("The flow is not the cheapest.")
