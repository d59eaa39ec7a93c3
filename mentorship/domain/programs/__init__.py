"""A program's beginning, its copy for next year, and its end."""
