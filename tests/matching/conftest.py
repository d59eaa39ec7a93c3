"""A program with a committee member who is signed in."""

import pytest

# The factories need Django, which the tests of the engine run without.


@pytest.fixture
def program(db):
    from tests.factories import ProgramFactory

    return ProgramFactory()


@pytest.fixture
def member(program):
    from tests.factories import MembershipFactory

    return MembershipFactory(program=program).user


@pytest.fixture
def signed_in(client, member):
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client
