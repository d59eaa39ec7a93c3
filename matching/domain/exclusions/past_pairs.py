"""Last year's pairs, who should meet somebody new this time.

They are remembered by address, because next year's program starts without people. Whenever people
join, each past pair with both people in the program becomes a do-not-match pair. Of somebody whose
own program is anonymized only a keyed digest of the address stays. It tells nobody who they were,
and is known again when they sign up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from matching.models import KeepApart, Match, PastPair
from mentorship.models import Participant, Program, normalise_address

Addresses = tuple[str, str]
_BATCH = 1000
# No address begins like this.
_DIGEST = "sha256:"


@dataclass(frozen=True)
class Remembered:
    """How many pairs were given, how many are new, and how many new ones have both people here."""

    pairs: int
    new: int
    excluded: int

    def __str__(self) -> str:
        if not self.new:
            if not self.pairs:
                return "No pairs found."
            known = "%d pair was already known.", "All %d pairs were already known."
            return ngettext(*known, self.pairs) % self.pairs
        added = ngettext("%d pair added", "%d pairs added", self.new) % self.new
        waiting = self.new - self.excluded
        waits = ngettext("%d waits until both sign up", "%d wait until both sign up", waiting)
        return f"{added}: {self.excluded} with both people here, {waits % waiting}."


def pairs_of(program: Program) -> list[Addresses]:
    """Return the addresses of each announced match that was live at the end.

    Raise ValidationError if the program is anonymized, since the addresses are gone then.
    """
    if program.anonymised_at:
        raise ValidationError(f"{program} is anonymized. Its pairs are no longer known.")
    matches = Match.objects.filter(program=program, status=Match.Status.ANNOUNCED)
    return list(matches.order_by("pk").values_list("mentor__email", "mentee__email"))


@transaction.atomic
def remember_pairs(program: Program, pairs: Iterable[Addresses], came_from: str) -> Remembered:
    """Exclude these pairs of addresses from matching, now or once both have signed up.

    `came_from` says where they were a pair, as in “matched in SciPy 2027”. What the committee has
    decided about a pair stays, so that the same pairs can be given again.
    """
    wanted = dict.fromkeys(
        (min(pair), max(pair))
        for pair in ((normalise_address(one), normalise_address(other)) for one, other in pairs)
        if pair[0] and pair[1] and pair[0] != pair[1]
    )
    _recognise(program, {address for pair in wanted for address in pair})
    before = _known(program)
    rows = [
        PastPair(program=program, first_email=one, second_email=other, came_from=came_from[:200])
        for one, other in wanted
    ]
    PastPair.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    exclude_past_pairs(program)
    new = wanted.keys() - before
    here = set(Participant.objects.filter(program=program).values_list("email", flat=True))
    excluded = sum(one in here and other in here for one, other in new)
    return Remembered(len(wanted), len(new), excluded)


def exclude_past_pairs(program: Program, joined: Collection[int] | None = None) -> None:
    """Add a do-not-match pair for each past pair with both people in the program.

    `joined` are the keys of those who have just joined, if only their pairs are to be looked at.
    Pairs that are on the list already stay as they are. The number of queries does not depend on
    the number of people.
    """
    pairs: QuerySet[PastPair] = PastPair.objects.filter(program=program)
    people = Participant.objects.filter(program=program)
    _recognise(program)
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
    exclusions = []
    for pair in found:
        first, second = key_of.get(pair.first_email), key_of.get(pair.second_email)
        if first and second:
            exclusion = KeepApart(
                program=program,
                first_id=first,
                second_id=second,
                reason=KeepApart.Reason.LAST_YEAR,
                note=pair.came_from,
            )
            exclusion.in_order()
            exclusions.append(exclusion)
    KeepApart.objects.bulk_create(exclusions, batch_size=_BATCH, ignore_conflicts=True)


def forget_pairs(exclusions: QuerySet[KeepApart]) -> None:
    """Delete these do-not-match pairs, and the past pairs that would add them again."""
    with transaction.atomic():
        for first, second in exclusions.values_list("first__email", "second__email"):
            PastPair.objects.filter(
                program__in=exclusions.values("program"),
                first_email=min(first, second),
                second_email=max(first, second),
            ).delete()
        exclusions.delete()


def forget_addresses(addresses: Collection[str], programs: QuerySet[Program]) -> None:
    """Keep only digests of these addresses in the past pairs of these programs.

    The addresses of people who are in such a program by now stay there.
    """
    gone = set(addresses)
    for program in programs.filter(past_pairs__isnull=False).distinct():
        here = set(Participant.objects.filter(program=program).values_list("email", flat=True))
        digests = {address: _digest(address) for address in gone - here}
        _rename(program, digests)


def _recognise(program: Program, others: Collection[str] = ()) -> None:
    """Put addresses in the place of digests, of who is in the program by now and of `others`."""
    pairs = PastPair.objects.filter(program=program)
    if not pairs.filter(_has_digest()).exists():
        return
    people = Participant.objects.filter(program=program).values_list("email", flat=True)
    _rename(program, {_digest(address): address for address in {*people, *others}})


def _rename(program: Program, names: dict[str, str]) -> None:
    """Put names in the place of others in a program's past pairs; two that become one are one."""
    pairs = PastPair.objects.filter(program=program)
    known = _known(program)
    for pair in pairs.order_by("pk"):
        both = [names.get(who, who) for who in (pair.first_email, pair.second_email)]
        renamed = (min(both), max(both))
        if renamed == (pair.first_email, pair.second_email):
            continue
        if renamed in known:
            pair.delete()
            continue
        known.add(renamed)
        pairs.filter(pk=pair.pk).update(first_email=renamed[0], second_email=renamed[1])


def _has_digest() -> Q:
    return Q(first_email__startswith=_DIGEST) | Q(second_email__startswith=_DIGEST)


def _digest(address: str) -> str:
    return _DIGEST + salted_hmac("past pair", address, algorithm="sha256").hexdigest()


def count_waiting(program: Program) -> int:
    """Return how many past pairs wait until both people have signed up."""
    here = set(Participant.objects.filter(program=program).values_list("email", flat=True))
    return sum(not (one in here and other in here) for one, other in _known(program))


def _known(program: Program) -> set[Addresses]:
    pairs = PastPair.objects.filter(program=program)
    return set(pairs.values_list("first_email", "second_email"))
