"""What happened with a person's matches, help requests and feedback."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from matching.domain.support.while_matched import LEFT
from matching.models import Concern, Match
from mentorship.interfaces.timeline.registry import (
    Event,
    NextStep,
    register_events,
    register_step,
)
from mentorship.models import Participant


def _events(person: Participant) -> Iterator[Event]:
    matches = Match.objects.filter(Q(mentor=person) | Q(mentee=person))
    for match in matches.select_related("mentor", "mentee").order_by("created_at", "pk"):
        partner = match.mentee if match.mentor_id == person.pk else match.mentor
        path = reverse("admin:matching_match_change", args=[match.pk])
        yield Event(match.created_at, "join_inner", f"Was matched with {partner}", "", path)
        if match.announced_at:
            yield Event(
                match.announced_at, "campaign", f"The match with {partner} was announced", "", path
            )
        if match.dissolved_at:
            yield Event(
                match.dissolved_at, "link_off", f"The match with {partner} was dissolved", "", path
            )
    # Every member reads this page, so what is for the chairs only is not on it.
    concerns = Concern.objects.seen_by(chair=False).filter(participant=person)
    for concern in concerns.select_related("settled_by").order_by("created_at", "pk"):
        path = reverse("help_request", args=[concern.pk])
        asked = concern.origin != Concern.Origin.CHANGE
        begins = "Asked for help" if asked else "Changed while matched"
        words = f"{begins}: {concern.get_kind_display()}"
        yield Event(concern.created_at, "support", words, concern.text, path)
        if concern.settled_at:
            by = f", by {concern.settled_by}" if concern.settled_by else ""
            words = f"The help request was settled{by}"
            yield Event(concern.settled_at, "task_alt", words, concern.outcome, path)
    for feedback in person.feedback.order_by("created_at", "pk"):
        rating = f"{feedback.rating} of 5" if feedback.rating else ""
        path = reverse("admin:matching_feedback_change", args=[feedback.pk])
        yield Event(feedback.created_at, "rate_review", "Gave feedback", rating, path)


def _help(person: Participant) -> NextStep | None:
    rows = Concern.objects.open().seen_by(chair=False).order_by("created_at")
    changed = rows.filter(match__isnull=False, kind__in=LEFT).exclude(
        origin=Concern.Origin.COMMITTEE
    )
    if about := changed.filter(Q(match__mentor=person) | Q(match__mentee=person)).first():
        words = f"Decide about their match: {about.participant} {LEFT[Concern.Kind(about.kind)]}."
        path = reverse("help_request", args=[about.pk])
        return NextStep(words, "Open the help request", path)
    concern = rows.filter(participant=person).first()
    if concern is None:
        return None
    path = reverse("help_request", args=[concern.pk])
    return NextStep("Help them: they are waiting for an answer.", "Open the help request", path)


def _match(person: Participant) -> NextStep | None:
    program = Match.objects.live().filter(program=person.program_id)
    mine = program.filter(Q(mentor=person) | Q(mentee=person)).order_by("status").first()
    if mine is None:
        if not program.exists():
            return None
        return NextStep("Find a match for them.", "Open the board", reverse("matching_board"))
    if mine.status == Match.Status.ANNOUNCED:
        return NextStep("Nothing: their match is announced.")
    return NextStep(
        "Review their match and announce it.", "Open the board", reverse("matching_board")
    )


register_events(_events)
register_step(5, _help)
register_step(50, _match)
