"""What the tests of programs and accounts share."""

import pytest

from tests.factories import MembershipFactory


@pytest.fixture
def chair():
    """A chair named cora, with the password that the factories give everyone."""
    return MembershipFactory(level="chair", user__username="cora").user
