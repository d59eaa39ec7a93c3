"""An uploaded file between its preview and the press of the button that imports it."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget

# Fifty thousand people as CSV are half of it.
UPLOAD_AT_MOST = 10 * 1024 * 1024
# How long a preview can be confirmed. What is not confirmed by then is thrown away.
KEPT_FOR = datetime.timedelta(hours=12)
_FOLDER = "imports"


class UploadForm(forms.Form):
    """One spreadsheet, not too large."""

    file = forms.FileField(
        label="File",
        allow_empty_file=True,
        help_text=f"CSV, TSV, XLSX or ODS, at most {filesizeformat(UPLOAD_AT_MOST)}",
        widget=UnfoldAdminFileFieldWidget(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods", "data-at-most": UPLOAD_AT_MOST}
        ),
        error_messages={"required": "Choose a file first."},
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size and file.size > UPLOAD_AT_MOST:
            raise forms.ValidationError(
                f"{file.name} has {filesizeformat(file.size)}. At most "
                f"{filesizeformat(UPLOAD_AT_MOST)} can be imported at a time: leave out columns "
                "that are not needed, or use the command."
            )
        return file


@dataclass(frozen=True)
class Parked:
    """An upload that waits: where it is kept, what it was called, for whom and which program.

    `seen` is the fingerprint of the outcome that was shown.
    """

    kept: str
    name: str
    program: int
    user: int
    seen: str

    def token(self) -> str:
        """Give this as a text that only this site can have made."""
        return signing.dumps(asdict(self), salt="import", compress=True)

    @staticmethod
    def from_token(token: str) -> Parked:
        """Raise django.core.signing.BadSignature if the text is too old or not from here."""
        return Parked(**signing.loads(token, salt="import", max_age=KEPT_FOR))

    def read(self) -> bytes | None:
        """Give the file's content, or None if it is not kept any more."""
        try:
            with default_storage.open(self.kept) as file:
                content: bytes = file.read()
        except FileNotFoundError:
            return None
        return content

    def remove(self) -> None:
        default_storage.delete(self.kept)


def park(content: bytes) -> str:
    """Keep an upload, and give the name under which it is kept; throw forgotten ones away."""
    _sweep()
    return default_storage.save(f"{_FOLDER}/{secrets.token_hex(16)}", ContentFile(content))


def fingerprint(report: Any) -> str:
    """Give a text that is the same for the same outcome of an import, in all its details."""
    return hashlib.sha256(repr(report).encode("utf-8", "surrogatepass")).hexdigest()


def _sweep() -> None:
    if not default_storage.exists(_FOLDER):
        return
    for name in default_storage.listdir(_FOLDER)[1]:
        path = f"{_FOLDER}/{name}"
        if default_storage.get_modified_time(path) < timezone.now() - KEPT_FOR:
            default_storage.delete(path)
