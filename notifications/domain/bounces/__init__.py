"""Mail that came back: what a report says, what it means for a mail, and the mailbox it is in."""
