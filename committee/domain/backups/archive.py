"""The file of a backup: a compressed tar of the database, the site's key, and what is in them."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from committee.domain.backups.contents import Contents

FORMAT = 1
MANIFEST = "manifest.json"
KEY = "secret_key"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `made_by` is the kind of database, such as `sqlite`."""

    made_at: datetime.datetime
    made_by: str
    contents: Contents

    def as_json(self, checksums: dict[str, str]) -> str:
        stands = {"format": FORMAT, **asdict(self), "checksums": checksums}
        return json.dumps(stands, default=datetime.datetime.isoformat, indent=1)


def write_archive(file: Path, manifest: Manifest, members: dict[str, Path]) -> None:
    """Write a backup that only its owner can read; it is there whole, or not at all.

    Raise ValidationError if there is a file of this name, or it cannot be written.
    """
    if file.exists():
        raise ValidationError(f"There is a file {file} already. Choose another name.")
    draft = file.with_name(f".{file.name}.part")
    try:
        with (
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
            tarfile.open(fileobj=out, mode="w:gz") as tar,
            tempfile.NamedTemporaryFile("w", encoding="utf-8") as text,
        ):
            checksums = {name: _checksum(path) for name, path in members.items()}
            text.write(manifest.as_json(checksums))
            text.flush()
            for name, path in {MANIFEST: Path(text.name), **members}.items():
                tar.add(path, arcname=name, filter=_without_owner)
            tar.close()
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ValidationError(f"The backup cannot be written to {file}: {error}.") from error


def read_archive(file: Path, folder: Path) -> Manifest:
    """Unpack a backup into a folder and return what it says of itself.

    Raise ValidationError if it is no backup, or not as it was written.
    """
    try:
        with tarfile.open(file, "r:gz") as tar:
            tar.extract(MANIFEST, folder, filter="data")
            stands = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if stands["format"] != FORMAT:
                raise ValidationError(f"{file} was made by a newer version of this application.")
            for name in stands["checksums"]:
                tar.extract(name, folder, filter="data")
        damaged = [
            name for name, sum_ in stands["checksums"].items() if _checksum(folder / name) != sum_
        ]
        manifest = Manifest(
            datetime.datetime.fromisoformat(stands["made_at"]),
            stands["made_by"],
            Contents(**stands["contents"]),
        )
    except (OSError, EOFError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise ValidationError(f"{file} cannot be read as a backup: {error}.") from error
    if damaged:
        raise ValidationError(f"{file} is damaged: {', '.join(damaged)} is not as it was written.")
    return manifest


def _without_owner(info: tarfile.TarInfo) -> Any:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
