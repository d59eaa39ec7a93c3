"""Other ways to match the same conference, each run as a process of its own by `matcher.py`.

`python tests/bench/peers.py NAME problem.npz pairs.npz` reads arrays, matches, and writes the pairs
with the seconds taken. It imports nothing of this project, because two of the libraries are called
`matching` like one of its packages.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

# One weighted sum of the tiers, exact in a double: unmatched, spread, mixed, cross-field, weak,
# affinity. Each weight is 32 (affinity: 2^18) times the next, which is ample on these conferences.
UNMATCHED, SPREAD, MIXED, CROSS, WEAK = (2.0**power for power in (39, 33, 28, 23, 18))


def pair_cost(data):
    """Return the weighted cost of each pair, shape (mentors, mentees); excluded ones cost more."""
    cost = data["mixed"] * MIXED + data["cross"] * CROSS + data["weak"] * WEAK - data["affinity"]
    cost[tuple(data["excluded"].T)] = 4 * UNMATCHED
    return cost


def expanded(data):
    """Return each place's mentor and costs, shape (places, mentees); a k-th place costs more."""
    capacity = data["capacity"]
    owner = np.repeat(np.arange(len(capacity)), capacity)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(capacity) - capacity, capacity)
    return owner, pair_cost(data)[owner] + (place * SPREAD)[:, None]


def scipy_assignment(data):
    """Return the pairs of SciPy's linear_sum_assignment over the expanded places."""
    from scipy.optimize import linear_sum_assignment

    owner, cost = expanded(data)
    rows, columns = linear_sum_assignment(cost)
    made = cost[rows, columns] < UNMATCHED * 2
    return np.column_stack([owner[rows], columns])[made]


def munkres(data):
    """Return the pairs of the munkres package over the expanded places."""
    from munkres import Munkres

    owner, cost = expanded(data)
    pairs = Munkres().compute((cost.T + UNMATCHED).astype(int).tolist())
    return np.array(
        [(owner[place], mentee) for mentee, place in pairs if cost[place, mentee] < UNMATCHED]
    )


def _offer_names_of_matching():
    """Have `import matching` find what the package of that name offers.

    mentor-match installs a `matching/__init__.py`, too, and which of the two is there is chance.
    """
    import matching
    from matching import base

    for name in ("BaseGame", "BaseMatching", "BasePlayer"):
        setattr(matching, name, getattr(base, name))
    from matching import players

    for name in ("Hospital", "Player", "Project", "Supervisor"):
        setattr(matching, name, getattr(players, name))
    from matching import matchings

    for name in ("MultipleMatching", "SingleMatching"):
        setattr(matching, name, getattr(matchings, name))


def hospital_resident(data):
    """Return the stable pairs of the matching package, mentees and mentors ranked by cost.

    Mentees are its residents, mentors its hospitals (D. Gale and L. Shapley, College admissions and
    the stability of marriage, 1962).
    """
    _offer_names_of_matching()
    from matching.games import HospitalResident

    sys.setrecursionlimit(100_000)  # the package copies its players recursively

    cost = pair_cost(data)
    mentors = np.flatnonzero(data["capacity"])
    allowed = cost < UNMATCHED
    residents = {
        f"e{j}": [f"m{i}" for i in mentors[np.argsort(cost[mentors, j])] if allowed[i, j]]
        for j in range(cost.shape[1])
    }
    residents = {name: ranked for name, ranked in residents.items() if ranked}
    hospitals = {f"m{i}": [f"e{j}" for j in np.argsort(cost[i]) if allowed[i, j]] for i in mentors}
    game = HospitalResident.create_from_dictionaries(
        residents, hospitals, {f"m{i}": int(data["capacity"][i]) for i in mentors}
    )
    return np.array(
        [
            (int(hospital.name[1:]), int(resident.name[1:]))
            for hospital, guests in game.solve(optimal="resident").items()
            for resident in guests
        ]
    )


def mentor_match(data):
    """Return the pairs of the mentor-match package: a round for each place, scored by cost."""
    from matching.mentee import Mentee
    from matching.mentor import Mentor
    from matching.process import generate_match_matrix, match_and_assign_participants
    from matching.rules.rule import Disqualify, Rule

    cost = pair_cost(data)

    class Weighted(Rule):
        def apply(self, match_object):
            return int(UNMATCHED - cost[match_object.mentor.number, match_object.mentee.number])

    def person(kind, number):
        # Two people without an email address would count as the same person.
        made = kind(grade=1, email=f"{kind.__name__}{number}@conference.example")
        made.number = number
        return made

    def excluded(match):
        return cost[match.mentor.number, match.mentee.number] > UNMATCHED

    mentors = [person(Mentor, number) for number in range(cost.shape[0])]
    waiting = [person(Mentee, number) for number in range(cost.shape[1])]
    pairs = []
    for place in range(int(data["capacity"].max())):
        with_room = [one for one in mentors if data["capacity"][one.number] > place]
        if not waiting or not with_room:
            break
        grid = generate_match_matrix(with_room, waiting, [Disqualify(excluded), Weighted()])
        match_and_assign_participants(grid)
        placed = [one for one in waiting if one.mentors]
        pairs += [(one.mentors[0].number, one.number) for one in placed]
        waiting = [one for one in waiting if not one.mentors]
    return np.array([pair for pair in pairs if cost[pair] < UNMATCHED])


def min_max(data):
    """Return the pairs of a MinMax matcher, as conferences use for papers.

    Every load is within bounds and affinity is the most possible. Mentors get at least one mentee
    where there are enough; fields and attendance are part of the affinity, as such matchers know
    only one score for a pair.
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    n, m = data["affinity"].shape
    score = data["affinity"].astype(np.int64) + 1000 * ~data["mixed"] + 1000 * ~data["cross"]
    allowed = np.ones((n, m), bool)
    allowed[tuple(data["excluded"].T)] = False
    i, j = np.nonzero(allowed)
    flow = SimpleMinCostFlow()

    def arcs(tail, head, capacity, cost):
        return flow.add_arcs_with_capacity_and_unit_cost(
            np.asarray(tail, np.int32), np.asarray(head, np.int32),
            np.asarray(capacity, np.int64), np.asarray(cost, np.int64),
        )  # fmt: skip

    pairs = arcs(n + j, i, np.ones(len(i)), -score[i, j])
    least = np.minimum(data["capacity"], 1)
    arcs(np.arange(n), np.full(n, n + m), least, np.full(n, -(10**6)))
    arcs(np.arange(n), np.full(n, n + m), data["capacity"] - least, np.zeros(n))
    arcs(n + np.arange(m), np.full(m, n + m), np.ones(m), np.full(m, 10**7))
    flow.set_nodes_supplies(
        np.arange(n + m + 1, dtype=np.int32), np.r_[np.zeros(n, int), np.ones(m, int), -m]
    )
    flow.solve()
    used = flow.flows(pairs) > 0
    return np.column_stack([i[used], j[used]])


def by_hand(data):
    """Return pairs as made by hand: by field, same attendance first, one each before a second."""
    cost = data["affinity"]
    allowed = np.ones(cost.shape, bool)
    allowed[tuple(data["excluded"].T)] = False
    load = np.zeros(cost.shape[0], int)
    waiting = np.ones(cost.shape[1], bool)
    pairs = []
    for place in range(int(data["capacity"].max())):
        for cross in (False, True):
            for mixed in (False, True):
                fits = (data["cross"] == cross) & (data["mixed"] == mixed) & allowed
                for j in np.flatnonzero(waiting):
                    room = fits[:, j] & (load == place) & (data["capacity"] > place)
                    if room.any():
                        i = int(np.argmax(np.where(room, cost[:, j], -1)))
                        pairs.append((i, j))
                        load[i] += 1
                        waiting[j] = False
    return np.array(pairs)


PEERS = {
    "linear_sum_assignment": scipy_assignment,
    "munkres": munkres,
    "matching": hospital_resident,
    "mentor-match": mentor_match,
    "MinMax flow": min_max,
    "by hand": by_hand,
}


def main() -> None:
    """Match the arrays of one file in the way of this name, and write pairs and measurements."""
    name, source, target = sys.argv[1:]
    data = dict(np.load(source))
    busy = 0.0
    for _ in range(2):  # what is quick runs again, so that its imports are not part of the time
        if busy < 1:
            began, work = time.perf_counter(), time.process_time()
            pairs = PEERS[name](data)
            seconds, busy = time.perf_counter() - began, time.process_time() - work
    np.savez(
        target,
        pairs=np.asarray(pairs, np.int64).reshape(-1, 2),
        seconds=seconds,
        busy=busy,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


if __name__ == "__main__":
    main()
