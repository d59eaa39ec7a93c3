"""The intake form: what it asks each person, and what they say with it."""
