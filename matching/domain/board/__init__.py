"""The matching board as it stands."""
