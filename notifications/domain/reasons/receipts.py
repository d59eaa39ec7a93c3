"""The email that confirms what somebody has answered."""

from __future__ import annotations

import datetime

from mentorship.models import Program, SurveyResponse
from notifications.domain.reasons.candidates import Audience, Candidate
from notifications.models import Kind


def receipt(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Confirm each of these responses to the person who sent it, as long as it is the newest.

    Somebody who says that they cannot take part is told so too.
    """
    responses = SurveyResponse.objects.filter(participant__program=program, pk__in=audience.about)
    return [
        receipt_of(response, is_resend=audience.is_resend)
        for response in responses.select_related("participant", "sector").order_by("pk")
    ]


def receipt_of(response: SurveyResponse, *, is_resend: bool = False) -> Candidate:
    """Return the receipt for one response, with what stops it, if anything does."""
    person = response.participant
    newest = person.responses.values_list("pk", flat=True).first()
    obstacle = ""
    if person.mail_bounced_at:
        obstacle = "email to this address bounced"
    elif newest != response.pk and not is_resend:
        obstacle = "has answered again since"
    return Candidate(
        Kind.RECEIPT.value, response.pk, (person,), response=response, obstacle=obstacle
    )
