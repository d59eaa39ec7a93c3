"""A Dovecot of the test's own: it serves the Postfix's mailbox, and lets people sign in to it."""

from __future__ import annotations

import pwd
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import free_port, wait_for_port

USER, PASSWORD = "mentors@conf.example", "correct horse"

CONFIG = """\
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
default_internal_user = postfix
default_login_user = postfix
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/mentors
mail_uid = {uid}
mail_gid = {gid}
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0666
  }}
}}
"""


@dataclass
class Dovecot:
    """One instance in the folder of a Postfix, whose clients it also signs in."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    def set_password(self, password: str) -> None:
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{password}\n")
        (self.folder / "users").chmod(0o644)

    def start(self) -> None:
        owner = pwd.getpwnam("postfix")
        self.set_password(PASSWORD)
        config = self.folder / "dovecot.conf"
        config.write_text(
            CONFIG.format(folder=self.folder, port=self.port, uid=owner.pw_uid, gid=owner.pw_gid)
        )
        self.process = subprocess.Popen(["dovecot", "-F", "-c", config])
        wait_for_port(self.port)

    def stop(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
