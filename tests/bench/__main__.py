"""`make bench`: every measurement, one after another; 1 when one of them misses its target."""

from __future__ import annotations

import subprocess
import sys
import time

MEASUREMENTS = ("matcher", "whole", "imports", "outbox", "board", "many_programs", "load",
                "intake_load", "meaning", "sizing")  # fmt: skip


def main() -> int:
    """Run each measurement as a process of its own, so that none warms or fills the others."""
    ends = {}
    for name in MEASUREMENTS:
        print(f"\n== {name}\n", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False)
        ends[name] = done.returncode, (time.monotonic() - began) / 60
    print("\n| measurement | targets | minutes |\n|---|---|---|")
    for name, (code, minutes) in ends.items():
        print(f"| {name} | {f'MISSED ({code})' if code else 'met'} | {minutes:.1f} |")
    return 1 if any(code for code, _ in ends.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
