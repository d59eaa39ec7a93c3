"""The outbox: queueing, sending, limits, and what a person decides about an email."""
