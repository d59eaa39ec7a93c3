"""A program with a committee member who is signed in."""

import pytest

from tests.factories import MembershipFactory, ProgramFactory


@pytest.fixture
def program(db):
    return ProgramFactory()


@pytest.fixture
def member(program):
    return MembershipFactory(program=program).user


@pytest.fixture
def signed_in(client, member):
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client
