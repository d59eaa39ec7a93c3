"""How long fifty thousand rows take to import, and in how much memory: `make bench` runs it.

Each command runs as a process of its own on a fresh SQLite database; a second time with the same
file, which changes nothing, and once more with every row changed.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl

ROOT = Path(__file__).parents[2]
ROWS = 50_000
# In seconds of processor time, which other programs on the machine change least. To show what a
# file would change comes before anybody decides, so it has to be quick. An answer that is recorded
# is five kinds of rows: itself, its fields, the person, their fields, the history.
SECONDS = 20
MEGABYTES = 400
FIELDS = ["Biology/Health", "Software Engineering", "Physics/Astro/Chemistry", "Other"]


def signups(company: str) -> Iterator[str]:
    yield "Order,Name,Email,Ticket,Company,Mentorship,Registered at"
    for n in range(ROWS):
        role = "mentor" if n % 2 else "mentee"
        when = f"06/{1 + n % 28:02}/2027 {n % 24:02}:{n % 60:02}"
        yield f"R{n},Person {n},p{n}@freemail.example,Online,{company} {n % 99},{role},{when}"


def answers() -> Iterator[str]:
    yield "Timestamp,Email,Role,Attending,Fields,Sector,Career stage,Capacity,Time zone,Notes"
    for n in range(ROWS):
        role = "mentor" if n % 2 else "mentee"
        when = f"2027/06/{1 + n % 28:02} {n % 24:02}:{n % 60:02}:00"
        fields = f'"{FIELDS[n % 4]}, {FIELDS[(n + 1) % 4]}"'
        yield (
            f"{when},p{n}@freemail.example,{role},Virtually,{fields},Academia,Senior,two,"
            f"Europe/Berlin,{'I work on compilers and like to talk. ' * 3}"
        )


def write_workbook(text: Path, workbook: Path) -> None:
    """Write the rows of a CSV file as an XLSX workbook."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    with text.open(newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    book.save(workbook)


def run(*args: str) -> tuple[float, float, int, dict]:
    """Run one command; give its seconds, the busy ones of them, its peak of MB, and its output."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            stdout=printed,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        printed.seek(0)
        output = printed.read()
    if process.returncode:
        sys.exit(f"{args[0]} ended with {process.returncode}")
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    cpu = usage.ru_utime + usage.ru_stime
    return seconds, cpu, usage.ru_maxrss // scale, json.loads(output) if output else {}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": os.environ.get("DATABASE_URL", "")}
        files = {"first": signups("Company"), "changed": signups("Other"), "answers": answers()}
        for name, lines in files.items():
            Path(folder, f"{name}.csv").write_text("\n".join(lines))
        write_workbook(Path(folder, "answers.csv"), Path(folder, "workbook.xlsx"))
        run("migrate", "--verbosity=0")
        dates = ("--start", "2027-07-12", "--end", "2027-07-18", "--timezone", "UTC")
        run("create_program", "bench", "--name", "Bench", *dates, "--json")
        slow = False
        for command, name, dry in [
            ("import_signups", "first", True),
            ("import_signups", "first", False),
            ("import_signups", "first", False),
            ("import_signups", "changed", False),
            ("import_responses", "answers", True),
            ("import_responses", "workbook", True),
            ("import_responses", "answers", False),
            ("import_responses", "answers", False),
        ]:
            path = str(next(Path(folder).glob(f"{name}.*")))
            options = ["--dry-run"] if dry else []
            seconds, cpu, memory, said = run(
                command, path, "--program", "bench", "--json", *options
            )
            numbers = {key: value for key, value in said.items() if isinstance(value, int)}
            shown = f"{command} {name}{' --dry-run' if dry else ''}"
            missed = cpu > SECONDS or memory > MEGABYTES
            print(
                f"{shown}: {cpu:.1f} s of processor time (at most {SECONDS}), {memory} MB (at most "
                f"{MEGABYTES}), {seconds:.1f} s on the clock, {numbers}{'  MISSED' * missed}",
                flush=True,
            )
            slow = slow or missed
    if slow:
        sys.exit("Too slow or too large.")


if __name__ == "__main__":
    main()
