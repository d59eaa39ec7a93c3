"""The committee's lists and forms for matching. Each module registers its own."""

from matching.interfaces.admin import matches, proposals, support

__all__ = ["matches", "proposals", "support"]
