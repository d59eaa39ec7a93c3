"""What a cell means: roles, attendance, numbers, choices, times and time zones."""
