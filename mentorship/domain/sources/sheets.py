"""A sheet at an address: an export link, or a spreadsheet that is published as CSV."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from mentorship.domain.sources.web.fetch import Fetched, fetch
from mentorship.domain.sources.web.trouble import SourceTrouble

_GOOGLE = "docs.google.com"
_OPENED = re.compile(r"(/spreadsheets/d/(?!e/)[\w-]+)/(?:edit|view|htmlview)?$")
_PUBLISHED = re.compile(r"(/spreadsheets/d/e/[\w-]+)/pubhtml$")
_SHARE = (
    " A sheet of Google has to be published (File → Share → Publish to web, as CSV), or shared "
    "with everyone who has the link."
)


def export_address(address: str) -> str:
    """Return the address under which a sheet of Google is a file, for that of its page."""
    parts = urlsplit(address)
    if parts.hostname != _GOOGLE:
        return address
    said = parse_qs(f"{parts.query}&{parts.fragment}")
    gid = f"gid={said['gid'][0]}" if said.get("gid", [""])[0].isdecimal() else ""
    if opened := _OPENED.search(parts.path):
        words = "&".join(filter(None, ["format=csv", gid]))
        return f"https://{_GOOGLE}{opened[1]}/export?{words}"
    if published := _PUBLISHED.search(parts.path):
        words = "&".join(filter(None, ["output=csv", gid, "single=true" if gid else ""]))
        return f"https://{_GOOGLE}{published[1]}/pub?{words}"
    return address


def read_sheet(address: str) -> tuple[str, bytes]:
    """Return the sheet's name and its bytes. Raise SourceTrouble if there is none to be had."""
    fetched = fetch(export_address(address))
    _check(fetched)
    name = PurePosixPath(unquote(urlsplit(address).path)).name
    return f"{fetched.host}: {name}" if "." in name else f"sheet at {fetched.host}", fetched.body


def _check(fetched: Fetched) -> None:
    status, host = fetched.status, fetched.host
    if status in (401, 403):
        raise SourceTrouble(f"{host} does not let us read the sheet.{_SHARE}", lasts=True)
    if status in (404, 410):
        raise SourceTrouble(
            f"{host} has no sheet at this address (any more). Check the address.", lasts=True
        )
    if status == 429 or status >= 500:
        raise SourceTrouble(
            f"{host} is out of order or busy ({status}).", retry_after=fetched.retry_after
        )
    if status != 200:
        raise SourceTrouble(f"{host} answers with {status}, and no sheet.")
    if fetched.headers.get("content-type", "").startswith("text/html"):
        raise SourceTrouble(f"{host} answers with a web page, not with a sheet.{_SHARE}")
