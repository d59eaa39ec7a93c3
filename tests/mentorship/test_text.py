"""Comparing texts, with and without their accents."""

import tracemalloc

import pytest

from mentorship.domain.text import (
    CACHED_LETTERS,
    cached_by_text,
    composed,
    fold,
    plain_letters,
    words_in,
)


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


def test_short_texts_are_kept_and_long_ones_worked_out_again() -> None:
    worked_out = []

    @cached_by_text(1000)
    def both(one: str, other: str) -> int:
        worked_out.append((one, other))
        return len(one + other)

    short, long = "a" * (CACHED_LETTERS // 1000 - 1), "b" * (CACHED_LETTERS // 1000)

    assert [both(one, "c") for one in (short, long, short, long)] == [10_000, 10_001] * 2
    assert worked_out == [(short, "c"), (long, "c"), (long, "c")]


def test_what_strangers_write_does_not_fill_the_memory() -> None:
    told = cached_by_text(5000)(lambda text: text.upper())

    tracemalloc.start()
    for number in range(50):
        told(f"{number}" + "long " * 100_000)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 1_000_000
