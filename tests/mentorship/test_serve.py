"""`make run`'s command, as a process of its own on a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest

from tests.conftest import ROOT, free_port

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
        process.kill()
        process.communicate()


def lines_until(process, beginning):
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1].strip().startswith(beginning):
            return lines
    raise AssertionError(f"“{beginning}” was not printed:\n" + "\n".join(lines))


def test_two_starts_print_the_same_keep_the_data_and_stop_all_of_it(serve):
    port = free_port()
    greetings, states, left = [], [], []
    for end in (signal.SIGTERM, signal.SIGINT):
        process = serve(PORT=str(port))
        lines = lines_until(process, "Stop with Ctrl-C")
        said = "The ", "  Chair:", "  Member:", "  A p"
        greetings.append([line for line in lines if line.startswith(said)])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            states.append(json.load(answer))
        states[-1].pop("worker")  # which may not have looked into the outbox yet
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(end)
        process.communicate(timeout=30)
        left += [child for child in children if still_runs(child)]

    assert len(greetings[0]) == 4
    assert greetings[0] == greetings[1]
    well = dict.fromkeys(("status", "database", "queue", "email", "bounces"), "ok")
    assert states == [well] * 2
    assert process.returncode == 0
    assert left == []
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
    _, errors = process.communicate(timeout=60)
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


def test_a_mail_server_that_cannot_be_meant_is_said_without_its_password(serve):
    code, errors = refusal(serve(EMAIL_URL="smtp+tls://me:secret@mail.example:abc"))

    assert (code, len(errors)) == (1, 1)
    assert errors[0].startswith(
        "CommandError: EMAIL_URL names no server, or a port that is no number. Write smtp+tls://"
    )
    assert "secret" not in errors[0]


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


def test_database_out_of_reach_is_said(serve):
    port = free_port()
    code, errors = refusal(serve(DATABASE_URL=f"postgres://me:secret@127.0.0.1:{port}/none"))

    assert code == 1
    assert errors[0].startswith("CommandError: The database does not answer (")
    assert errors[-1].endswith("Start it, or change DATABASE_URL.")
    assert "secret" not in "".join(errors)
