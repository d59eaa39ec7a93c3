"""What this package does when people, matches or its own texts change."""

from __future__ import annotations

import functools
import logging
import operator
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils import timezone

from matching.domain.signals import (
    help_requested,
    match_dissolved,
    match_restored,
    meeting_changed,
    mentor_answered,
)
from matching.models import Concern, Match, Meeting
from mentorship.domain.imports.undo import goes_along
from mentorship.domain.people.bulk import BATCH
from mentorship.domain.signals import (
    asked_what_follows,
    link_wanted,
    own_data_asked,
    people_changed,
    program_copied,
    responses_recorded,
    signup_wanted,
)
from mentorship.models import Participant, Program, SurveyResponse
from notifications.domain.content.templates import check
from notifications.domain.copying import copy_mail
from notifications.domain.outbox.on_request import queue_link, queue_signup
from notifications.domain.outbox.queueing import (
    queue_at_once,
    queue_receipts,
    rewrite_if_outdated,
)
from notifications.domain.outbox.states import perform
from notifications.domain.outbox.worker import stop
from notifications.domain.own_data import emails_of
from notifications.domain.reasons import ask_again
from notifications.domain.schedules.late_signups import invites_as_they_come
from notifications.models import EmailLog, EmailTemplate, Kind
from notifications.models.states import Actor

logger = logging.getLogger(__name__)
State = EmailLog.State


@receiver(responses_recorded)
def cancel_what_was_answered(
    program: Program, responses: Iterable[SurveyResponse], **kwargs: Any
) -> None:
    """Cancel what is queued for those who have answered, should it rest on that."""
    review(program.pk, [response.participant_id for response in responses])


@receiver(responses_recorded)
def confirm_what_was_answered(
    program: Program, responses: Iterable[SurveyResponse], **kwargs: Any
) -> None:
    """Queue a receipt for each response that somebody sent with the form here."""
    here = [one for one in responses if one.origin == SurveyResponse.Origin.FORM]
    try:
        queue_receipts(program, here)
    except ValidationError:
        # What people answered is worth more than its receipt.
        logger.exception("The receipt of %s cannot be written", program)


# An invitation that was queued for somebody new, and has not left, goes with an undone import.
goes_along(
    EmailLog,
    Q(attempts=0, sent_at=None, state__in=[State.QUEUED, State.HELD, State.CANCELLED]),
)


@receiver(asked_what_follows)
def tell_who_is_invited(program: Program, joining: int, **kwargs: Any) -> str:
    """Say when the survey's schedule would invite the people that an import makes."""
    return invites_as_they_come(program, joining)


@receiver(people_changed)
def cancel_what_changed(program: Program, participant_ids: Iterable[int], **kwargs: Any) -> None:
    """Look again at what is queued for these people: it may rest on what has changed."""
    review(program.pk, participant_ids)


@receiver(match_dissolved)
def cancel_what_was_dissolved(match: Match, **kwargs: Any) -> None:
    """Cancel what is queued for the two people, should it rest on their match."""
    review(match.program_id, [match.mentor_id, match.mentee_id])


@receiver(help_requested)
def confirm_help_request(concern: Concern, **kwargs: Any) -> None:
    """Confirm to somebody who asked for help on their page that it has come in."""
    queue_at_once(concern.program, Kind.PROBLEM_RECEIVED, concern.pk)


@receiver(meeting_changed)
def tell_of_hour(meeting: Meeting, **kwargs: Any) -> None:
    """Tell people of the hour that the other proposes, accepts or cancels."""
    match = meeting.match
    review(match.program_id, [match.mentor_id, match.mentee_id])
    queue_at_once(match.program, Kind.MEETING, match.pk)


@receiver(match_restored)
def refuse_or_cancel_what_was_restored(match: Match, **kwargs: Any) -> None:
    """Cancel what would tell the two people that their match is off; refuse if they were told."""
    told = EmailLog.objects.filter(
        kind=Kind.MATCH_CHANGED,
        match=match,
        state__in=[State.SENDING, State.SENT, State.UNCERTAIN],
    )
    if told.exists():
        raise ValidationError(
            f"The match of {match} stays dissolved: an email has already told them that it is no "
            "longer going ahead. Match them again instead."
        )
    review(match.program_id, [match.mentor_id, match.mentee_id])


@receiver(mentor_answered)
def cancel_what_the_mentor_answered(match: Match, **kwargs: Any) -> None:
    """Cancel what is queued for the mentor, should it ask what is answered now."""
    review(match.program_id, [match.mentor_id])


@receiver(pre_save, sender=EmailTemplate)
def refuse_mistakes(instance: EmailTemplate, raw: bool = False, **kwargs: Any) -> None:
    """Let no email text be saved that cannot be sent, by whatever way it comes."""
    check(instance.kind, instance.subject, instance.body)


def review(program_id: int, participant_ids: Iterable[int]) -> int:
    """Look again at each email to these people, or about their matches, that is queued or on hold.

    Cancels those whose reason is gone and gives their number; writes anew what went to another
    address, with another link or as if the two attended another way.
    """
    waiting = EmailLog.objects.filter(program=program_id, state__in=[State.QUEUED, State.HELD])
    emails = _about(waiting, program_id, set(participant_ids))
    cancelled = 0
    now = timezone.now()
    for mail in waiting.filter(pk__in=emails).select_related("program").order_by("pk"):
        candidate = ask_again(mail, now)
        if candidate.is_due:
            perform("resume", EmailLog.objects.filter(pk=mail.pk), Actor.RECEIVER, state_reason="")
            rewrite_if_outdated(mail, candidate, now)
        else:
            this = EmailLog.objects.filter(pk=mail.pk)
            cancelled += stop(this, candidate, Actor.RECEIVER)
    return cancelled


def _about(waiting: QuerySet[EmailLog], program_id: int, people: set[int]) -> set[int]:
    """Return the keys of those of these emails that go to these people or are about their matches.

    Thousands of people, as of an import, are looked for in all that waits, a few by their keys.
    """
    is_few = len(people) <= BATCH

    def among(rows: QuerySet[Any], *columns: str, wanted: set[int]) -> set[int]:
        any_of = [Q(**{f"{column}__in": wanted}) for column in columns]
        found = rows.filter(functools.reduce(operator.or_, any_of)) if is_few else rows
        return {
            key
            for key, *values in found.order_by().values_list("pk", *columns)
            if not wanted.isdisjoint(values)
        }

    emails = among(waiting, "people", wanted=people)
    matches = among(Match.objects.filter(program=program_id), "mentor", "mentee", wanted=people)
    if matches:
        for column in ("match", "matches"):
            emails |= among(waiting, column, wanted=matches)
    return emails


@receiver(program_copied)
def copy_texts_and_schedules(source: Program, program: Program, **kwargs: Any) -> list[str]:
    """Return a copied program the email texts and schedules of its source."""
    return copy_mail(source, program)


@receiver(link_wanted)
def email_link(person: Participant, **kwargs: Any) -> None:
    """Email somebody the personal link that they asked for."""
    queue_link(person)


@receiver(signup_wanted)
def email_signup(program: Program, email: str, token: str, **kwargs: Any) -> None:
    """Email somebody the link that confirms their address."""
    queue_signup(program, email, token)


@receiver(own_data_asked)
def tell_of_emails(
    person: Participant, confidential: bool = True, **kwargs: Any
) -> dict[str, list[Any]]:
    """Return the emails that one person was sent."""
    return {"emails": emails_of(person, confidential=confidential)}
