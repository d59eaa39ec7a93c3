"""What the rematch assistant shows of each way out: what it takes and what it costs, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from matching.domain.proposals.rematches import RematchOption
from matching.interfaces.proposals.differences import difference_words
from matching.models import Concern, Match
from mentorship.models import Participant

# What every rematch changes, so that it tells none from another.
_SAME = ("unmatched", "changed")
SHOWN = 5


@dataclass(frozen=True)
class OptionCard:
    """One way out; `takes` are sentences on what it takes, `cost` says what it costs."""

    option: RematchOption
    title: str
    takes: list[str]
    cost: str
    is_chosen: bool

    @property
    def key(self) -> str:
        return self.option.key


@dataclass(frozen=True)
class OptionGroup:
    """Options of one sort, the best first; `more` are not shown."""

    title: str
    cards: list[OptionCard]
    more: int


def groups_of(
    options: list[RematchOption], waiting: Participant, chosen: RematchOption | None
) -> list[OptionGroup]:
    """Return the options in their groups: those with room, then those who make room."""
    of_mentor = waiting.role == "mentor"
    titles = (
        "Unmatched mentees" if of_mentor else "Mentors with room",
        "Mentors who get room when drafts move",
    )
    found = []
    for title, makes_room in zip(titles, (False, True), strict=True):
        group = [one for one in options if bool(one.makes_room) == makes_room]
        shown = group[:SHOWN]
        if chosen in group and chosen not in shown:
            shown = [*shown[:-1], chosen]
        if shown:
            cards = [_card(one, waiting, one == chosen) for one in shown]
            found.append(OptionGroup(title, cards, len(group) - len(shown)))
    return found


def _card(option: RematchOption, waiting: Participant, is_chosen: bool) -> OptionCard:
    first = option.first
    other = first.mentee if first.mentee != waiting else first.mentor
    takes = []
    if first.leaves:
        takes.append(f"{first.mentee} leaves the draft with {first.leaves}.")
    for move in reversed(option.makes_room):
        takes.append(f"{move.mentee} moves from {move.leaves} to {move.mentor}: a draft as before.")
    if option.makes_room:
        takes.append("Nobody has been told of these drafts.")
    takes += [f"{found.title}: {found.detail}." for found in option.findings]
    if other.mail_bounced_at:
        takes.append(f"Emails to {other} bounce. Correct the address first.")
    return OptionCard(option, str(other), takes, cost_words(option), is_chosen)


def cost_words(option: RematchOption) -> str:
    """Return what an option costs, compared with the present pairs."""
    change = {name: amount for name, amount in option.change.items() if name not in _SAME}
    if not any(change.values()):
        return "Costs nothing: as good as now on every priority."
    return f"Compared with now: {difference_words(change)}."


def why_none(concern: Concern, waiting: Participant) -> str:
    """Return why there is no rematch for a request, and what to do."""
    if not waiting.takes_part:
        return f"{waiting} no longer takes part, so there is nobody to rematch."
    live = Match.objects.live().of_person(waiting).exclude(pk=concern.match_id or 0)
    if waiting.role == "mentee" and (other := live.select_related("mentor").first()):
        if other.status == Match.Status.ANNOUNCED:
            return f"{waiting} is matched with {other.mentor} now, and both have been told."
        return f"{waiting} has a locked draft with {other.mentor}. Unlock or announce it."
    if waiting.role == "mentor":
        return "No mentee is unmatched."
    return (
        "No mentor has room, and no draft can make room. Somebody has to take one more mentee, or "
        "a new mentor has to be found."
    )


def sent_words(number: int) -> str:
    """Return how many emails go out."""
    return ngettext("%(n)d email", "%(n)d emails", number) % {"n": number}
