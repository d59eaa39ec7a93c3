"""The phrases of which a text is made."""

import pytest

from matching.domain.meaning.phrases import LETTERS_AT_MOST, PHRASES_AT_MOST, phrases_of


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        (
            "I work on causal inference, remote sensing. Happy to talk about giving a first talk.",
            ["causal inference", "remote sensing", "giving a first talk"],
        ),
        (
            "I'd love to learn more about GPU programming & CUDA kernels (e.g. Numba).",
            ["GPU programming", "CUDA kernels", "Numba"],
        ),
        ("- pandas\n- C, C++ or C#\n\u2022 scikit-learn 1.5", [
            "pandas", "C", "C++", "C#", "scikit-learn 1.5",
        ]),
        ("Moving from academia to industry; moving from Academia to industry!", [
            "Moving from academia to industry",
        ]),
        ("time series and field theory", ["time series", "field theory"]),
        ("I would like to talk. Yes, 2027...", ["Yes"]),
        ("海洋", ["海洋"]),
        ("", []),
        ("?!  ,,, and or \n", []),
    ],
)  # fmt: skip
def test_a_text_has_these_phrases(text, phrases):
    assert phrases_of([text]) == phrases


def test_of_several_texts_each_phrase_once():
    assert phrases_of(["coral reefs", "", "sea; Coral reefs"]) == ["coral reefs", "sea"]


def test_whoever_writes_without_end_is_compared_by_the_beginning():
    assert len(phrases_of([", ".join(f"topic number {n} x" for n in range(500))])) == (
        PHRASES_AT_MOST
    )
    (phrase,) = phrases_of(["ab " * 10_000])
    assert len(phrase) <= LETTERS_AT_MOST
    assert phrases_of(["I would " * 100_000]) == []
