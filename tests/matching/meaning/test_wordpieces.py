"""Text as the numbers of its word pieces."""

import pytest

from matching.domain.meaning.wordpieces import WordPieces

PIECES = ["[UNK]", "[CLS]", "[SEP]", "cuda", "kernel", "##s", "##nel", "ker", "c", "+", "-", "ete",
          "海", "洋", "grun", "."]  # fmt: skip
NUMBERS = {piece: number for number, piece in enumerate(PIECES)}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("CUDA kernels", ["cuda", "kernel", "##s"]),
        ("kernel-s", ["kernel", "-", "[UNK]"]),
        ("C++", ["c", "+", "+"]),
        ("Été.", ["ete", "."]),
        ("Grün\u0000\u200b", ["grun"]),
        ("海洋", ["海", "洋"]),
        ("kernelx cuda", ["[UNK]", "cuda"]),
        ("cuda" + "s" * 97, None),
        ("cudas " + "s" * 101, ["cuda", "##s", "[UNK]"]),
        ("unknown words", None),
        ("", None),
    ],
)
def test_words_are_taken_apart(text, pieces):
    found = WordPieces(NUMBERS).read(text, 64)
    assert [PIECES[number] for number in found] == (["[CLS]", *pieces, "[SEP]"] if pieces else [])


def test_what_is_too_long_ends_early_and_keeps_its_end():
    found = WordPieces(NUMBERS).read("cuda " * 9, 5)
    assert [PIECES[number] for number in found] == ["[CLS]", "cuda", "cuda", "cuda", "[SEP]"]
