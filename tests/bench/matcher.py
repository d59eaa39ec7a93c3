"""The matcher beside what else does the job: time, peak memory and every tier, on one machine.

`python -m tests.bench.matcher [PEOPLE ...]` prints a table in Markdown and draws
docs/pictures/matcher-speed.png where matplotlib is installed. The engine's time includes its
certificate; the peers prove nothing, and start from costs that are there for each pair.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from matching.engine import PRIORITIES, alternatives, certify, solve
from matching.engine.tiers import values
from tests.bench.conference import conference
from tests.bench.peers import PEERS

ROOT = Path(__file__).parents[2]
SIZES = (60, 200, 500, 1_500, 2_000, 5_000, 10_000, 20_000)
SHOWN = tuple(name for name in PRIORITIES if name != "changed")
# A way that works longer than this at one size is not tried at the next.
PATIENCE = 20.0
TIMEOUT = 120
# Peers hold every pair several times over; beyond this many people not even the fastest fits 4 GB.
MOST_FOR_PEERS = 10_000
# Seconds of processor time and megabytes that the engine must reach on two cores.
TARGETS = {500: (0.05, None), 2_000: (0.5, None), 10_000: (5, 1024), 20_000: (20, 2048)}
# From so many people on, nothing that finds as good a result is quicker.
AHEAD_FROM = 1_500
# As the product's settings do. Idle threads of products of matrices wait busily for a while, and
# that is processor time.
ONE_THREAD = os.environ | {"OPENBLAS_NUM_THREADS": "1"}


def engine(people: int, target: str) -> None:
    """Solve, prove and write what was found; median of three where that is quick."""
    problem, small = conference(people), conference(60)
    certify(small, solve(small))  # so that what is done only once is not part of the time
    times, busy = [], []
    while len(times) < (3 if sum(times) < 5 else 1):
        began, work = time.perf_counter(), time.process_time()
        solution = solve(problem)
        assert certify(problem, solution).valid
        times.append(time.perf_counter() - began)
        busy.append(time.process_time() - work)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    work = time.process_time()
    certify(problem, solution)
    print(
        f"{people:,} people: the certificate takes {time.process_time() - work:.4f} s of these",
        file=sys.stderr,
    )
    if people <= 2_000:
        began = time.perf_counter()
        for mentee in range(10):
            alternatives(problem, solution, mentee, 5)
        spent = (time.perf_counter() - began) / 10
        print(f"  five other mentors for a mentee in {1000 * spent:.0f} ms", file=sys.stderr)
    np.savez(
        target, pairs=solution.pairs, seconds=np.median(times), busy=np.median(busy), megabytes=peak
    )


def arrays(people: int, path: Path) -> None:
    """Write a conference as the plain arrays that the peers read."""
    problem = conference(people)
    affinity = problem.affinity(0, len(problem.mentors))
    common = problem.mentor_fields.astype(np.float32) @ problem.mentee_fields.T
    np.savez(
        path,
        capacity=problem.capacity,
        affinity=affinity,
        mixed=problem.mentor_virtual[:, None] != problem.mentee_virtual,
        cross=common < 0.5,
        weak=affinity < problem.floor,
        excluded=problem.exclusions,
    )


def run(name: str, people: int, folder: Path) -> dict | None:
    """Run one way in a process of its own and return its result; None if it failed or was slow."""
    target = folder / "pairs.npz"
    target.unlink(missing_ok=True)
    if name == "this engine":
        command = ["-m", "tests.bench.matcher", "--engine", str(people), str(target)]
    else:
        command = ["tests/bench/peers.py", name, f"{folder}/{people}.npz", str(target)]
    try:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=ONE_THREAD, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return dict(np.load(target)) if done.returncode == 0 else None


def line(name: str, people: int, result: dict) -> tuple[str, list[int]]:
    """Return one way's row of the table, and the values of its tiers."""
    found = values(conference(people), result["pairs"])
    tiers = [found[tier] for tier in SHOWN]
    seconds, megabytes = (
        TARGETS.get(people, (None, None)) if name == "this engine" else (None, None)
    )
    most = " ".join([f"{seconds} s" * bool(seconds), f"{megabytes} MB" * bool(megabytes)]).strip()
    cells = [f"{people:,}", name, f"{result['seconds']:.3f}", f"{result['busy']:.3f}",
             f"{result['megabytes']:.0f}", most, *map(str, tiers)]  # fmt: skip
    return f"| {' | '.join(cells)} |", tiers


def main() -> int:
    """Print the table; return 1 if a target is missed or another way is better in tier order."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    print(f"| people | way | s | s of processor | MB | at most | {' | '.join(SHOWN)} |")
    print("|" + " --- |" * (6 + len(SHOWN)))
    tired: set[str] = set()
    measured: dict[str, list[tuple[int, float]]] = {}
    faults = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for people in sizes:
            ways = ["this engine"]
            if people <= MOST_FOR_PEERS:
                arrays(people, folder / f"{people}.npz")
                ways += [peer for peer in PEERS if peer not in tired]
            best: list[int] = []
            for way in ways:
                result = run(way, people, folder)
                if result is None:
                    tired.add(way)
                    if way == "this engine":
                        sys.exit(f"The engine failed at {people} people.")
                    print(f"| {people:,} | {way} | over {TIMEOUT} or failed |", flush=True)
                    continue
                row, tiers = line(way, people, result)
                print(row, flush=True)
                measured.setdefault(way, []).append((people, float(result["busy"])))
                best = best or tiers
                if tiers < best:
                    faults.append(f"{way} is better than the engine at {people} people.")
                quicker = measured[way][-1][1] < measured["this engine"][-1][1]
                if people >= AHEAD_FROM and quicker and tiers <= best:
                    faults.append(f"{way} is quicker than the engine at {people} people.")
                if result["busy"] > PATIENCE:
                    tired.add(way)
                seconds, megabytes = TARGETS.get(people, (None, None))
                if way == "this engine" and seconds and result["busy"] > seconds:
                    faults.append(f"{people} people took {result['busy']:.2f} s.")
                if way == "this engine" and megabytes and result["megabytes"] > megabytes:
                    faults.append(f"{people} people took {result['megabytes']:.0f} MB.")
            (folder / f"{people}.npz").unlink(missing_ok=True)
    plot(measured)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def plot(measured: dict[str, list[tuple[int, float]]]) -> None:
    """Draw seconds over people on logarithmic axes; do nothing where matplotlib is missing."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for (way, points), mark in zip(measured.items(), "os^vDPX", strict=False):
        people, seconds = zip(*points, strict=True)
        axes.loglog(people, seconds, marker=mark, label=way, lw=2.5 if way == "this engine" else 1)
    axes.set(xlabel="people", ylabel="seconds of processor time")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(ROOT / "docs" / "pictures" / "matcher-speed.png", dpi=120)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--engine"]:
        engine(int(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(main())
