import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.interfaces.plots.axes import day_steps, round_top

pytestmark = pytest.mark.unit

DAYS = st.dates(datetime.date(2000, 1, 1), datetime.date(2040, 1, 1))


@given(st.integers(0, 10**7))
def test_an_axis_has_room_and_few_round_ticks(highest):
    top, step = round_top(highest)

    assert highest <= top
    assert top % step == 0
    assert 1 <= top // step <= 5
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert top - highest < max(step, 2)


@given(DAYS, st.integers(0, 2000))
def test_days_are_at_even_distances(first, days):
    last = first + datetime.timedelta(days=days)
    shown = day_steps(first, last)

    assert shown[0] == first
    assert shown[-1] <= last
    assert 1 <= len(shown) <= 6
    assert len({later - day for day, later in itertools.pairwise(shown)}) <= 1
