"""The words for numbers, for lists of people, and for what a tier loses or gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# What one unit of each tier's value stands for. k(k - 1)/2, the value of `spread` for a mentor of
# k mentees, is how many pairs can be formed of those mentees.
UNITS = {
    "unmatched": ("unmatched mentee", "unmatched mentees"),
    "changed": ("announced pair changed", "announced pairs changed"),
    "spread": ("pair of mentees sharing a mentor", "pairs of mentees sharing a mentor"),
    "mixed": ("pair with mixed attendance", "pairs with mixed attendance"),
    "cross_field": ("pair with no shared field", "pairs with no shared field"),
    "weak": ("low-affinity pair", "low-affinity pairs"),
}


def counted(number: int, one: str, more: str = "") -> str:
    """Return a number with its noun: `one` for 1, else `more` (`one` with an s by default)."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return names joined with commas and “and”; beyond `most` the last ones are only counted."""
    shown = list(names)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(names) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def difference(tier: str, amount: int) -> str:
    """Return what `amount` more (or, below 0, less) of a tier's value means to people.

    Affinity counts as minus its sum, so more of that tier's value is less affinity.
    """
    size = abs(amount)
    if tier == "affinity":
        return f"{size:,} {'less' if amount > 0 else 'more'} total affinity"
    one, more = UNITS[tier]
    sign = "more" if amount > 0 else "fewer"
    return counted(size, f"{sign} {one}", f"{sign} {more}")


def differences(changes: Mapping[str, int]) -> str:
    """Return all differences but those of 0 as one list, “” where every tier stays the same."""
    return listed([difference(tier, amount) for tier, amount in changes.items() if amount])


def without(saved: Mapping[str, int]) -> str:
    """Return a clause on what there would be without a priority, “” where nothing would change.

    `saved` is how much less each tier's value would be.
    """
    counts = differences({tier: -n for tier, n in saved.items() if tier != "affinity"})
    clauses = [f"there would be {counts}"] if counts else []
    if affinity := saved.get("affinity", 0):
        way = "higher" if affinity > 0 else "lower"
        clauses.append(f"total affinity would be {abs(affinity):,} {way}")
    return ", and ".join(clauses)


def first_loss(loss: Mapping[str, int]) -> str:
    """Return the difference in the first tier that has one, or “no loss”."""
    return next((difference(tier, amount) for tier, amount in loss.items() if amount), "no loss")
