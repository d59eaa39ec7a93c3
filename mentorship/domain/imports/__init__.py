"""Files that come in: sign-ups, survey responses, research sheets; their columns, their undo."""
