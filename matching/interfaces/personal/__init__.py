"""What the personal pages of matched people show and read."""
