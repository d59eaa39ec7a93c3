"""What happens to matches that the packages above may need to know.

`match_announced` and `match_dissolved`: sent with `match`, inside the transaction that made the
change.
"""

from django.dispatch import Signal

match_announced = Signal()
match_dissolved = Signal()
