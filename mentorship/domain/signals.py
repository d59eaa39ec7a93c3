"""What happens to people that somebody higher up may need to know.

`responses_recorded`: sent with `program` and `responses`, after survey answers were saved: of each
person the newest.
`people_changed`: sent with `program` and `participant_ids`, after anything changed on which a
queued mail may rest: role, attendance, address, withdrawal.
All are sent inside the transaction that made the change.
"""

from django.dispatch import Signal

responses_recorded = Signal()
people_changed = Signal()
