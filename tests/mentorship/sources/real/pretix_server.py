"""A pretix of the test's own: installed in an environment of its own, with a database in a file.

`tests.setup --soak` installs it into `.venv/pretix`, and makes the database that each test copies.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services import ROOT, free_port, wait_for_port

HOME = ROOT / ".venv" / "pretix"
PYTHON = HOME / "bin" / "python"
EMPTY = HOME / "empty.sqlite3"
MISSING = "The soak needs a pretix: python -m tests.setup --soak installs the package."
# It is asked as a service, so its version is of no matter to the application.
PACKAGE = "pretix"

CONFIG = """\
[pretix]
instance_name=Test
url=http://127.0.0.1:{port}
datadir={folder}
registration=off
allow_http_to_private_networks=true
[database]
backend=sqlite3
name={database}
[django]
secret=this is a secret of a pretix that only tests ask, for a while
[mail]
host=127.0.0.1
port=1
"""


def is_there() -> bool:
    """Return whether this machine can run one."""
    return PYTHON.exists() and EMPTY.exists()


def install() -> None:
    """Install the package, and make an empty database (which takes some minutes)."""
    if is_there():
        return
    subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, PACKAGE], check=True)
    made = EMPTY.with_suffix(".made")
    made.unlink(missing_ok=True)
    server = Pretix(HOME / "data", database=made)
    server.write()
    server.run("migrate", "--skip-checks", "-v", "0")
    made.rename(EMPTY)


@dataclass
class Pretix:
    """One instance in `folder`, and the script that sets up an event in it."""

    folder: Path
    port: int = field(default_factory=free_port)
    database: Path | None = None
    server: subprocess.Popen[bytes] | None = None
    script: subprocess.Popen[str] | None = None
    keys: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self) -> None:
        """Write the configuration, and put an empty database there if there is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.database is None:
            self.database = self.folder / "db.sqlite3"
            shutil.copy(EMPTY, self.database)
        text = CONFIG.format(port=self.port, folder=self.folder, database=self.database)
        (self.folder / "pretix.cfg").write_text(text)

    @property
    def _environment(self) -> dict[str, str]:
        variables = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO")}
        return variables | {"PRETIX_CONFIG_FILE": str(self.folder / "pretix.cfg")}

    def run(self, *arguments: str) -> None:
        command = [PYTHON, "-m", "pretix", *arguments]
        subprocess.run(command, check=True, env=self._environment, cwd=self.folder)

    def start(self) -> None:
        command = [PYTHON, "-m", "pretix", "runserver", f"127.0.0.1:{self.port}", "--noreload"]
        log = (self.folder / "server.log").open("ab")
        self.server = subprocess.Popen(
            command, env=self._environment, cwd=self.folder, stdout=log, stderr=log
        )
        for last in (False, False, True):  # it takes half a minute on a busy machine
            try:
                wait_for_port(self.port)
                break
            except TimeoutError:
                if last:
                    raise

    def stop(self) -> None:
        for process in (self.server, self.script):
            if process:
                process.kill()
                process.wait()
        self.server = self.script = None

    def do(self, name: str, **arguments: Any) -> Any:
        """Have the script in pretix's own Python do something, and return what it says."""
        if self.script is None:
            self.script = subprocess.Popen(
                [PYTHON, Path(__file__).with_name("shop.py")],
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._line()
        assert self.script.stdin
        self.script.stdin.write(json.dumps([name, arguments]) + "\n")
        self.script.stdin.flush()
        return self._line()

    def _line(self) -> Any:
        assert self.script
        assert self.script.stdout
        while line := self.script.stdout.readline():
            if line[:1] in '{"':
                return json.loads(line)
        raise AssertionError("the script in pretix has ended")

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as somebody who may write, and return its answer."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/organizers/sci/events/con/{path}",
            None if body is None else json.dumps(body).encode(),
            {
                "Authorization": f"Token {self.keys['writes']}",
                "Content-Type": "application/json",
            },
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:2000]}") from error
        return json.loads(text) if text else None
