"""Asking another machine: which may be asked, how, and what went wrong in words."""
