"""Sees to what the tests need and no Python package brings: `python -m tests.setup`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests import chromium, services
from tests.mentorship.sources.real import pretix_server as pretix
from tests.notifications.real import postfix


def install_chromium() -> None:
    """Try Playwright's own download, then Debian's package (which takes root)."""
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    if os.geteuid() == 0:
        playwright.insert(-1, "--with-deps")
    subprocess.run(playwright, check=False)
    if not chromium.find():
        install_package("chromium")


def install_package(name: str) -> None:
    """Install one of Debian's packages, where this user may."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-qy", name], check=False, env=quiet)


def main() -> None:
    if "CHROMIUM" not in os.environ and not shutil.which(chromium.WITHOUT_WINDOWS):
        install_package(chromium.WITHOUT_WINDOWS)
    if not chromium.find():
        install_chromium()
    if not chromium.find():
        sys.exit(chromium.NONE_FOUND)
    if not services.redis_server():
        install_package("redis-server")
    if not services.redis_server():
        sys.exit(services.NO_REDIS)
    if "--soak" in sys.argv:
        for name in postfix.PACKAGES:
            install_package(name)
        if not postfix.is_there():
            sys.exit(postfix.MISSING)
        pretix.install()


if __name__ == "__main__":
    main()
