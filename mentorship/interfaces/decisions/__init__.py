"""What waits for the committee's decision, and how each is settled on the dashboard."""

from mentorship.interfaces.decisions import people, responses, signups, sources, unattached

__all__ = ["people", "responses", "signups", "sources", "unattached"]
