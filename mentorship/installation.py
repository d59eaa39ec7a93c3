"""What an installation has under VAR_DIR: the folders that must be there, and its secret key."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


class FolderUnwritable(Exception):
    """VAR_DIR cannot be written to; the message says so in a sentence."""


def make_folders(var_dir: Path, folders: list[Path]) -> None:
    """Make VAR_DIR and these folders below it unless they are there.

    Raise FolderUnwritable if that is not possible.
    """
    try:
        for folder in (var_dir, *folders):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnwritable(
            f"Cannot write to {var_dir} ({error.strerror}). Choose another folder with VAR_DIR."
        ) from error


def kept_secret_key(var_dir: Path) -> str:
    """Return the secret key that is kept under VAR_DIR, made at the first call.

    A key made anew at every start would sign every committee member out. Of two processes that
    make one at once, both return the same. Raise FolderUnwritable if it cannot be kept.
    """
    kept = var_dir / "secret_key"
    if not kept.exists():
        make_folders(var_dir, [])
        with tempfile.NamedTemporaryFile("w", dir=var_dir) as draft:
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, kept)
    return kept.read_text().strip()
