"""What the committee decides about people, and how many of them are written at once."""
