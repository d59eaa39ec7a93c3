"""What the page of wishes shows of each, and what its buttons post."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from matching.domain.exclusions.wish_decisions import ProgramWishes, Wish
from matching.domain.exclusions.wishes import Reading
from mentorship.interfaces.posted import KeysField, PostedForm
from mentorship.models import Participant, Program

# So many people who may be meant are offered; the others are found by name.
_OFFERED_AT_MOST = 20


class WishForm(PostedForm):
    """A decision on one wish: who is meant by the text that was shown."""

    wisher = forms.ModelChoiceField(Participant.objects.none())
    text = forms.CharField()
    shown = KeysField(required=False)
    apart_from = forms.ModelMultipleChoiceField(Participant.objects.none(), required=False)
    words = forms.CharField(required=False, max_length=200)
    do = forms.ChoiceField(choices=[(do, do) for do in ("settle", "nobody", "find", "reopen")])

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        everyone = Participant.objects.filter(program=program).select_related("program")
        for name in ("wisher", "apart_from"):
            chosen: Any = self.fields[name]
            chosen.queryset = everyone

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("do") == "settle" and not said.get("apart_from"):
            self.add_error(
                "apart_from", "Check the people who are meant, or choose “Nobody here is meant”."
            )
        return said


@dataclass(frozen=True)
class Offered:
    """One person who may be meant, and why."""

    person: Participant
    why: str
    checked: bool


@dataclass
class WishCard:
    """One wish: whose, who is meant with certainty, and who may be."""

    wisher: Participant
    text: str
    sure: list[tuple[Participant, str]] = field(default_factory=list)
    offered: list[Offered] = field(default_factory=list)
    more: int = 0
    shown: str = ""
    words: str = ""
    note: str = ""
    chosen: list[Participant] = field(default_factory=list)
    decided_by: str = ""


@dataclass
class WishesPage:
    """The wishes of a program: to decide, decided, and read with certainty."""

    open: list[WishCard]
    decided: list[WishCard]
    clear: list[WishCard]


def wishes_page(
    wishes: ProgramWishes, searched: tuple[int, str, Reading, Collection[int]] | None = None
) -> WishesPage:
    """Return what the page shows.

    `searched`: the key of the wisher, the words that somebody was looked for by, who was found,
    and who is checked.
    """
    keys: set[int] = set()
    for wish in wishes.wishes.values():
        keys |= {wish.wisher, *wish.apart_from, *list(wish.reading.likely)[:_OFFERED_AT_MOST]}
    if searched:
        keys |= {*searched[2].sure, *list(searched[2].likely)[:_OFFERED_AT_MOST], *searched[3]}
    people = Participant.objects.in_bulk(keys)
    page = WishesPage([], [], [])
    for wish in wishes.wishes.values():
        card = _card(wish, people, searched if searched and searched[0] == wish.wisher else None)
        if wish.is_open:
            page.open.append(card)
        elif wish.decided is not None and not wish.reading.is_clear:
            page.decided.append(card)
        else:
            page.clear.append(card)
    for cards in (page.open, page.decided, page.clear):
        cards.sort(key=lambda card: (card.wisher.name.casefold(), card.wisher.pk))
    return page


def _card(
    wish: Wish,
    people: Mapping[int, Participant],
    searched: tuple[int, str, Reading, Collection[int]] | None,
) -> WishCard:
    sure = wish.reading.sure
    likely = list(wish.reading.likely.items())
    card = WishCard(people[wish.wisher], wish.text)
    card.sure = [(people[pk], why) for pk, why in sure.items()]
    card.chosen = [people[pk] for pk in sorted(wish.decided or ()) if pk not in sure]
    card.shown = ",".join(str(pk) for pk, _ in likely)
    checked: set[int] = set(wish.decided or ())
    offered = dict(likely[:_OFFERED_AT_MOST])
    card.more = len(likely) - len(offered)
    if searched:
        _, card.words, found, chosen = searched
        checked |= set(chosen)
        matches = {**found.sure, **dict(list(found.likely.items())[:_OFFERED_AT_MOST])}
        matches.pop(wish.wisher, None)
        card.note = "" if matches else f"Nobody here is like “{card.words}”."
        offered = {**dict.fromkeys(sorted(chosen), "checked by you"), **matches, **offered}
    offered = {**dict.fromkeys(sorted(checked - offered.keys()), "chosen before"), **offered}
    card.offered = [
        Offered(people[pk], why, pk in checked) for pk, why in offered.items() if pk not in sure
    ]
    return card
