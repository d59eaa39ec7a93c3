"""What happens to matches that the packages above may need to know.

`match_announced`, `match_dissolved` and `match_restored` (dissolved, and announced again by undoing
that): sent with `match`, inside the transaction that made the change. A receiver of
`match_restored` may refuse it with a ValidationError.
"""

from django.dispatch import Signal

match_announced = Signal()
match_dissolved = Signal()
match_restored = Signal()
