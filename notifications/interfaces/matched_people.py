"""What to do about people who have changed while matched, asked on the dashboard."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from matching.domain.matches.changes import LONGEST_WHY
from matching.domain.support.while_matched import LEFT
from matching.models import Concern
from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    register_decision,
    unknown_choice,
    waiting_row,
)
from mentorship.models import Program
from notifications.domain.outbox.ending import dissolve_and_tell, keep_and_tell

Kind = Concern.Kind
DISSOLVE = Button("dissolve", "Dissolve and tell")
KEEP = Button("keep", "Keep and tell")


def changed_while_matched(program: Program) -> QuerySet[Concern]:
    """Return what people have changed while matched and the committee has not decided on."""
    rows = Concern.objects.open().filter(program=program, kind__in=Concern.ABOUT_A_CHANGE)
    rows = rows.filter(match__status="announced").order_by("created_at", "pk")
    return rows.select_related("participant", "match__mentor", "match__mentee", "program")


def case_of(concern: Concern) -> OpenCase:
    """Return what the dashboard shows of one of them, with its buttons."""
    stays = concern.kind == Kind.ATTENDANCE_CHANGED
    sentence = f"{concern.participant} {LEFT[Kind(concern.kind)]}"
    detail = (
        f"Matched with {concern.partner}."
        if stays
        else f"{concern.partner} is waiting. Find a rematch, or dissolve."
    )
    return OpenCase(
        str(concern.pk),
        sentence,
        detail,
        reverse("help_request", args=[concern.pk]),
        None,
        (KEEP, DISSOLVE) if stays else (DISSOLVE,),
    )


def settle_change(settled: Settled) -> str:
    """Keep the match or dissolve it, and tell both people; return the sentence that says so."""
    concern = waiting_row(changed_while_matched(settled.program), settled.key)
    match = concern.match
    assert match is not None
    if settled.choice == KEEP.choice and concern.kind == Kind.ATTENDANCE_CHANGED:
        return f"{match} stay a match. {_emails(keep_and_tell(concern, by=settled.by))}"
    if settled.choice != DISSOLVE.choice:
        raise unknown_choice()
    why = f"{concern.participant} {LEFT[Kind(concern.kind)]}"[:LONGEST_WHY]
    done = dissolve_and_tell(match, why, by=settled.by)
    return f"The match of {match} is dissolved. {_emails(done.queued)}"


def _emails(number: int) -> str:
    words = ngettext("%(n)d email in the outbox.", "%(n)d emails in the outbox.", number)
    return words % {"n": number}


def _find(program: Program, at_most: int) -> Waiting:
    rows = changed_while_matched(program)
    total = rows.count()
    return Waiting(total, [case_of(row) for row in rows[:at_most]] if total else [])


register_decision(
    DecisionKind(
        "changed_while_matched",
        "person_off",
        15,
        lambda total: (
            ngettext(
                "%(n)d match has lost or changed one of its people",
                "%(n)d matches have lost or changed one of their people",
                total,
            )
            % {"n": total}
        ),
        _find,
        "admin:matching_concern_changelist",
        "See all of them",
        "status__exact=open",
        settle_change,
        until_end=True,
    )
)
