"""What this package knows of a person: sign-up, responses, changes, research, withdrawal."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from mentorship.interfaces.timeline.changes import changed_details
from mentorship.interfaces.timeline.registry import (
    Event,
    NextStep,
    register_events,
    register_step,
)
from mentorship.models import Participant, ResearchTurn

_LONGEST = 120


def _events(person: Participant) -> Iterator[Event]:
    role = person.previous_signup_role or person.signup_role
    yield Event(
        person.registered_at or person.created_at,
        "how_to_reg",
        f"Signed up as a {role}" if role else "Came into the program",
        person.ticket,
    )
    if person.missing_since:
        yield Event(person.missing_since, "event_busy", "Was missing from the newest export")
    if person.withdrawn_at:
        yield Event(person.withdrawn_at, "logout", "Withdrew", person.withdrawn_why)
    if person.mail_bounced_at:
        yield Event(
            person.mail_bounced_at, "unsubscribe", "An email bounced", person.mail_bounced_why or ""
        )
    if person.unsubscribed_at:
        yield Event(person.unsubscribed_at, "notifications_off", "Asked for no more reminders")
    for number, response in enumerate(person.responses.order_by("submitted_at", "pk")):
        words = "Answered again" if number else "Answered the survey"
        if not response.taking_part:
            words = "Answered that they do not take part"
        yield Event(
            response.submitted_at,
            "assignment",
            words,
            f"through {response.get_origin_display()}",
            reverse("admin:mentorship_surveyresponse_change", args=[response.pk]),
        )
    turns = ResearchTurn.objects.filter(participant=person, ended_at__isnull=False)
    for turn in turns.select_related("ended_by"):
        assert turn.ended_at
        by = f", by {turn.ended_by}" if turn.ended_by else ""
        detail = f"{turn.get_outcome_display()}{by}"
        if turn.source:
            detail += f". Source: {turn.source}"
        yield Event(turn.ended_at, "person_search", "Was looked up", detail)
    yield from _changes(person)


def _changes(person: Participant) -> Iterator[Event]:
    for change in changed_details(person):
        before, after = _short(change.before), _short(change.after)
        by = f", by {change.by}" if change.by else ""
        yield Event(change.when, "edit", f"{change.detail} changed{by}", f"{before} → {after}")


def _short(text: str) -> str:
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") or "nothing"


def _decide(person: Participant) -> NextStep | None:
    if person.withdrawn_at:
        return NextStep("Nothing: they do not take part.")
    if person.role_doubt:
        return NextStep("Decide on their role.", "Decide", "#takes-part-as")
    if person.mail_bounced_at:
        return NextStep(
            "Correct their email address, or confirm that it is right.", "Confirm", "#takes-part-as"
        )
    if person.missing_since:
        return NextStep(
            "Keep or withdraw them: they are no longer registered.", "Decide", "#takes-part-as"
        )
    return None


def _research(person: Participant) -> NextStep | None:
    if not Participant.objects.filter(pk=person.pk).left_to_research().exists():
        return None
    return NextStep(
        "Nothing is known about them yet: look them up, unless they still answer.",
        "Look up",
        reverse("research_person", args=[person.pk]),
    )


register_events(_events)
register_step(10, _decide)
register_step(40, _research)
