"""`make run`'s command, as a process of its own on a folder of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest
from django.core.management import CommandError

from mentorship.management.commands import serve as serve_command
from tests import databases
from tests.conftest import ROOT
from tests.services import SURELY_WITHIN_SECONDS, free_port, wait_for_port

pytestmark = [pytest.mark.integration, pytest.mark.once]  # it brings a database of its own


@pytest.fixture
def serve(tmp_path):
    """Start `manage.py serve` on SQLite and files below tmp_path."""
    started = []

    def start(**variables):
        environment = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path / "var"),
            "PORT": str(free_port()),
        } | variables
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()  # so that it ends its parts
        process.communicate()


def lines_until(process, *wanted):
    """Return the lines up to where each of the wanted has been printed, as a part of a line."""
    lines, missing = [], list(wanted)
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        missing = [words for words in missing if words not in line]
        if not missing:
            return lines
    raise AssertionError(f"{missing} was not printed:\n" + "\n".join(lines))


def started(lines):
    """Return the process id of each part that these lines say has started."""
    found = [re.search(r"system \| (\w+) started \(pid=(\d+)\)", line) for line in lines]
    return {match[1]: int(match[2]) for match in found if match}


def health(port):
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz", headers={"Host": "mentors.example.org"}
    )
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_a_part_that_is_killed_starts_again_while_the_others_go_on(serve, tmp_path):
    (tmp_path / "var").mkdir()
    databases.sqlite(tmp_path / "var")  # has its tables, so that the start takes less
    port = free_port()
    site = {"SITE_URL": "https://mentors.example.org", "ALLOWED_HOSTS": "other.example"}
    process = serve(PORT=str(port), **site)
    lines = lines_until(
        process, "Stop with Ctrl-C", "web started", "worker started", "beat started"
    )
    said = "The ", "  Chair:", "  Member:", "  A p"
    assert len([line for line in lines if line.startswith(said)]) == 4
    first = started(lines)
    assert set(first) == {"web", "worker", "beat"}
    state = health(port)
    state.pop("worker")  # which may not have looked into the outbox yet
    assert set(state.values()) == {"ok"}

    for part in ("web", "worker"):
        os.kill(first[part], signal.SIGKILL)
    lines = lines_until(process, "web started", "worker started")

    again = started(lines)
    stops = sorted(line.partition("| ")[2] for line in lines if " stopped " in line)
    assert stops == [
        "web stopped by SIGKILL; it starts again in 1 s",
        "worker stopped by SIGKILL; it starts again in 1 s",
    ]
    assert set(again) == {"web", "worker"}
    assert psutil.Process(first["beat"]).is_running()
    wait_for_port(port)
    assert health(port)["status"] == "ok"
    children = psutil.Process(process.pid).children(recursive=True)
    assert {*again.values(), first["beat"]} <= {child.pid for child in children}

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SURELY_WITHIN_SECONDS)

    assert process.returncode == 0
    assert [child for child in children if still_runs(child)] == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def still_runs(process):
    """Tell a process from its mere entry, which stays until somebody asks how it ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def refusal(process):
    """Return the exit code and what stands on standard error."""
    _, errors = process.communicate(timeout=SURELY_WITHIN_SECONDS)
    return process.returncode, errors.splitlines()


def test_taken_port_is_said(serve):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        assert refusal(serve(PORT=str(port))) == (
            1,
            [
                f"CommandError: Port {port} is taken (Address already in use). "
                "Choose another one with PORT, for example PORT=8001."
            ],
        )


def test_folder_that_cannot_be_written_is_said(serve, tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "var"

    assert refusal(serve(VAR_DIR=str(folder))) == (
        1,
        [f"Cannot write to {folder} (Not a directory). Choose another folder with VAR_DIR."],
    )


def test_a_disk_without_room_is_said(monkeypatch):
    monkeypatch.setattr(serve_command, "FREE_AT_LEAST", 1 << 80)

    with pytest.raises(CommandError, match=r"^Only \d+ MB are left on the disk, and \d+ MB are"):
        serve_command.Command().handle()


def test_a_port_that_is_none_is_said(settings):
    settings.PORT = 99999

    with pytest.raises(CommandError, match=r"^PORT must be a number from 1 to 65535"):
        serve_command.Command().handle()


@pytest.mark.slow
def test_a_mail_server_that_cannot_be_meant_is_said_without_its_password(serve):
    code, errors = refusal(serve(EMAIL_URL="smtp+tls://me:secret@mail.example:abc"))

    assert (code, len(errors)) == (1, 1)
    assert errors[0].startswith(
        "CommandError: EMAIL_URL names no server, or a port that is no number. Write smtp+tls://"
    )
    assert "secret" not in errors[0]


@pytest.mark.slow
def test_queue_out_of_reach_is_said(serve):
    port = free_port()
    code, errors = refusal(serve(BROKER_URL=f"redis://:secret@127.0.0.1:{port}/0"))

    assert code == 1
    assert len(errors) == 1
    assert errors[0].startswith(
        f"CommandError: The queue at redis://127.0.0.1:{port} does not answer ("
    )
    assert errors[0].endswith("Start it, or change BROKER_URL.")
    assert "secret" not in errors[0]


@pytest.mark.slow
def test_database_out_of_reach_is_said(serve):
    port = free_port()
    code, errors = refusal(serve(DATABASE_URL=f"postgres://me:secret@127.0.0.1:{port}/none"))

    assert code == 1
    assert errors[0].startswith("CommandError: The database does not answer (")
    assert errors[-1].endswith("Start it, or change DATABASE_URL.")
    assert "secret" not in "".join(errors)
