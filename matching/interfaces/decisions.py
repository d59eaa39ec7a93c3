"""What matches and the people in them ask the committee to decide."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from matching.domain.exclusions.wish_decisions import read_wishes
from matching.domain.matches.asked import Asked, drafts_asked_about, mentees_declined
from matching.domain.matches.changes import LONGEST_WHY, dissolve
from matching.domain.matches.flexible import people_who_could_help
from matching.domain.matches.mentor_answers import do_not_wait
from matching.interfaces import full_mentors
from matching.models import Concern, Match
from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    already_settled,
    register_decision,
    unknown_choice,
    waiting_row,
)
from mentorship.models import Program, Role

# It registers a decision of its own.
__all__ = ["full_mentors"]

# What somebody changed while matched is a decision of its own, see `notifications`.
_CHANGED_WHILE_MATCHED = Q(kind__in=Concern.ABOUT_A_CHANGE, match__isnull=False)


def _help_requests(program: Program, at_most: int) -> Waiting:
    rows = Concern.objects.open().seen_by(chair=False).exclude(_CHANGED_WHILE_MATCHED)
    return _waiting(rows.filter(program=program), at_most)


def _for_chairs(program: Program, at_most: int) -> Waiting:
    rows = Concern.objects.open().filter(kind__in=Concern.CONFIDENTIAL)
    return _waiting(rows.filter(program=program), at_most)


def _waiting(requests: QuerySet[Concern], at_most: int) -> Waiting:
    # Who has waited longest stands first.
    requests = requests.order_by("created_at", "pk")
    total = requests.count()
    return Waiting(
        total,
        [
            OpenCase(
                str(request.pk),
                str(request.participant),
                str(request.get_kind_display()),
                reverse("help_request", args=[request.pk]),
            )
            for request in (requests.select_related("participant")[:at_most] if total else [])
        ],
    )


def _flexible_roles(program: Program, at_most: int) -> Waiting:
    """Find who could take the other role, if there are too few people or places in it."""
    short_of, found = people_who_could_help(program)
    return Waiting(
        len(found),
        [
            OpenCase(
                str(person.pk),
                str(person),
                f"{person.role}, and the program is short of {short_of}s: "
                f"{person.get_other_role_display()}",
                reverse("admin:mentorship_participant_change", args=[person.pk]),
            )
            for person in found[:at_most]
        ],
    )


def _board(mentee_pk: int) -> str:
    """Return the path of the board with a mentee's card and the best alternatives."""
    return f"{reverse('matching_board')}?mentee={mentee_pk}&next=1#chosen"


def _declined(program: Program, at_most: int) -> Waiting:
    rows = mentees_declined(program)
    return Waiting(
        len(rows),
        [
            OpenCase(
                str(row.mentee_id),
                str(row.mentee),
                f"{row.mentor} declined" + (f": “{row.words}”" if row.words else ""),
                _board(row.mentee_id),
            )
            for row in rows[:at_most]
        ],
    )


def _silent_drafts(program: Program) -> list[Asked]:
    now = timezone.now()
    return [asked for asked in drafts_asked_about(program) if asked.is_silent(now)]


def _silent(program: Program, at_most: int) -> Waiting:
    silent = _silent_drafts(program)
    return Waiting(
        len(silent),
        [
            OpenCase(
                str(asked.match.pk),
                str(asked.match.mentor),
                f"About {asked.match.mentee}. {asked.words}",
                _board(asked.match.mentee_id),
                None,
                (Button("announce", "Announce anyway"), Button("dissolve", "Find another mentor")),
            )
            for asked in silent[:at_most]
        ],
    )


def _settle_silent(settled: Settled) -> str:
    for asked in _silent_drafts(settled.program):
        if str(asked.match.pk) != settled.key:
            continue
        if settled.choice == "announce":
            do_not_wait(asked.match)
            return f"{asked.match} can be announced without the mentor’s answer."
        if settled.choice == "dissolve":
            dissolve(asked.match, f"{asked.match.mentor} did not answer"[:LONGEST_WHY])
            return f"{asked.match.mentee} is unmatched again. Find another mentor on the board."
        raise unknown_choice()
    raise already_settled()


def _broken_drafts(program: Program) -> QuerySet[Match]:
    """Return the drafts of which one person has left or changed sides: they are never announced."""
    stands = Q(mentor__withdrawn_at=None, mentor__role=Role.MENTOR)
    stands &= Q(mentee__withdrawn_at=None, mentee__role=Role.MENTEE)
    drafts = Match.objects.filter(program=program, status=Match.Status.DRAFT).exclude(stands)
    return drafts.select_related("mentor", "mentee").order_by("pk")


def _broken(program: Program, at_most: int) -> Waiting:
    drafts = _broken_drafts(program)
    total = drafts.count()
    return Waiting(
        total,
        [
            OpenCase(
                str(draft.pk),
                str(draft),
                f"{_why_broken(draft)}. They will not be introduced.",
                _board(draft.mentee_id),
                None,
                (Button("dissolve", "Dissolve"),),
            )
            for draft in (drafts[:at_most] if total else [])
        ],
    )


def _why_broken(draft: Match) -> str:
    return " and ".join(
        f"{person} is no longer taking part"
        if person.withdrawn_at
        else f"{person} is a {person.role}"
        for person, role in ((draft.mentor, Role.MENTOR), (draft.mentee, Role.MENTEE))
        if person.withdrawn_at or person.role != role
    )


def _settle_broken(settled: Settled) -> str:
    draft = waiting_row(_broken_drafts(settled.program), settled.key)
    if settled.choice != "dissolve":
        raise unknown_choice()
    dissolve(draft, _why_broken(draft)[:LONGEST_WHY], by=settled.by)
    return f"The draft of {draft} is dissolved. “Undo” on the board restores it."


def _wishes(program: Program, at_most: int) -> Waiting:
    wishes = read_wishes(program)
    return Waiting(
        len(wishes.open),
        [
            OpenCase(
                str(wish.wisher),
                wishes.names[wish.wisher],
                f"“{wish.text}”",
                f"{reverse('wishes')}#wish-{wish.wisher}",
            )
            for wish in wishes.open[:at_most]
        ],
    )


register_decision(
    DecisionKind(
        "wishes",
        "social_distance",
        25,
        lambda total: (
            ngettext(
                "%(n)d wish not to be matched needs a decision",
                "%(n)d wishes not to be matched need a decision",
                total,
            )
            % {"n": total}
        ),
        _wishes,
        "wishes",
        "Decide",
        until_end=True,
    )
)
register_decision(
    DecisionKind(
        "not_right",
        "shield_person",
        5,
        lambda total: (
            ngettext(
                "%(n)d person says that something isn’t right: for the chairs only",
                "%(n)d people say that something isn’t right: for the chairs only",
                total,
            )
            % {"n": total}
        ),
        _for_chairs,
        "admin:matching_concern_changelist",
        "Help",
        "status__exact=open",
        chairs_only=True,
    )
)
register_decision(
    DecisionKind(
        "help",
        "support",
        10,
        lambda total: (
            ngettext("%(n)d help request is open", "%(n)d help requests are open", total)
            % {"n": total}
        ),
        _help_requests,
        "admin:matching_concern_changelist",
        "Help",
        "status__exact=open",
    )
)
register_decision(
    DecisionKind(
        "flexible_roles",
        "swap_horiz",
        60,
        lambda total: (
            ngettext(
                "%(n)d person could take the role that is short",
                "%(n)d people could take the role that is short",
                total,
            )
            % {"n": total}
        ),
        _flexible_roles,
        "flexible_roles",
        "See who helps most where",
        until_end=True,
    )
)
register_decision(
    DecisionKind(
        "declined",
        "person_cancel",
        22,
        lambda total: (
            ngettext(
                "%(n)d mentee needs another mentor: the mentor declined",
                "%(n)d mentees need another mentor: the mentor declined",
                total,
            )
            % {"n": total}
        ),
        _declined,
        "matching_board",
        "Open the board",
        until_end=True,
    )
)
register_decision(
    DecisionKind(
        "silent",
        "hourglass_bottom",
        23,
        lambda total: (
            ngettext(
                "%(n)d mentor has not answered in time",
                "%(n)d mentors have not answered in time",
                total,
            )
            % {"n": total}
        ),
        _silent,
        "matching_board",
        "Open the board",
        "",
        _settle_silent,
        until_end=True,
    )
)
register_decision(
    DecisionKind(
        "broken_drafts",
        "link_off",
        24,
        lambda total: (
            ngettext(
                "%(n)d draft has lost one of its people",
                "%(n)d drafts have lost one of their people",
                total,
            )
            % {"n": total}
        ),
        _broken,
        "matching_board",
        "Open the board",
        "",
        _settle_broken,
        until_end=True,
    )
)
