"""What a change of the matching loses, in words."""

from __future__ import annotations

from collections.abc import Mapping

from matching.engine.sentences import difference


def loss_words(loss: Mapping[str, int]) -> str:
    """Say how each priority changes, in the program's order; `loss` as the matcher counts it."""
    lost = [(name, amount) for name, amount in loss.items() if amount]
    if not lost:
        return "just as good in every priority"
    words = [difference(name, amount) for name, amount in lost]
    if lost[0][0] == list(loss)[-1]:
        return f"same in every other priority, {words[0]}"
    return ", ".join(words)
