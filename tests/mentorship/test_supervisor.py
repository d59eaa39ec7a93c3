"""Parts under one parent, as processes that take milliseconds to start."""

import signal
import subprocess
import sys

import psutil
import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.once]

PROGRAM = """
import sys
from mentorship import supervisor

supervisor.BACK_OFF = (0.01, 0.02)
parts = supervisor.Supervisor(kill_after_seconds=float(sys.argv[1]))
for part in sys.argv[2:]:
    name, _, command = part.partition("=")
    parts.add(name, ("sh", "-c", command))
try:
    parts.run()
except supervisor.CannotStart as error:
    sys.exit(f"{error}")
"""
LASTS = "exec sleep 60"


@pytest.fixture
def supervise():
    """Run these parts under a supervisor in a process of its own."""
    running = []

    def start(*parts, kill_after=10):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(kill_after), *parts],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def said(line):
    return line.split(" ", 1)[1].rstrip("\n")


def test_only_a_part_that_ends_at_each_start_ends_everything(supervise):
    process = supervise(f"well={LASTS}", "ill=echo the port is taken; exit 3")

    printed, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert errors == (
        "The part “ill” cannot start: it ended 3 times right after its start. "
        "Its lines above, marked ill, say why.\n"
    )
    lines = [said(line) for line in printed.splitlines() if "started" not in line]
    assert lines == [
        "ill    | the port is taken",
        "system | ill stopped with exit code 3; it starts again in 0.01 s",
        "ill    | the port is taken",
        "system | ill stopped with exit code 3; it starts again in 0.02 s",
        "ill    | the port is taken",
    ]
    pid = next(
        int(line.rpartition("=")[2][:-1]) for line in printed.splitlines() if "well s" in line
    )
    assert not psutil.pid_exists(pid)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_parts_and_kills_one_that_does_not_listen(supervise, number):
    deaf = "trap '' TERM; sleep 60 & echo ready; wait"
    process = supervise(f"well={LASTS}", f"deaf={deaf}", kill_after=0.3)
    while "ready" not in process.stdout.readline():
        pass
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) == 3  # with the one that the deaf part has started

    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == 0
    assert not any(psutil.pid_exists(child.pid) for child in children[:2])
    psutil.wait_procs(children, timeout=10)
    assert [child for child in children if child.is_running()] == []


def test_under_nohup_it_outlives_its_terminal(supervise):
    was = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = supervise(f"part=echo ready; {LASTS}")
    finally:
        signal.signal(signal.SIGHUP, was)
    while "ready" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGHUP)
    psutil.Process(process.pid).children()[0].kill()
    # It ends, and prints nothing more, if it does not ignore the first signal.
    assert any("part started" in line for line in iter(process.stdout.readline, ""))


@pytest.mark.slow
def test_what_a_dead_part_leaves_behind_is_ended_before_it_starts_again(supervise):
    process = supervise("parent=sleep 60 & echo child $!; wait")
    left = None
    for line in process.stdout:
        if "child" in line and left is None:
            left = psutil.Process(int(line.rpartition(" ")[2]))
            left.parent().kill()
        elif "started" in line and left is not None:
            break

    psutil.wait_procs([left], timeout=10)
    assert not left.is_running()
