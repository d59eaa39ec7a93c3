"""A column of JSON that may be very large, and then is kept compressed."""

from __future__ import annotations

import base64
import itertools
import json
import zlib
from collections.abc import Iterator
from typing import Any

from django.db import models

# Larger than this, a compressed text is the smaller one by far; and read as JSON, for the database
# to hold on to, what an import of fifty thousand changed would take all the memory there is.
_ENTRIES_AT_MOST = 2000
_AT_ONCE = 1000
_PACKED = "packed"


class PackedJSONField(models.JSONField):
    """JSON of which an object with very many entries in its parts is kept compressed."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, dict) and sum(map(_entries, value.values())) > _ENTRIES_AT_MOST:
            value = {_PACKED: pack(value)}
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        value = super().from_db_value(value, expression, connection)
        if isinstance(value, dict) and value.keys() == {_PACKED}:
            return unpack(value[_PACKED])
        return value


def _entries(part: Any) -> int:
    return len(part) if isinstance(part, dict | list) else 1


def pack(value: dict[str, Any]) -> str:
    """Return an object as a compressed text, without ever having all of it as one text."""
    packer = zlib.compressobj(1)
    packed = [packer.compress(piece.encode()) for piece in _pieces(value)]
    return base64.b64encode(b"".join([*packed, packer.flush()])).decode()


def unpack(packed: str) -> dict[str, Any]:
    """Return the object from which `pack` made this text."""
    value: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return value


def _pieces(value: dict[str, Any]) -> Iterator[str]:
    between = "{"
    for key, part in value.items():
        yield f"{between}{json.dumps(key)}:"
        yield from _pieces_of(part) if isinstance(part, dict) and part else [json.dumps(part)]
        between = ","
    yield "}"


def _pieces_of(part: dict[str, Any]) -> Iterator[str]:
    between, entries = "{", iter(part.items())
    while some := dict(itertools.islice(entries, _AT_ONCE)):
        yield between + json.dumps(some)[1:-1]
        between = ","
    yield "}"
