"""The committee's pages of this package; each module registers its own."""

from matching.interfaces import admin_aftermath, admin_matches, admin_proposals

__all__ = ["admin_aftermath", "admin_matches", "admin_proposals"]
