"""Bounces: what a report says, what it means for an email, and the mailbox it arrives in."""
