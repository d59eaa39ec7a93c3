"""How large a machine a site needs, on PostgreSQL: the table in docs/host.md.

`python -m tests.bench.sizing` takes programs of 50 to 20,000 people the whole way, as
`tests.bench.whole` does, each in a database of its own. For each size it prints the processor time
and the most memory of an import of answers and of a proposal, as a worker makes them, the memory of
a web server's process that has shown the board and previewed the match emails, and the size of the
database. Other sizes can be named.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import psycopg

from tests.bench.whole import PAGES, steps
from tests.databases import PostgreSQL

SIZES = (50, 500, 2_000, 20_000)
# The most seconds of processor time, and megabytes, of a proposal.
MOST = {20_000: (60, 1_000)}
WORKER = ("import of answers", "propose_matches")


def main() -> int:
    """Print the table; return 1 if a target is missed."""
    missed = False
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when this runs as root
        server = PostgreSQL(folder)
        try:
            url = server.start()
            print(f"| people | import | proposal | worker | web | database |\n{'|---' * 6}|")
            for people in sizes:
                shown, proposed, megabytes = row(people, url, folder / str(people))
                print(shown, flush=True)
                seconds, most = MOST.get(people, (None, None))
                if seconds and most:
                    print(f"(a proposal: at most {seconds} s, {most:,} MB)", flush=True)
                    missed |= proposed > seconds or megabytes > most
        finally:
            server.stop()
    return int(missed)


def row(people: int, url: str, folder: Path) -> tuple[str, float, float]:
    """Return the line of the table for so many people, and a proposal's seconds and megabytes."""
    folder.mkdir()
    database = f"people{people}"
    with psycopg.connect(url.replace("/migrated?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database} TEMPLATE migrated")  # type: ignore[arg-type]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "mentorship.settings",
        "VAR_DIR": str(folder),
        "PYTHONWARNINGS": "ignore",
        "DATABASE_URL": url.replace("/migrated?", f"/{database}?"),
        "EMAIL_URL": "",
        "LOG_LEVEL": "ERROR",
    }
    found = {name: (busy, megabytes) for name, busy, megabytes in steps(people, folder)}
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert size is not None
    imported, proposed = (found[name][0] for name in WORKER)
    worker = max(found[name][1] for name in WORKER)
    web = max(found[name][1] for name in PAGES)
    return (
        f"| {people:,} | {imported:.1f} s | {proposed:.1f} s | {worker:.0f} MB | {web:.0f} MB "
        f"| {size[0] / 1e6:.0f} MB |",
        proposed,
        found["propose_matches"][1],
    )


if __name__ == "__main__":
    sys.exit(main())
