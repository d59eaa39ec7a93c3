"""What happened with one person, in the order of time, and what to do next."""

from mentorship.interfaces.timeline import person

__all__ = ["person"]
