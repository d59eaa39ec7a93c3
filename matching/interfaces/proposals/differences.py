"""How one matching differs from another, in words."""

from __future__ import annotations

from collections.abc import Mapping

from matching.engine.sentences import difference


def difference_words(change: Mapping[str, int]) -> str:
    """Return how each priority changes, in the program's order.

    `change` is as the matcher counts it: above 0 is worse.
    """
    changed = [(name, amount) for name, amount in change.items() if amount]
    if not changed:
        return "equally good on every priority"
    words = [difference(name, amount) for name, amount in changed]
    if changed[0][0] == list(change)[-1]:
        return f"same on every other priority, {words[0]}"
    return ", ".join(words)
