"""Answers that come once more: the same file twice, or one that was given here before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mentorship.domain.survey.answers import Answers, Submission
from mentorship.models import Field, Participant, SurveyResponse

_COMPARED = (
    "taking_part",
    "role",
    "attendance",
    "career_stage",
    "affiliation",
    "capacity",
    "capacity_as_typed",
    "time_zone",
    "topics_wanted",
    "topics_offered",
    "notes",
)


def without_known(
    submissions: list[Submission], people: dict[int, Participant]
) -> list[Submission]:
    """Return those whose person and second are not recorded yet, each of them once."""
    # To the second, as files give it: an answer given on the form here may come back in one.
    known = SurveyResponse.objects.filter(participant__in=people).order_by()
    seen = {
        (person, moment.replace(microsecond=0))
        for person, moment in known.values_list("participant_id", "submitted_at")
    }
    fresh = []
    for submission in submissions:
        key = submission.participant.pk, submission.submitted_at.replace(microsecond=0)
        if key not in seen:
            seen.add(key)
            fresh.append(submission)
    return fresh


def without_repeated(submissions: Iterable[Submission]) -> list[Submission]:
    """Return those that say something else than their person's newest answer.

    For files that do not say when an answer was sent, so that the same file can come twice.
    """
    submissions = list(submissions)
    people = {submission.participant.pk for submission in submissions}
    rows = SurveyResponse.objects.filter(participant__in=people).newest().order_by()
    newest = {
        row.participant_id: _content(row, row.fields.all())
        for row in rows.prefetch_related("fields")
    }
    return [
        submission
        for submission in submissions
        if newest.get(submission.participant.pk)
        != _content(submission.answers, submission.answers.fields)
    ]


def _content(said: Answers | SurveyResponse, fields: Iterable[Field]) -> tuple[Any, ...]:
    """Return what an answer says, to compare it with another."""
    chosen = tuple(sorted(row.pk for row in fields))
    return (chosen, said.sector and said.sector.pk, *(getattr(said, name) for name in _COMPARED))
