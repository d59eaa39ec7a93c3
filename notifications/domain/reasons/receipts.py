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
    found = []
    for response in responses.select_related("participant", "sector").order_by("pk"):
        newest = response.participant.responses.values_list("pk", flat=True).first()
        is_newest = newest == response.pk or audience.is_resend
        found.append(receipt_of(response, "" if is_newest else "has answered again since"))
    return found


def receipt_of(response: SurveyResponse, obstacle: str = "") -> Candidate:
    """Return the receipt for one response, with what stops it: `obstacle`, or a bounced email."""
    person = response.participant
    if person.mail_bounced_at:
        obstacle = "email to this address bounced"
    return Candidate(
        Kind.RECEIPT.value, response.pk, (person,), response=response, obstacle=obstacle
    )
