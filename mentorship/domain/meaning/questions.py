"""What is asked of the person who imports a file, where it can be read in more than one way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OpenQuestion:
    """One thing that a file leaves open.

    `key` is what its answer is saved under, `sentence` the question, `options` are the answers as
    (value, words). `answer` is the one that stands until somebody chooses, "" if none does; with
    `must` nothing can be imported before. `flag` is how a command is told the answer, `value` and
    `rows` what is asked about and in how many rows it stands (0: in none).
    """

    key: str
    sentence: str
    options: tuple[tuple[str, str], ...]
    flag: str
    answer: str = ""
    must: bool = False
    value: str = ""
    rows: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it under the keys that the commands print."""
        return {
            "question": self.sentence,
            "value": self.value,
            "rows": self.rows,
            "options": [str(value) for value, _ in self.options],
            "flag": self.flag,
            "must": self.must and not self.answer,
        }


def unanswered(questions: list[OpenQuestion]) -> str:
    """Return the sentences that ask what must be answered, with the flags; "" if nothing must."""
    return " ".join(
        f"{question.sentence} Answer with {question.flag}."
        for question in questions
        if question.must and not question.answer
    )
