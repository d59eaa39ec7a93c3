"""Odd requests: of any method, to any address, with any parameters, body, encoding and headers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.committee.access.addresses import all_addresses, blanks, filled

METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]
# What stands in an address, a parameter or a field; bytes are sent as they are.
ODD: list[Any] = [
    "",
    "0",
    "-1",
    "x",
    "1.5",
    "1e5",
    "NaN",
    "inf",
    "\uff19",  # a digit, and a number to Python
    "²",
    "1_0",
    " 1 ",
    "9" * 19,
    "9" * 30,
    "9" * 5000,
    "None",
    "[]",
    "{}",
    "..",
    "../../etc/passwd",
    "%",
    "{{ x }}",
    "{% x %}",
    "'\"><script>",
    "a" * 20_000,
    "=1+1",
    "before\0after",
    b"before%00after",
    b"%ED%A0%80",
    b"%FF%FE",
    b"%C3",
    "\u202e",
    "🦄" * 300,
    "2027-13-45",
    "0000-00-00",
    "99999-01-01",
    "24:61",
    "America/Nowhere",
    "a@b@c",
    "//evil.example/",
    "javascript:alert(1)",
    "\r\nSet-Cookie: a=b",
    "1,,2",
    "1,x",
    ",".join(["1"] * 3000),
]
# What Django's admin reads of an address, besides what the forms of the site name.
ADMIN = [
    "q", "p", "o", "e", "all", "page", "_popup", "_to_field", "_changelist_filters",
    "action", "app_label", "model_name", "field_name", "term", "index", "select_across",
    "next", "format", "resource", "role", "status", "status__exact", "locked__exact",
    "bin", "call", "warnings", "kind", "program", "program__name",
    "mentor__email__contains", "id__in", "pk__exact", "_save", "answered", "looking_at",
    "csrfmiddlewaretoken", "username", "password", "email", "file", "sheets", "draft",
    "option", "mark", "settles", "subject", "body", "version", "sample", "restore",
    "test", "default", "unknown", "key", "sheet", "text", "shown", "words",
    "apart_from", "name", "slug", "starts_on", "ends_on", "time_zone", "capacity",
    "fields", "typed", "at", "notes", "free_hours", "answers", "role_choice", "account",
    "level", "ask", "one", "due_on", "owner", "note", "step", "sure", "address", "day",
    "turn_on", "confirm", "weights", "priorities", "affinity_floor", "logo_file",
    "model", "source", "after", "nobody", "dropped", "mentee", "seen",
]  # fmt: skip
CHARSETS = ["utf-8", "zlib", "utf-16", "utf-7", "idna", "unicode_escape", "rot13", "base64", "x",
            "utf-8-sig", "cp037", "punycode", "raw_unicode_escape"]  # fmt: skip
FORM = "application/x-www-form-urlencoded"
HEADERS: dict[str, list[str]] = {
    "HX-Request": ["true", "x"],
    "HX-Current-URL": ["//[", "http://[::1", "x" * 3000],
    "HX-Prompt": ["%", "\xff"],
    "X-Looking-At": ["x", "\xff", "program-ours"],
    "Accept": ["application/json", "*/*;q=x", "\xff"],
    "Accept-Language": ["de", "x" * 900, "..", "\xff", "*"],
    "Host": ["evil.example", "[", "localhost:x", "\xff", "localhost:99999"],
    "Referer": ["//[", "\xff", "http://evil.example/"],
    "If-None-Match": ["*", '"x', "\xff"],
    "If-Modified-Since": ["x", "Sat, 29 Oct 99999 19:43:31 GMT"],
    "Range": ["bytes=0-", "bytes=9-1", "x"],
    "Cookie": ["sessionid=x", "sessionid=\0", "m=x", "csrftoken=" + "x" * 999, "=;=;", "\xff"],
    "Content-Length": ["-1", "x", "9" * 5000],
    "Content-Encoding": ["gzip"],
    "Transfer-Encoding": ["chunked"],
    "X-Forwarded-For": ["x", "1.2.3.4, x"],
    "User-Agent": ["x" * 9000],
    "X-HTTP-Method-Override": ["DELETE"],
    "Origin": ["null", "//["],
}  # fmt: skip


@dataclass(frozen=True)
class Odd:
    """One request: `path` with its query, as they go over the wire."""

    who: str
    method: str
    address: str
    path: str
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def _encoded(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else quote(str(value))


def _pairs(pairs: list[tuple[str, Any]]) -> str:
    return "&".join(f"{quote(name)}={_encoded(value)}" for name, value in pairs)


def _multipart(pairs: list[tuple[str, Any]], files: list[tuple[str, str, bytes]]) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(
            errors="surrogatepass"
        )
        for name, value in pairs
    ]
    parts += [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n'
        "Content-Type: text/csv; charset=zlib\r\n\r\n".encode(errors="replace")
        + content
        + b"\r\n"
        for name, called, content in files
    ]
    return b"".join([*parts, b"--b--\r\n"])


@st.composite
def odd_requests(draw: Any, who: list[str], own: dict[str, Any], sent: dict[str, Any]) -> Odd:
    """Draw a request; `own` fills addresses, `sent` is what the program's own forms would send."""
    address = draw(st.sampled_from(ALL))
    values = dict(own)
    for name in blanks(address):
        if draw(st.integers(0, 3)) == 0:
            values[name] = draw(st.sampled_from(ODD))
    # Bytes of a path are encoded already.
    path = filled(address, {name: _encoded(value) for name, value in values.items()})
    names = st.sampled_from([*sent, *ADMIN])
    value = st.one_of(st.sampled_from(ODD), names.map(lambda name: sent.get(name, name)))
    pairs = st.lists(st.tuples(names, value), max_size=8)
    if query := draw(pairs):
        path += "?" + _pairs(query)
    method = draw(st.sampled_from([*METHODS, "GET", "GET", "POST", "POST", "POST"]))
    headers = {}
    if draw(st.integers(0, 2)) == 0:
        name = draw(st.sampled_from(list(HEADERS)))
        headers[name] = draw(st.sampled_from(HEADERS[name]))
    body, content_type = b"", ""
    if method not in ("GET", "HEAD"):
        posted = [*sent.items()] if draw(st.booleans()) else []
        body, content_type = draw(_bodies(posted + draw(pairs)))
    return Odd(draw(st.sampled_from(who)), method, address, path, body, content_type, headers)


def draw_odd(
    number: int, start: int, who: list[str], own: dict[str, Any], sent: dict[str, Any]
) -> list[Odd]:
    """Return so many requests, of those that begin with the seed `start`; see `odd_requests`."""
    drawn: list[Odd] = []

    @settings(
        max_examples=number,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=False,
    )
    @seed(start)
    @given(odd_requests(who, own, sent))
    def draw(odd: Odd) -> None:
        drawn.append(odd)

    draw()
    return drawn


@st.composite
def _bodies(draw: Any, pairs: list[tuple[str, Any]]) -> tuple[bytes, str]:
    kind = draw(st.sampled_from(["form", "form", "charset", "multipart", "broken", "raw", "json"]))
    form = _pairs(pairs).encode()
    if kind == "form":
        return form, FORM
    if kind == "charset":
        return form, f"{FORM}; charset={draw(st.sampled_from(CHARSETS))}"
    if kind == "multipart":
        content = draw(st.sampled_from(FILES))
        names = st.sampled_from(["file", "sheets", "logo_file", "mentors"])
        called = draw(
            st.sampled_from(["a.csv", "a.xlsx", "", "../a", "a\0.csv", "\ud800.csv", "x.png"])
        )
        files = [(draw(names), called, content)]
        boundary = draw(st.sampled_from(["b", "b", "b; charset=zlib", "b; charset=utf-16"]))
        return _multipart(pairs, files), f"multipart/form-data; boundary={boundary}"
    if kind == "broken":
        wrong = ["", "; boundary=", "; boundary=\xff", "; boundary=" + "x" * 300, "; boundary=b"]
        return form, "multipart/form-data" + draw(st.sampled_from(wrong))
    if kind == "json":
        text = json.dumps({name: str(value) for name, value in pairs})
        return text.encode(), "application/json"
    return draw(st.binary(max_size=60)), draw(
        st.sampled_from(["", "x", "text/plain", "\xff/\xff", FORM])
    )


FILES = [
    b"",
    b"\0" * 50,
    b"name,email,role\nAna,a@b.example,mentor\n",
    b"\xff\xfe\0n",
    b"PK\x03\x04" + b"x" * 60,
    b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    b"GIF89a" + b"\xff" * 30,
    ("email," * 3000).encode(),
    b'"' * 2001,
    b"email\n" + b"\xed\xa0\x80@x.example\n",
]
ALL = all_addresses()
