"""The research queue: one person after another, and never the same one for two members.

Being looked up is a row with the member who does it and until when. It is taken by a
compare-and-set, so that of two who ask at the same moment the second gets the next person.
"""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from mentorship.domain.people.decisions import save_details
from mentorship.models import Participant, Program, ResearchTurn

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Who is away for so long has closed the page.
HELD_FOR = datetime.timedelta(minutes=30)
# The pace is that of the last ones: who they are changes, and people get quicker.
_PACE_OF = 20
# Each failed try means that somebody else has just taken a person.
_TRIES = 20


@dataclass(frozen=True)
class ResearchProgress:
    """How far the research is. `pace` is seconds a person (None: not known yet)."""

    left: int
    done: int
    pace: float | None

    @property
    def total(self) -> int:
        return self.left + self.done

    @property
    def minutes_left(self) -> int | None:
        """How long the rest takes at this pace; None if that is not known."""
        return None if self.pace is None else max(1, round(self.left * self.pace / 60))


def research_progress(program: Program) -> ResearchProgress:
    """Return how many are left and done of those who have not answered, and the pace."""
    people = Participant.objects.filter(program=program)
    left = people.left_to_research().count()
    ended = ResearchTurn.objects.filter(program=program, seconds__isnull=False)
    newest = ended.order_by("-ended_at", "-pk").values_list("seconds", flat=True)
    seconds = [each for each in newest[:_PACE_OF] if each is not None]
    return ResearchProgress(
        left,
        people.not_answered().count() - left,
        statistics.median(seconds) if seconds else None,
    )


def held_by(program: Program, user: User, now: datetime.datetime | None = None) -> QuerySet[Any]:
    """Return the person that this member is looking up, as rows: one or none."""
    people = Participant.objects.filter(
        program=program,
        research_turn__held_by=user,
        research_turn__held_until__gt=now or timezone.now(),
    )
    return people.left_to_research().annotate(ended_at=F("research_turn__ended_at"))


def take_next(
    program: Program, user: User, now: datetime.datetime | None = None
) -> Participant | None:
    """Take the next person for a member to look up and return that person; None if nobody is left.

    Who has one already keeps it. Those who were skipped come last.
    """
    now = now or timezone.now()
    for _ in range(_TRIES):
        people = [*held_by(program, user, now)[:1], *waiting(program, now)[:1]]
        if not people:
            return None
        # What has ended since must not begin again.
        if _take(people[0], user, now, ended_at=people[0].ended_at):
            return people[0]
    return None


def waiting(program: Program, now: datetime.datetime | None = None) -> QuerySet[Any]:
    """Return the people that nobody looks up at the moment, the next one first."""
    now = now or timezone.now()
    people = Participant.objects.filter(program=program).left_to_research()
    people = people.annotate(ended_at=F("research_turn__ended_at"))
    held = Q(research_turn__held_until__gt=now)
    order = F("research_turn__skipped_at").asc(nulls_first=True)
    return people.filter(~held | Q(research_turn=None)).order_by(order, "name", "pk")


def take(person: Participant, user: User, now: datetime.datetime | None = None) -> bool:
    """Have a member look up this person; return False if somebody else does so now."""
    return _take(person, user, now or timezone.now())


def _take(person: Participant, user: User, now: datetime.datetime, **still: Any) -> bool:
    """Take a person whose turn has these columns; return whether that succeeded."""
    free = Q(held_by=user) | Q(held_until=None) | Q(held_until__lte=now)
    try:
        with transaction.atomic():
            turn, _ = ResearchTurn.objects.get_or_create(
                participant=person, defaults={"program_id": person.program_id}
            )
            others = ResearchTurn.objects.filter(program=person.program_id, held_by=user)
            others.exclude(pk=turn.pk).update(held_by=None, held_until=None)
            mine = ResearchTurn.objects.filter(free, pk=turn.pk, **still)
            taken = mine.update(held_by=user, held_until=now + HELD_FOR, taken_at=now)
            if not taken:
                # Who takes nobody keeps the one they have.
                transaction.set_rollback(True)
    except IntegrityError:  # the same member, in two tabs at the same moment
        return False
    return taken == 1


def skip(person: Participant, user: User, now: datetime.datetime | None = None) -> None:
    """Put a person at the end of the queue. Raise ValidationError if this member has lost them."""
    _let_go(person, user, skipped_at=now or timezone.now())


def note_nothing_found(
    person: Participant, user: User, now: datetime.datetime | None = None
) -> None:
    """Take a person out of the queue because nothing can be found about them.

    Raise ValidationError if this member has lost them.
    """
    _end(person, user, ResearchTurn.Outcome.NOTHING, now or timezone.now())


def save_found(
    person: Participant,
    user: User,
    details: Mapping[str, Any],
    source: str = "",
    now: datetime.datetime | None = None,
) -> Participant:
    """Save what was found out about a person as research, and return the saved row.

    `details` has the new values by column, `fields` as rows. Raise ValidationError, with nothing
    saved, if there are none, if the person has answered meanwhile, or if this member has lost
    them to another.
    """
    if not details:
        raise ValidationError("Fill in what you found, or choose “Nothing found”.")
    with transaction.atomic():
        people = Participant.objects.select_for_update(of=("self",), no_key=True)
        locked = people.select_related("program").get(pk=person.pk)
        if locked.responses.exists():
            raise ValidationError(f"{locked} has answered meanwhile. That response counts.")
        if not locked.takes_part:
            raise ValidationError(f"{locked} no longer takes part.")
        _end(locked, user, ResearchTurn.Outcome.FOUND, now or timezone.now(), source)
        for column, value in details.items():
            if column == "fields":
                locked.fields.set(value)
            else:
                setattr(locked, column, value)
        return save_details(locked, details)


def _end(
    person: Participant, user: User, outcome: str, now: datetime.datetime, source: str = ""
) -> None:
    turn = ResearchTurn.objects.filter(participant=person, held_by=user).first()
    began = turn and turn.taken_at
    _let_go(
        person,
        user,
        outcome=outcome,
        ended_by=user,
        ended_at=now,
        seconds=round(min(now - began, HELD_FOR).total_seconds()) if began else None,
        source=source,
        skipped_at=None,
    )


def _let_go(person: Participant, user: User, **columns: Any) -> None:
    """Write to a person's turn and end the hold, if this member holds it."""
    mine = ResearchTurn.objects.filter(participant=person, held_by=user)
    if not mine.update(held_by=None, held_until=None, **columns):
        raise ValidationError(
            f"Nothing was saved: somebody else has taken {person} since. What you typed is still "
            "here; continue with the next person, or take this one again."
        )
