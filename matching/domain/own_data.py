"""What is stored about one person's matches, for that person to download."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from matching.models import Concern, Match, MentorAnswer
from mentorship.models import Participant


def matches_of(person: Participant) -> list[dict[str, Any]]:
    """Return this person's matches that were announced, oldest first, with the partner's contact.

    About the partner there is only what the introduction told: name and email address. Drafts and
    the committee's reasons are not included.
    """
    matches = Match.objects.filter(Q(mentor=person) | Q(mentee=person), announced_at__isnull=False)
    found = []
    matches = matches.select_related("mentor", "mentee", "meeting").prefetch_related("check_ins")
    for match in matches.order_by("announced_at", "pk"):
        is_mentor = match.mentor_id == person.pk
        partner = match.mentee if is_mentor else match.mentor
        found.append(
            {
                "role": "mentor" if is_mentor else "mentee",
                "partner": partner.name,
                "partner_address": partner.email,
                "announced": match.announced_at,
                "dissolved": match.dissolved_at or "",
                **_said(match, person),
            }
        )
    return found


def _said(match: Match, person: Participant) -> dict[str, Any]:
    """Return what this person said about contact, and the hour on which the two agreed."""
    said = next((one for one in match.check_ins.all() if one.participant_id == person.pk), None)
    hour = getattr(match, "meeting", None)
    return {
        **({"in_touch": said.in_touch, "in_touch_said": said.answered_at} if said else {}),
        **(
            {
                "hour": hour.starts_at,
                "hour_proposed_by": "you" if hour.proposed_by_id == person.pk else "your match",
                "hour_accepted": hour.accepted_at or "",
                "hour_canceled": hour.canceled_at or "",
            }
            if hour
            else {}
        ),
    }


def mentor_answers_of(person: Participant) -> list[dict[str, Any]]:
    """Return what this person was asked as a mentor about mentees, and answered, oldest first."""
    rows = MentorAnswer.objects.filter(mentor=person, asked_at__isnull=False)
    return [
        {
            "mentee": row.mentee.name,
            "asked": row.asked_at,
            "answer": row.get_answer_display(),
            "words": row.words,
        }
        for row in rows.select_related("mentee").order_by("asked_at", "pk")
    ]


def help_requests_of(person: Participant, *, confidential: bool = True) -> list[dict[str, Any]]:
    """Return this person's help requests, without what the committee wrote about them."""
    return [
        {
            "problem": concern.get_kind_display(),
            "text": concern.text,
            "reported": concern.created_at,
            "settled": concern.settled_at or "",
        }
        for concern in Concern.objects.seen_by(chair=confidential)
        .filter(participant=person)
        .order_by("created_at", "pk")
    ]


def feedback_of(person: Participant) -> list[dict[str, Any]]:
    """Return this person's feedback."""
    return [
        {
            "met": feedback.met,
            "rating": feedback.rating,
            "went_well": feedback.went_well,
            "do_better": feedback.do_better,
            "would_come_again": feedback.would_come_again,
            "again_as": feedback.get_again_as_display(),
            "sent": feedback.created_at,
        }
        for feedback in person.feedback.order_by("created_at", "pk")
    ]
