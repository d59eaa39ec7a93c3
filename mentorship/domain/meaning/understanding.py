"""What every reader of a cell raises when it does not understand one."""

from __future__ import annotations


class NotUnderstood(ValueError):
    """The text says something, but not clearly what was asked."""
