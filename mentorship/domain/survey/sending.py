"""Sending the form: once however often it is tapped, and never over answers nobody saw."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from mentorship.domain.survey.answers import Answers, Submission, built_response
from mentorship.domain.survey.drafts import forget_draft
from mentorship.domain.survey.responses import record_all
from mentorship.models import Participant, SurveyResponse

_COMPARED = (
    "taking_part", "role", "other_role", "name", "short_name", "attendance", "sector_id",
    "career_stage", "affiliation", "capacity", "time_zone", "topics_wanted", "topics_offered",
    "notes", "wants_to_meet", "rather_not_meet", "free_hours", "days_there", "other_answers",
)  # fmt: skip


class AnsweredMeanwhile(Exception):
    """Other answers were recorded since the page was opened; `newest` are those that count now."""

    def __init__(self, newest: SurveyResponse) -> None:
        self.newest = newest


def send_form(
    participant: Participant,
    answers: Answers,
    *,
    seen: int | None,
    now: datetime | None = None,
) -> SurveyResponse:
    """Record what a person sent with the form, and return the response that says it.

    `seen` is the key of the response that counted when the page was opened, 0 for none; None does
    not compare. The same answers once more are a second tap, and recorded once. Raise
    AnsweredMeanwhile, with nothing saved, if other answers were recorded since. What was typed and
    not sent is thrown away.
    """
    with transaction.atomic():
        person = Participant.objects.select_for_update().get(pk=participant.pk)
        person.program = participant.program
        newest = person.responses.first()
        if newest and seen is not None and newest.pk != seen:
            if _says(newest, person, answers):
                return newest
            raise AnsweredMeanwhile(newest)
        moment = now or timezone.now()
        if newest and newest.submitted_at > moment:
            # A clock that was ahead has dated it, here or where it was imported from.
            moment = newest.submitted_at + timedelta.resolution
        sent = Submission(person, answers, moment)
        until_now = {person.pk: newest.submitted_at} if newest else {}
        recorded = record_all(
            [sent], origin=SurveyResponse.Origin.FORM, held=True, newest=until_now
        )
        forget_draft(person)
    return recorded.responses[0]


def _says(response: SurveyResponse, person: Participant, answers: Answers) -> bool:
    moment = response.submitted_at
    wanted = built_response(Submission(person, answers, moment), person, response.origin)
    if any(getattr(response, name) != getattr(wanted, name) for name in _COMPARED):
        return False
    return {field.pk for field in response.fields.all()} == {field.pk for field in answers.fields}
