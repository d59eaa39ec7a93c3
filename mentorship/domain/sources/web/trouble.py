"""Why a source could not be read, in words that a chair can act on."""

from __future__ import annotations


class SourceTrouble(Exception):
    """A source could not be read; the message says why and what to do.

    `lasts`: trying again does not help before somebody does something. `retry_after` is for how
    many seconds at least the other side wants to be left alone.
    """

    def __init__(self, message: str, *, lasts: bool = False, retry_after: int = 0) -> None:
        super().__init__(message)
        self.lasts, self.retry_after = lasts, retry_after
