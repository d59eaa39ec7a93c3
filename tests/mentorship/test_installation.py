"""What is written under VAR_DIR, and when."""

import os
import subprocess
import sys
import threading

from mentorship.installation import kept_secret_key
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


def test_a_fresh_clone_needs_no_set_up(tmp_path):
    folder = tmp_path / "var"
    shown = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (run(folder, "manage.py", "shell", "-v0", "-c", shown) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert len(first.stdout.strip()) > 50
    assert first.stdout == second.stdout
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600


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
