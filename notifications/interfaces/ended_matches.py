"""What to do about matches that ended while people still count on them, asked on the dashboard."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from matching.models import Match
from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    already_settled,
    register_decision,
    unknown_choice,
)
from mentorship.models import Participant, Program
from notifications.domain.outbox.decisions import cancel_by_hand
from notifications.domain.outbox.queueing import plan, queue_mail
from notifications.models import Kind

TELL = Button("tell", "Tell them")
KNOWN = Button("known", "They know already")


def untold(program: Program, now: datetime.datetime) -> dict[Match, list[Participant]]:
    """Return the matches that have ended, each with its people who were told of no end.

    Only people who were told of the match count.
    """
    found: dict[Match, list[Participant]] = {}
    for email in plan(program, Kind.MATCH_CHANGED, now, []):
        assert email.match is not None
        found.setdefault(email.match, []).extend(email.people)
    return found


def _find(program: Program, at_most: int) -> Waiting:
    ended = untold(program, timezone.now())
    cases = [_case(match, people) for match, people in list(ended.items())[:at_most]]
    return Waiting(len(ended), cases)


def _case(match: Match, people: list[Participant]) -> OpenCase:
    names = " and ".join(map(str, people))
    return OpenCase(
        str(match.pk),
        str(match),
        f"{match.dissolved_why.rstrip('.')}. Not told yet: {names}.",
        reverse("admin:matching_match_change", args=[match.pk]),
        None,
        (TELL, KNOWN),
    )


def settle_end(settled: Settled) -> str:
    """Tell the people of a match that it has ended, or let them be, who know already."""
    ended = untold(settled.program, timezone.now())
    match = next((one for one in ended if str(one.pk) == settled.key), None)
    if match is None:
        raise already_settled()
    if settled.choice not in (TELL.choice, KNOWN.choice):
        raise unknown_choice()
    done = queue_mail(
        settled.program,
        Kind.MATCH_CHANGED,
        by=settled.by,
        rest_seconds=settings.BULK_REST_SECONDS,
        only=[match.pk],
    )
    if settled.choice == KNOWN.choice and done.batch:
        cancel_by_hand(done.batch.emails.all())
        return f"{match}: nobody is emailed about the end of this match."
    told = ngettext("%(n)d email", "%(n)d emails", done.queued) % {"n": done.queued}
    return f"{match}: {told} in the outbox."


register_decision(
    DecisionKind(
        "ended",
        "link_off",
        16,
        lambda total: (
            ngettext(
                "%(n)d match has ended, and its people don’t know yet",
                "%(n)d matches have ended, and their people don’t know yet",
                total,
            )
            % {"n": total}
        ),
        _find,
        "send_match_changed",
        "Look and send",
        "",
        settle_end,
        until_end=True,
    )
)
