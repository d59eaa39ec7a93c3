"""Files that are no spreadsheet, whatever their name says: what they are, and the way out."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from mentorship.domain.files.layout import EMPTY
from mentorship.domain.files.workbooks import is_locked_container, locked

_EXPORT = "Export the list as CSV or XLSX where it comes from, and choose that file."
# First bytes of files that cannot be read here, what they are, and what to do instead.
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": (
        "an Excel file of the old kind (.xls)",
        "Open it, choose “Save as” and the type “Excel Workbook (.xlsx)” or “CSV UTF-8”, and "
        "choose that file.",
    ),
    b"%PDF": ("a PDF", _EXPORT),
    b"\x89PNG": ("a picture", _EXPORT),
    b"GIF8": ("a picture", _EXPORT),
    b"\xff\xd8\xff": ("a picture", _EXPORT),
    b"\x1f\x8b": ("a compressed file", "Unpack it, and choose the spreadsheet in it."),
    b"Rar!": ("a compressed file", "Unpack it, and choose the spreadsheet in it."),
    b"7z\xbc\xaf": ("a compressed file", "Unpack it, and choose the spreadsheet in it."),
    b"\x7fELF": ("a program", _EXPORT),
    b"{\\rtf": ("a text document", _EXPORT),
}
_NUMBERS = (b"Index/Document.iwa", b"index.apxl", b"Index.zip", b"buildVersionHistory.plist")
_DOCUMENTS = {
    b"word/document.xml": "a Word document",
    b"ppt/presentation.xml": "a presentation",
    b"mimetypeapplication/vnd.oasis.opendocument.text": "a text document",
    b"mimetypeapplication/epub": "a book",
}
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|table|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?xml\b|\s*<\w[\w:.-]*[\s>]", re.I)
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*[\[{])")


def refuse_foreign(data: bytes, name: str) -> None:
    """Raise ValidationError, with the way out, if these bytes are certainly no spreadsheet."""
    if not data.strip():
        raise ValidationError(EMPTY.format(name))
    if is_locked_container(data):
        raise locked(name)
    for mark, (kind, todo) in _FOREIGN.items():
        if data.startswith(mark):
            raise _refused(name, kind, todo)
    if data.startswith(b"PK"):
        start = data[:4000] + data[-20_000:]
        if any(mark in start for mark in _NUMBERS):
            raise _refused(
                name,
                "a file of Apple’s Numbers",
                "Open it, choose File → Export To → Excel or CSV, and choose that file.",
            )
        for mark, kind in _DOCUMENTS.items():
            if mark in start:
                raise _refused(name, kind, _EXPORT)


def refuse_foreign_text(text: str, name: str) -> None:
    """Raise ValidationError, with the way out, if this text is a page or data, not a table."""
    start = text[:2000]
    if _HTML.match(start):
        raise _refused(
            name,
            "a web page",
            "If a tool offered it as a spreadsheet, open it in Excel and save it as XLSX or CSV. "
            "If it is a page that asks you to sign in, sign in there first, and export the list "
            "again.",
        )
    if _JSON.match(start):
        raise _refused(name, "JSON, which is data for programs", _EXPORT)
    if _XML.match(start):
        raise _refused(name, "XML, which is data for programs", _EXPORT)


def _refused(name: str, kind: str, todo: str) -> ValidationError:
    return ValidationError(f"{name} is {kind}, not a spreadsheet that can be read here. {todo}")
