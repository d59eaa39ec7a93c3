"""What waits for the committee's decision, and how each is settled on the dashboard."""

from mentorship.interfaces.decisions import people, responses, signups

__all__ = ["people", "responses", "signups"]
