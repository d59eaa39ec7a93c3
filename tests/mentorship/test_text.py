"""Comparing texts, with and without their accents."""

import pytest

from mentorship.domain.text import composed, fold, plain_letters, words_in


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("José  García-López", "jose garcia lopez"),
        ("Jose\u0301 Garci\u0301a Lo\u0301pez", "jose garcia lopez"),
        ("Łukasz Søren Þór", "lukasz soren thor"),
        ("O'Neill", "oneill"),
        ("O\u2019NEILL", "oneill"),
        ("Straße", "strasse"),
        ("\uff37ang\uff3fWei", "wang wei"),
        ("王伟", "王伟"),
        ("  ...  ", ""),
    ],
)
def test_a_name_is_folded_to_its_plain_letters(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_composed_keeps_accents_and_punctuation() -> None:
    assert composed("Re\u0301sume\u0301, \uff21BC") == "résumé, abc"


def test_plain_letters_keep_punctuation() -> None:
    assert plain_letters("A. Œuvre & Co.") == "a. oeuvre & co."


def test_an_apostrophe_does_not_end_a_word() -> None:
    assert words_in("don't stop_here") == ["dont", "stop", "here"]
