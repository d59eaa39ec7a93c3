"""What settings may be, what is written under VAR_DIR and when, and what is said of either."""

import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, ProgrammingError

from mentorship.installation import (
    Environment,
    about_the_database,
    database_at,
    kept_secret_key,
)
from tests.conftest import ROOT


def run(var_dir, *arguments, **variables):
    kept = {name: os.environ[name] for name in ("PATH",)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | {"VAR_DIR": str(var_dir)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_reading_the_settings_writes_nothing(tmp_path):
    folder = tmp_path / "var"
    done = run(folder, "-c", "import mentorship.settings")
    assert (done.returncode, done.stderr, folder.exists()) == (0, "", False)


@pytest.mark.slow
def test_a_fresh_clone_needs_no_set_up(tmp_path):
    folder = tmp_path / "var"
    shown = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (run(folder, "manage.py", "shell", "-v0", "-c", shown) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert len(first.stdout.strip()) > 50
    assert first.stdout == second.stdout
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700  # the database in it is personal data


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "var"
    done = run(folder, "manage.py", "migrate")
    words = f"Cannot write to {folder} (Not a directory). Choose another folder with VAR_DIR.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", words)


def test_several_processes_at_once_keep_one_key(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(kept_secret_key(tmp_path / "var")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8


@pytest.mark.parametrize(
    ("variables", "read", "value"),
    [
        ({"PORT": ""}, lambda env: env.int("PORT", default=8000), 8000),
        ({"PORT": " 81 "}, lambda env: env.int("PORT", default=8000), 81),
        ({"DEBUG": "Off"}, lambda env: env.bool("DEBUG", default=True), False),
        ({"DATABASE_PASSWORD": "$word"}, lambda env: env.str("DATABASE_PASSWORD"), "$word"),
        (
            {"HOSTS": "a.example, b.example"},
            lambda env: env.list("HOSTS"),
            ["a.example", "b.example"],
        ),
        ({"WORDS": ""}, lambda env: env.one_of("WORDS", "line", "json"), "line"),
        ({"SITE_URL": ""}, lambda env: env.web_address("SITE_URL", "http://here"), "http://here"),
        (
            {"SITE_URL": "https://mentors.example.org/"},
            lambda env: env.web_address("SITE_URL", "http://here"),
            "https://mentors.example.org",
        ),
    ],
)
def test_a_setting_is_read_as_it_is_meant(monkeypatch, variables, read, value):
    for name, given in variables.items():
        monkeypatch.setenv(name, given)
    assert read(Environment()) == value


@pytest.mark.parametrize(
    ("variables", "read", "said"),
    [
        (
            {"PORT": "80x"},
            lambda env: env.int("PORT"),
            "PORT is “80x”, which is not a whole number.",
        ),
        (
            {"TRUST_PROXY": "yess"},
            lambda env: env.bool("TRUST_PROXY"),
            "TRUST_PROXY is “yess”. Write true or false.",
        ),
        (
            {"WORDS": "yaml"},
            lambda env: env.one_of("WORDS", "line", "json"),
            "WORDS is “yaml”. Write one of line, json.",
        ),
        (
            {"SITE_URL": "mentors.example.org"},
            lambda env: env.web_address("SITE_URL", "http://here"),
            "SITE_URL is “mentors.example.org”. Write it as in a browser, such as "
            "https://mentors.example.org.",
        ),
        (
            {"TOKEN_FILE": "/nowhere/token"},
            lambda env: env.str("TOKEN"),
            "TOKEN_FILE names a file that cannot be read.",
        ),
    ],
)
def test_a_setting_that_cannot_be_meant_is_said(monkeypatch, variables, read, said):
    for name, given in variables.items():
        monkeypatch.setenv(name, given)
    with pytest.raises(ImproperlyConfigured) as refused:
        read(Environment())
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nope",
        "postgres://",
        "mysql://u:secret@host/x",
        "redis://x",
        "postgres://u:secret@h:p/x",
    ],
)
def test_what_is_no_address_of_a_database_is_said_without_its_password(url):
    with pytest.raises(ValueError, match="That is not the address of a database") as refused:
        database_at(url)
    assert "secret" not in str(refused.value)


def test_a_command_says_a_wrong_setting_in_one_sentence(tmp_path):
    done = run(tmp_path, "manage.py", "first_chair", PORT="80x")
    words = "PORT is “80x”, which is not a whole number.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", words)


@pytest.mark.slow
def test_a_command_says_that_the_tables_are_not_there(tmp_path):
    done = run(tmp_path / "a#b?c%20d", "manage.py", "first_chair")
    words = (
        "The database is not up to date (no such table: auth_user). Run: python manage.py migrate\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", words)
    assert (tmp_path / "a#b?c%20d" / "db.sqlite3").exists()


def test_a_database_that_is_away_is_told_from_a_mistake():
    missing = ProgrammingError("relation does not exist\nLINE 1")
    missing.__cause__ = psycopg.errors.UndefinedTable()
    assert [
        about_the_database(error)
        for error in (OperationalError("it is away\nfor long"), missing, IntegrityError("twice"))
    ] == [
        "The database does not do this (it is away). Look at it, at its disk and at DATABASE_URL.",
        "The database is not up to date (relation does not exist). Run: python manage.py migrate",
        "",
    ]


def test_a_reader_that_has_enough_is_no_error(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "manage.py", "help"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.slow
def test_ctrl_c_ends_a_command_with_a_word(tmp_path):
    # Python leaves it ignored where it was, as in what a shell runs in the background.
    code = (
        "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " os.kill(os.getpid(), signal.SIGINT)"
    )
    done = run(tmp_path, "manage.py", "shell", "-v0", "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "Stopped.\n")
