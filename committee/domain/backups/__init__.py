"""Backups: made, checked, restored, and everything moved to another database."""
