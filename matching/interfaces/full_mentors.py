"""What to do about mentors who take fewer mentees than they know, asked on the dashboard."""

from __future__ import annotations

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import ngettext

from matching.models import Match
from mentorship.domain.people.decisions import save_details
from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    person_path,
    register_decision,
    unknown_choice,
    waiting_people,
    waiting_row,
)
from mentorship.models import Participant, Program, Role

KEEP = Button("keep", "Keep the matches")
_KNOWN = Q(matches_as_mentor__status=Match.Status.ANNOUNCED)


def over_full(program: Program) -> QuerySet[Participant]:
    """Return mentors who take part and know more mentees than they take, with `known`."""
    mentors = program.participants.taking_part().filter(role=Role.MENTOR)
    mentors = mentors.annotate(known=Count("matches_as_mentor", filter=_KNOWN))
    told = Match.objects.announced().select_related("mentee").order_by("pk")
    return (
        mentors.filter(known__gt=F("capacity"))
        .prefetch_related(Prefetch("matches_as_mentor", told, to_attr="told"))
        .order_by("name", "pk")
    )


def _case(mentor: Participant) -> OpenCase:
    mentees = " and ".join(str(match.mentee) for match in mentor.told)  # type: ignore[attr-defined]
    takes = f"Takes {mentor.capacity or 'no'} mentee{'' if mentor.capacity == 1 else 's'} now"
    return OpenCase(
        str(mentor.pk),
        str(mentor),
        f"{takes}, and knows {mentees} already. Keep the matches, or dissolve one on the board.",
        person_path(mentor),
        None,
        (KEEP,),
    )


def settle_full(settled: Settled) -> str:
    """Keep the matches: the mentor takes as many mentees as they know."""
    mentor = waiting_row(over_full(settled.program), settled.key)
    if settled.choice != KEEP.choice:
        raise unknown_choice()
    mentor.capacity = mentor.known  # type: ignore[attr-defined]
    save_details(mentor, ["capacity"])
    return f"{mentor} keeps the matches."


def _find(program: Program, at_most: int) -> Waiting:
    return waiting_people(over_full(program), at_most, _case)


register_decision(
    DecisionKind(
        "over_full",
        "group_remove",
        17,
        lambda total: (
            ngettext(
                "%(n)d mentor takes fewer mentees than they were matched with",
                "%(n)d mentors take fewer mentees than they were matched with",
                total,
            )
            % {"n": total}
        ),
        _find,
        "matching_board",
        "Open the board",
        "",
        settle_full,
        until_end=True,
    )
)
