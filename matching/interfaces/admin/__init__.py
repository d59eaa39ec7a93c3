"""The committee's pages of this package; each module registers its own."""

from matching.interfaces.admin import matches, proposals, support

__all__ = ["matches", "proposals", "support"]
