"""Last year's pairs, who should meet somebody new this time.

They are remembered by address, because next year's program begins without people. Whenever people
come in, the pairs of which both are there become keep-apart pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from matching.models import KeepApart, Match, PastPair
from mentorship.models import Participant, Program, normalise_address

Addresses = tuple[str, str]
_BATCH = 1000


@dataclass(frozen=True)
class Remembered:
    """How many pairs were given, how many of them are new, and what became of the new ones."""

    pairs: int
    new: int
    apart: int

    def __str__(self) -> str:
        if not self.new:
            known = "1 pair was" if self.pairs == 1 else f"All {self.pairs} pairs were"
            return f"{known} known already." if self.pairs else "There are no pairs."
        words = "1 pair was" if self.new == 1 else f"{self.new} pairs were"
        waiting = self.new - self.apart
        return (
            f"{words} taken over: {self.apart} of two people who are both here, and {waiting} that "
            f"{'waits' if waiting == 1 else 'wait'} until both have signed up."
        )


def pairs_of(program: Program) -> list[Addresses]:
    """Give the addresses of each announced match that was live at the end.

    Raises ValidationError if the program is anonymised, after which nobody knows them.
    """
    if program.anonymised_at:
        raise ValidationError(f"{program} is anonymised: who met whom is not known any more.")
    matches = Match.objects.filter(program=program, status=Match.Status.ANNOUNCED)
    return list(matches.order_by("pk").values_list("mentor__email", "mentee__email"))


@transaction.atomic
def remember_pairs(program: Program, pairs: Iterable[Addresses], came_from: str) -> Remembered:
    """Keep these pairs of addresses apart in a program, now or once both have signed up.

    `came_from` says where they were a pair, as in “matched in SciPy 2027”. What the committee has
    ruled about a pair stays, so that the same pairs can be given again.
    """
    wanted = dict.fromkeys(
        (min(pair), max(pair))
        for pair in ((normalise_address(one), normalise_address(other)) for one, other in pairs)
        if pair[0] and pair[1] and pair[0] != pair[1]
    )
    before = _known(program)
    rows = [
        PastPair(program=program, first_email=one, second_email=other, came_from=came_from[:200])
        for one, other in wanted
    ]
    PastPair.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    keep_past_pairs_apart(program)
    new = wanted.keys() - before
    here = set(Participant.objects.filter(program=program).values_list("email", flat=True))
    apart = sum(one in here and other in here for one, other in new)
    return Remembered(len(wanted), len(new), apart)


def keep_past_pairs_apart(program: Program, joined: Collection[int] | None = None) -> None:
    """Make keep-apart pairs of the past pairs whose two people are both in the program.

    `joined` are the keys of those who have just come, if only their pairs are to be looked at.
    Pairs about which there is a ruling are left as they are. The number of queries does not depend
    on the number of people.
    """
    pairs: QuerySet[PastPair] = PastPair.objects.filter(program=program)
    people = Participant.objects.filter(program=program)
    if joined is not None:
        came = people.filter(pk__in=joined).values("email")
        pairs = pairs.filter(Q(first_email__in=came) | Q(second_email__in=came))
    found = list(pairs.order_by("pk"))
    if not found:
        return
    named = people.filter(
        Q(email__in=pairs.values("first_email")) | Q(email__in=pairs.values("second_email"))
    )
    key_of = dict(named.values_list("email", "pk"))
    rulings = []
    for pair in found:
        first, second = key_of.get(pair.first_email), key_of.get(pair.second_email)
        if first and second:
            ruling = KeepApart(
                program=program,
                first_id=first,
                second_id=second,
                reason=KeepApart.Reason.LAST_YEAR,
                note=pair.came_from,
            )
            ruling.in_order()
            rulings.append(ruling)
    KeepApart.objects.bulk_create(rulings, batch_size=_BATCH, ignore_conflicts=True)


def forget_pairs(rulings: QuerySet[KeepApart]) -> None:
    """Delete these rulings, and the past pairs behind them, which would bring them back."""
    with transaction.atomic():
        for first, second in rulings.values_list("first__email", "second__email"):
            PastPair.objects.filter(
                program__in=rulings.values("program"),
                first_email=min(first, second),
                second_email=max(first, second),
            ).delete()
        rulings.delete()


def waiting(program: Program) -> int:
    """Give how many past pairs wait until both people have signed up."""
    here = set(Participant.objects.filter(program=program).values_list("email", flat=True))
    return sum(not (one in here and other in here) for one, other in _known(program))


def _known(program: Program) -> set[Addresses]:
    pairs = PastPair.objects.filter(program=program)
    return set(pairs.values_list("first_email", "second_email"))
