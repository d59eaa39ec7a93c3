"""What the dashboard shows: how far the program is, and what the committee should know of it."""
