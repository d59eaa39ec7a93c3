"""OpenDKIM, to sign what leaves a Postfix and to verify what arrives behind the next one."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.services import free_port, wait_for_port

DOMAIN, SELECTOR = "conf.example", "test"


@dataclass
class OpenDkim:
    """A signing milter, and a verifier that knows its key without a name server."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def milter(self) -> str:
        return f"inet:127.0.0.1:{self.port}"

    def start(self) -> None:
        self._make_keys()
        signing = self._config(
            "sign", Mode="s", Socket=f"inet:{self.port}@127.0.0.1", Domain=DOMAIN,
            Selector=SELECTOR, KeyFile=self.folder / "key.pem", Canonicalization="relaxed/relaxed",
        )  # fmt: skip
        self.process = subprocess.Popen(["opendkim", "-f", "-x", signing])
        wait_for_port(self.port)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait()

    def verdict(self, message: bytes) -> str:
        """Return what OpenDKIM says of a message, such as "verified"."""
        file = self.folder / "message.eml"
        file.write_bytes(message)
        asked = subprocess.run(
            ["opendkim", "-t", file, "-x", self._config("verify", Mode="v")],
            check=False,
            capture_output=True,
            text=True,
        )
        return (asked.stdout + asked.stderr).strip()

    def _config(self, name: str, **options: object) -> Path:
        # Its own check of who may read the key also looks at the folders above.
        options |= {"RequireSafeKeys": "no", "TestPublicKeys": self.folder / "public"}
        file = self.folder / f"opendkim-{name}.conf"
        file.write_text("".join(f"{key} {value}\n" for key, value in options.items()))
        return file

    def _make_keys(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = self.folder / "key.pem"
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        private.chmod(0o600)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        record = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
        (self.folder / "public").write_text(f"{SELECTOR}._domainkey.{DOMAIN} {record}\n")
