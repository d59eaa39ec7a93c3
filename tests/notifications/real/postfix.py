"""A Postfix of the test's own: its configuration, queue, ports and log in a folder of their own.

It takes emails from the application on one port and hands them on to a server of the test's. What
comes back is put into a mailbox in that folder, where Dovecot serves it. Only root can start it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import free_port, wait_for_port

SBIN = Path("/usr/lib/postfix/sbin")
DOMAIN = "conf.example"
PACKAGES = ("postfix", "dovecot-imapd", "opendkim")
MISSING = f"The soak needs root and other mail servers: apt-get install {' '.join(PACKAGES)}."

MASTER = """\
{port}    inet  n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
tlsmgr    unix  - - n 1000? 1 tlsmgr
scache    unix  - - n - 1 scache
showq     unix  n - n - - showq
flush     unix  n - n 1000? 0 flush
postlog   unix-dgram n - n - 1 postlogd
"""


def is_there() -> bool:
    """Return whether this machine can run one."""
    has_all = (SBIN / "master").exists() and shutil.which("dovecot") and shutil.which("opendkim")
    return os.geteuid() == 0 and bool(has_all)


@dataclass
class Postfix:
    """One instance in `folder`. `next_port` is the server that it hands emails for others to."""

    folder: Path
    next_port: int
    port: int = field(default_factory=free_port)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "etc"

    @property
    def log(self) -> str:
        file = self.folder / "postfix.log"
        return file.read_text() if file.exists() else ""

    @property
    def mailbox(self) -> Path:
        """The folder of what came back."""
        return self.folder / "mail" / "mentors"

    def start(self, **options: str) -> None:
        """Start it with these options of main.cf, besides what every instance here has."""
        self.options |= options
        self._write()
        self._command("start")
        wait_for_port(self.port)

    def stop(self) -> None:
        self._command("stop")

    def restart(self, **options: str) -> None:
        self.stop()
        self.start(**options)

    def kill(self) -> None:
        """Kill all of it with -9, as a machine that loses power does."""
        master = (self.folder / "queue" / "pid" / "master.pid").read_text().strip()
        subprocess.run(["pkill", "-9", "-g", master], check=False)
        (self.folder / "queue" / "pid" / "master.pid").unlink(missing_ok=True)

    def wait_until_empty(self, seconds: float = 30) -> None:
        """Return once nothing waits in its queue."""
        ends = time.monotonic() + seconds
        while "Mail queue is empty" not in self._queue():
            assert time.monotonic() < ends, f"Postfix still has\n{self._queue()}\n{self.log}"
            time.sleep(0.1)

    def _queue(self) -> str:
        asked = subprocess.run(
            ["postqueue", "-c", self.config, "-p"], check=False, capture_output=True, text=True
        )
        return asked.stdout + asked.stderr

    def _command(self, name: str) -> None:
        subprocess.run(
            ["postfix", "-c", self.config, name], check=True, capture_output=True, timeout=60
        )

    def _write(self) -> None:
        owner = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "data", "mail"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("data", "mail"):
            os.chown(self.folder / name, owner.pw_uid, owner.pw_gid)
        main = {
            "compatibility_level": "3.6",
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "command_directory": "/usr/sbin",
            "daemon_directory": SBIN,
            "mail_owner": "postfix",
            "setgid_group": "postdrop",
            "maillog_file": self.folder / "postfix.log",
            "maillog_file_prefixes": self.folder,
            "myhostname": "mail.conf.example",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
            "relayhost": f"[127.0.0.1]:{self.next_port}",
            "default_database_type": "texthash",
            "alias_maps": "",
            "notify_classes": "",
            "virtual_mailbox_domains": DOMAIN,
            "virtual_mailbox_base": self.folder / "mail",
            "virtual_mailbox_maps": f"inline:{{ mentors@{DOMAIN}=mentors/ }}",
            "virtual_uid_maps": f"static:{owner.pw_uid}",
            "virtual_gid_maps": f"static:{owner.pw_gid}",
            "virtual_minimum_uid": "1",
            "smtp_tls_security_level": "none",
            "smtputf8_enable": "no",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "1s",
            "queue_run_delay": "1s",
        } | self.options
        text = "".join(f"{name} = {value}\n" for name, value in main.items())
        (self.config / "main.cf").write_text(text)
        (self.config / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{self.port}"))
