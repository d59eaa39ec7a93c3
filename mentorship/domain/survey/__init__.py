"""How a survey response is recorded and what it changes."""
