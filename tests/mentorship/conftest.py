"""What the tests of this package share."""

import datetime

import pytest


@pytest.fixture
def far_away() -> dict:
    """Dates of a program that is not over on whatever day the tests run."""
    return {"starts_on": datetime.date(2090, 7, 10), "ends_on": datetime.date(2090, 7, 16)}
