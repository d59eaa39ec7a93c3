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


@pytest.fixture
def word_model(settings, tmp_path):
    """Have the host set a small model of a few words; return its folder."""
    from tests.matching.meaning.models import write_word_model

    folder = write_word_model(tmp_path / "word_model")
    settings.MEANING_MODEL = str(folder)
    return folder
