"""The whole way from rows to pairs: processor time and peak memory of each step, at four sizes.

`python -m tests.bench.whole [PEOPLE ...]` writes the files of a conference, imports them, proposes
matches and opens the board and the preview of the match emails. Each step is a process of its own
on a fresh SQLite database. Beside them stand the engine alone, which solves and proves the same
problem, and the floor: to look at each pair's affinity once. It prints a table in Markdown, draws
docs/pictures/whole-way.png where matplotlib is installed, and exits with 1 if a target is missed.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from tests.bench.imports import ROOT, run
from tests.bench.programs import signed_in

SIZES = (85, 500, 2_000, 10_000)
# The most seconds of processor time, and megabytes, of `propose_matches` on two cores.
TARGETS = {85: (1.5, 200), 500: (2, None), 2_000: (4, None), 10_000: (20, 900)}
NONE = (None, None)
SLUG = "whole-way"
FIELDS = (
    "Biology/Health", "Software Engineering", "Physics/Astro/Chemistry", "CompSci/DS/ML", "Other",
)  # fmt: skip
SECTORS = ("Academia", "Industry", "Government")
STAGES = ("Student", "Early career", "Mid career", "Senior")
ZONES = ("Europe/Berlin", "America/Chicago", "America/New_York", "Asia/Tokyo")
PAGES = {"board": "board/", "preview of match emails": "mail/send/match/"}
NOTE_WORDS = 40
VOCABULARY = 4_000
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


class Words:
    """Invented words that come as often as those of a language: the k-th 1/k as often (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        made: dict[str, None] = {}
        while len(made) < VOCABULARY:
            made["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))] = None
        self.words = list(made)
        self.weights = list(accumulate(1 / k for k in range(1, VOCABULARY + 1)))

    def text(self, count: int) -> str:
        drawn = self.chance.choices(self.words, cum_weights=self.weights, k=count)
        return " ".join(drawn).capitalize() + "."


def signups(people: int) -> Iterator[list[str]]:
    """Yield the rows of a ticket shop's export: 45 in 100 are mentors, five share an employer."""
    yield ["Order", "Name", "Email", "Ticket", "Company", "Mentorship", "Registered at"]
    for n in range(people):
        ticket = "Online" if n % 5 == 0 else "In person"
        yield [
            f"R{n}", f"Person Number{n}", address(n, people), ticket, employer(n, people), role(n),
            f"06/{1 + n % 28:02}/2027 {n % 24:02}:{n % 60:02}",
        ]  # fmt: skip


def employer(n: int, people: int) -> str:
    return f"Institute {n % (people // 5)}"


def address(n: int, people: int) -> str:
    return f"p{n}@{employer(n, people).replace(' ', '').lower()}.example"


def role(n: int) -> str:
    return "mentor" if n % 11 < 5 else "mentee"


def answers(people: int) -> Iterator[list[str]]:
    """Yield the rows of a survey that everyone has answered, with a note of 40 words."""
    chance = random.Random(people)
    words = Words(chance)
    yield ["Timestamp", "Email", "Role", "Attending", "Fields", "Sector", "Career stage",
           "Capacity", "Time zone", "Notes"]  # fmt: skip
    for n in range(people):
        yield [
            f"2027/06/{1 + n % 28:02} {n % 24:02}:{n % 60:02}:00", address(n, people), role(n),
            "Virtually" if n % 5 == 0 else "In person",
            ", ".join(chance.sample(FIELDS, chance.choice((1, 2)))), chance.choice(SECTORS),
            chance.choice(STAGES), chance.choices(("one", "two", "three"), (6, 3, 1))[0],
            chance.choice(ZONES), words.text(NOTE_WORDS),
        ]  # fmt: skip


def write(path: Path, rows: Iterator[list[str]]) -> str:
    """Write rows as a CSV file and return its name."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def measured_here(what: str) -> None:
    """Print, as JSON, the processor seconds and the peak of megabytes of one thing in here."""
    import django

    django.setup()
    busy = engine() if what == "engine" else {what: page(PAGES[what])}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({name: (seconds, peak) for name, seconds in busy.items()}))


def page(address: str) -> float:
    """Return what a page takes the first time it is asked for, of a server that has started."""
    from django.conf import settings
    from django.test.utils import setup_test_environment

    from mentorship.models import Program
    from tests.factories import MembershipFactory

    setup_test_environment()
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    program = Program.objects.get(slug=SLUG)
    user = MembershipFactory(program=program, user__username=address).user
    client = signed_in(user)
    assert client.get("/committee/notifications/emaillog/").status_code == 200
    work = time.process_time()
    answer = client.get(f"/committee/{address}")
    busy = time.process_time() - work
    assert answer.status_code == 200, answer.status_code
    return busy


def engine() -> dict[str, float]:
    """Return what solving and proving take alone, and to look at each pair's affinity once."""
    import numpy as np

    from matching.domain.proposals.problem import read_inputs, solve
    from matching.engine import certify
    from matching.engine import solve as solve_problem
    from mentorship.models import Program

    # Solved once before, so that nothing is imported or computed for the first time.
    problem = solve(read_inputs(Program.objects.get(slug=SLUG))).problem
    work = time.process_time()
    solution = solve_problem(problem)
    certificate = certify(problem, solution)
    solved = time.process_time() - work
    assert certificate.valid, certificate.problems
    assert problem.affinity is not None
    work = time.process_time()
    for start in range(0, len(problem.mentors), 100):
        stop = min(start + 100, len(problem.mentors))
        block = problem.affinity(start, stop)
        np.argmax(block.astype(np.int64), axis=1)
    return {"engine alone": solved, "floor": time.process_time() - work}


def steps(people: int, folder: Path, times: int = 1) -> Iterator[tuple[str, float, float]]:
    """Yield each step with its processor seconds and its peak of megabytes.

    Pairs are proposed so many `times`, of which the quickest counts: what else the machine does
    makes it longer and never shorter. More than once is for SQLite, whose file is put back before.
    """
    run("migrate", "--verbosity=0")
    dates = ("--start", "2027-07-12", "--end", "2027-07-18", "--timezone", "UTC")
    run("create_program", SLUG, "--name", "Whole way", *dates, "--json")
    to = ("--program", SLUG, "--json")
    for command, name, rows in (
        ("import_signups", "import of sign-ups", signups),
        ("import_responses", "import of answers", answers),
    ):
        path = write(folder / f"{command}.csv", rows(people))
        _, busy, megabytes, _ = run(command, path, *to)
        yield name, busy, megabytes
    database = folder / "db.sqlite3"
    without_pairs = database.read_bytes() if times > 1 else b""
    runs = []
    for _ in range(times):
        if times > 1:
            database.write_bytes(without_pairs)
        runs.append(run("propose_matches", *to))
        assert runs[-1][3]["status"] == "optimal"
    yield "propose_matches", min(busy for _, busy, _, _ in runs), max(r[2] for r in runs)
    for what in (*PAGES, "engine"):
        command = [sys.executable, "-m", __spec__.name, "--here", what]
        printed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        for name, (busy, megabytes) in json.loads(printed).items():
            yield name, busy, megabytes


def main() -> int:
    """Print the table; return 1 if a target is missed."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    measured: dict[str, list[tuple[int, float]]] = {}
    missed = []
    print("| people | step | s of processor | MB | at most |\n| --- | --- | --- | --- | --- |")
    for people in sizes:
        with tempfile.TemporaryDirectory() as name:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "mentorship.settings",
                "VAR_DIR": name,
                "PYTHONWARNINGS": "ignore",
                "DATABASE_URL": "",
                "EMAIL_URL": "",
                "LOG_LEVEL": "ERROR",
            }
            times = 3 if people <= 2_000 else 1
            for step, busy, megabytes in steps(people, Path(name), times):
                measured.setdefault(step, []).append((people, busy))
                most = TARGETS.get(people) if step == "propose_matches" else None
                seconds, memory = most or (None, None)
                words = " ".join(
                    [f"{seconds} s" if seconds else "", f"{memory} MB" if memory else ""]
                )
                print(
                    f"| {people:,} | {step} | {busy:.3f} | {megabytes:.0f} | {words.strip()} |",
                    flush=True,
                )
                if (seconds and busy > seconds) or (memory and megabytes > memory):
                    missed.append(
                        f"{step} at {people:,} people took {busy:.2f} s, {megabytes:.0f} MB."
                    )
    plot(measured)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0


def plot(measured: dict[str, list[tuple[int, float]]]) -> None:
    """Draw seconds over people on logarithmic axes; do nothing where matplotlib is missing."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for (step, points), mark in zip(measured.items(), "os^vDPX", strict=False):
        people, seconds = zip(*points, strict=True)
        wide = 2.5 if step == "propose_matches" else 1
        axes.loglog(people, seconds, marker=mark, label=step, lw=wide)
    axes.set(xlabel="people", ylabel="seconds of processor time")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(ROOT / "docs" / "pictures" / "whole-way.png", dpi=120)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        measured_here(sys.argv[2])
    else:
        sys.exit(main())
