"""Handing one email to a mail server."""
