"""What happens to people that somebody higher up may need to know.

`response_recorded`: sent with `participant` and `response`, after a survey answer was saved.
`people_changed`: sent with `program` and `participant_ids`, after anything changed on which a
queued mail may rest: role, attendance, address, withdrawal.
All are sent inside the transaction that made the change.
"""

from django.dispatch import Signal

response_recorded = Signal()
people_changed = Signal()
