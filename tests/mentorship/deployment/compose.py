"""The services of docker-compose.yml, started as they stand there but without containers."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
HOST = "mentors.example.org"
# What a host fills in, with a proxy in front.
FILLED_IN = {
    "SITE_URL": f"https://{HOST}",
    "ALLOWED_HOSTS": HOST,
    "DEFAULT_FROM_EMAIL": f"mentors@{HOST}",
    "TRUST_PROXY": "true",
}
# What that proxy sends along.
FROM_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https"}


class Installation:
    """Our services on a database and a Redis that are there.

    What is replaced in their commands and environments: addresses of other containers, and paths
    that only a container has.
    """

    def __init__(self, folder: Path, database_url: str, broker_url: str, port: int) -> None:
        self._replaced = {
            "postgres://mentorship@db:5432/mentorship": database_url,
            "redis://queue:6379/0": broker_url,
            "/var/lib/mentorship": str(folder / "var"),
            "/run/secrets": str(folder),
            "0.0.0.0:8000": f"127.0.0.1:{port}",
            "127.0.0.1:8000": f"127.0.0.1:{port}",
            "web:8000": f"127.0.0.1:{port}",
        }
        secrets = {"secret_key": "x" * 50, "database_password": "", "email_url": "consolemail://"}
        for name, value in secrets.items():
            (folder / name).write_text(value + "\n")

    def here(self, text: str) -> str:
        """Return a command or a setting with what a container does not have replaced."""
        for there, instead in self._replaced.items():
            text = text.replace(there, instead)
        return text

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment of a service."""
        own = {name: self.here(value) for name, value in SERVICES[service]["environment"].items()}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, **FILLED_IN, **own}

    def start(self, service: str, **how: Any) -> subprocess.Popen[Any]:
        """Start a service; `how` goes to Popen."""
        command = shlex.split(self.here(SERVICES[service]["command"]))
        return subprocess.Popen(command, cwd=ROOT, env=self.environment(service), **how)
