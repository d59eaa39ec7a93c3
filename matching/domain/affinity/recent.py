"""The last few results of something slow, kept in the memory of this process."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Recent(Generic[Result]):
    """Keeps the `most` results that were asked for last; threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Result] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Result | None:
        """Give what is kept under this key, if anything."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, result: Result) -> None:
        """Keep a result; the one that was asked for longest ago makes room."""
        with self._lock:
            self._kept[key] = result
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
