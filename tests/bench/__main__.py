"""`make bench`: every measurement, one after another; 1 when one of them misses its target."""

from __future__ import annotations

import subprocess
import sys

MEASUREMENTS = ("matcher", "whole", "imports", "outbox", "board", "many_programs", "load",
                "intake_load", "meaning", "sizing")  # fmt: skip


def main() -> int:
    """Run each measurement as a process of its own, so that none warms or fills the others."""
    failed = []
    for name in MEASUREMENTS:
        print(f"\n== {name}\n", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"\nMissed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
