"""The words for losses in each tier, and for lists of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ONE_OR_MORE = {
    "unmatched": ("mentee without a mentor", "mentees without a mentor"),
    "changed": ("announced pair changed", "announced pairs changed"),
    "mixed": (
        "pair of a virtual and an in-person person",
        "pairs of a virtual and an in-person person",
    ),
    "cross_field": ("pair with no field in common", "pairs with no field in common"),
    "weak": ("pair below the affinity floor", "pairs below the affinity floor"),
}


def difference(tier: str, amount: int) -> str:
    """Say what `amount` more (or, below 0, less) of a tier's value means."""
    size = abs(amount)
    if tier == "affinity":
        return f"{size} {'less' if amount > 0 else 'more'} affinity"
    if tier == "spread":
        # k(k - 1)/2 is how many pairs of mentees a mentor of k has.
        what = "pair of mentees who share a mentor", "pairs of mentees who share a mentor"
    else:
        what = ONE_OR_MORE[tier]
    word = what[0] if size == 1 else what[1]
    return f"{size} {'more' if amount > 0 else 'fewer'} {word}"


def first_loss(loss: Mapping[str, int]) -> str:
    """Say the loss in the first tier that has one, or that there is none."""
    for tier, amount in loss.items():
        if amount:
            return difference(tier, amount)
    return "nothing"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Join names with commas and “and”; beyond `most` only say how many more there are."""
    shown = list(names)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(names) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def counted(number: int, word: str) -> str:
    """Give a number with its noun, in the plural where it is not one."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
