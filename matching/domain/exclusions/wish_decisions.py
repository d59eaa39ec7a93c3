"""The wishes not to meet somebody: who is meant, and what waits for a decision.

A wish is read anew whenever it is looked at, so it finds people who came later, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import ngettext

from matching.domain.exclusions.people_by_words import PeopleByWords, people_by_words
from matching.domain.exclusions.wishes import Reading, read_wish
from matching.models import KeepApart, WishDecision
from mentorship.models import Participant, Program, SurveyResponse

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_NAMED_AT_MOST = 3


class UnsettledWishes(ValidationError):
    """No match can be proposed or announced before these wishes are settled.

    `sentence` says whose they are, without the link to the page where they are settled.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(f"{sentence} Decide here: {settings.SITE_URL}{reverse('wishes')}")


@dataclass(frozen=True)
class Wish:
    """One person's wish: who must not be their match, by key, and whether that is certain.

    `decided` are the keys that the committee chose; None if it has not decided on this wish.
    """

    wisher: int
    text: str
    reading: Reading
    decided: frozenset[int] | None
    is_open: bool

    @property
    def apart_from(self) -> frozenset[int]:
        """The keys of everyone who must not be matched with the person."""
        return frozenset(self.reading.sure) | (self.decided or frozenset())


@dataclass(frozen=True)
class ProgramWishes:
    """All wishes of a program, by the key of the person, and its people in words."""

    wishes: dict[int, Wish]
    people: PeopleByWords | None = None

    @cached_property
    def names(self) -> dict[int, str]:
        """The names of the program's people, by key."""
        people = self.people.people if self.people else {}
        return {pk: person.name or person.email for pk, person in people.items()}

    @property
    def open(self) -> list[Wish]:
        """Those that wait for a decision."""
        return [wish for wish in self.wishes.values() if wish.is_open]


def read_wishes(program: Program) -> ProgramWishes:
    """Read the wishes of a program not to meet somebody: one query, a few more if there are any."""
    texts = _texts(program)
    if not texts:
        return ProgramWishes({})
    people = people_by_words(program)
    decisions = {
        row.participant_id: row
        for row in WishDecision.objects.filter(participant__program=program).prefetch_related(
            "apart_from"
        )
    }
    return ProgramWishes(
        {
            pk: _wish(pk, text, takes_part, people.reading(pk, text, read_wish), decisions.get(pk))
            for pk, (text, takes_part) in texts.items()
        },
        people,
    )


def _texts(program: Program) -> dict[int, tuple[str, bool]]:
    """Return each person's wish, and whether the person takes part.

    An answer given here without a wish ends an earlier one. An imported one may come from a file
    that has no such column, and does not.
    """
    responses = SurveyResponse.objects.filter(participant__program=program)
    responses = responses.filter(~Q(rather_not_meet="") | Q(origin=SurveyResponse.Origin.FORM))
    responses = responses.filter(
        participant__in=SurveyResponse.objects.filter(participant__program=program)
        .exclude(rather_not_meet="")
        .values("participant")
    )
    found: dict[int, tuple[str, bool]] = {}
    for pk, text, withdrawn_at in responses.order_by(
        "participant_id", "submitted_at", "pk"
    ).values_list("participant_id", "rather_not_meet", "participant__withdrawn_at"):
        found[pk] = (text.strip(), withdrawn_at is None)
    return {pk: wish for pk, wish in found.items() if wish[0]}


def _wish(
    pk: int, text: str, takes_part: bool, reading: Reading, decision: WishDecision | None
) -> Wish:
    if decision is None or decision.text != text:
        return Wish(pk, text, reading, None, takes_part and not reading.is_clear)
    decided = frozenset(person.pk for person in decision.apart_from.all())
    new = reading.likely.keys() - decided - set(decision.considered)
    return Wish(pk, text, reading, decided, takes_part and not reading.is_clear and bool(new))


def refuse_unsettled(program: Program) -> None:
    """Raise UnsettledWishes if a wish of somebody who takes part waits for a decision."""
    open_keys = [wish.wisher for wish in read_wishes(program).open]
    if not open_keys:
        return
    people = Participant.objects.filter(pk__in=open_keys)
    names = [str(person) for person in people[:_NAMED_AT_MOST]]
    more = len(open_keys) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more else "")
    words = ngettext(
        "%(n)d wish not to be matched with somebody needs a decision first, that of %(names)s.",
        "%(n)d wishes not to be matched with somebody need a decision first, those of %(names)s.",
        len(open_keys),
    )
    raise UnsettledWishes(words % {"n": len(open_keys), "names": listed})


def find_people(wishes: ProgramWishes, wisher: int, words: str) -> Reading:
    """Return who in the program may be meant by words with which somebody is looked for."""
    if wishes.people is None or not words.strip():
        return Reading()
    return read_wish(wisher, words, wishes.people)


@transaction.atomic
def settle_wish(
    wisher: Participant,
    text: str,
    apart_from: Iterable[Participant],
    shown: Collection[int],
    by: User | None = None,
) -> WishDecision:
    """Keep this person apart from these people, as the wish with this text is understood.

    `shown` are the keys of the people who were shown as likely: if somebody else turns up who may
    be meant, the wish is asked about again. A pair that was allowed before is allowed no longer.
    Return the decision. Raise ValidationError if the person has another wish by now, or somebody
    named is the same person or of another program.
    """
    program = Program.objects.locked(wisher.program_id)
    wish = read_wishes(program).wishes.get(wisher.pk)
    if wish is None or wish.text != text:
        raise ValidationError(
            f"Nothing was saved. {wisher} has changed the wish since you opened this page."
        )
    chosen = list(apart_from)
    for person in chosen:
        if person.pk == wisher.pk or person.program_id != program.pk:
            raise ValidationError(f"{person} cannot be meant by {wisher}’s wish.")
    decision, _ = WishDecision.objects.update_or_create(
        participant=wisher,
        defaults={"text": text, "considered": sorted(shown), "decided_by": by},
    )
    decision.apart_from.set(chosen)
    keys = [person.pk for person in chosen]
    KeepApart.objects.filter(
        Q(first=wisher, second__in=keys) | Q(second=wisher, first__in=keys), overruled=True
    ).delete()
    return decision


def reopen_wish(wisher: Participant) -> bool:
    """Take the decision on this person's wish back; return whether there was one."""
    with transaction.atomic():
        Program.objects.locked(wisher.program_id)
        return bool(WishDecision.objects.filter(participant=wisher).delete()[0])
