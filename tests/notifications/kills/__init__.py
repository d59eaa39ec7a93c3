"""Workers, database and queue killed while mail is sent: what the outbox must come through.

`python -m tests.notifications.kills --kills 200 --workers 8` plays it in full.
"""
