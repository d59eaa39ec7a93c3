"""What happens to matches that the packages above may need to know.

`match_announced`, `match_dissolved` and `match_restored` (dissolved, and announced again by undoing
that): sent with `match`. A receiver of `match_restored` may refuse it with a ValidationError.
`help_requested`: sent with `concern`, a new help request.
`meeting_changed`: sent with `meeting`, whose hour was proposed, accepted or canceled.
`mentor_answered`: sent with `match`, whose mentor is asked first and has accepted or declined, or
is not waited for any more.
All are sent inside the transaction that made the change.
"""

from django.dispatch import Signal

match_announced = Signal()
match_dissolved = Signal()
match_restored = Signal()
help_requested = Signal()
meeting_changed = Signal()
mentor_answered = Signal()
