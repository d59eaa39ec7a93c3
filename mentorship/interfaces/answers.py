"""One person's responses in words, for the committee to read."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from mentorship.models import Formats, Participant, Question, SurveyResponse


@dataclass(frozen=True)
class ReadableAnswer:
    """One submission: when and how it came, what it says, and what could not be read.

    `sent` is the moment as the program writes it: "July 8, 2027, 4:30 PM".
    """

    response: SurveyResponse
    sent: str
    lines: list[tuple[str, str]]
    doubts: list[str]


def answers_of(person: Participant) -> list[ReadableAnswer]:
    """Return this person's answers, newest first, in a constant number of queries."""
    questions = {str(q.pk): q.text for q in Question.objects.filter(program=person.program_id)}
    responses = person.responses.select_related("sector").prefetch_related("fields")
    formats = person.program.formats
    return [
        ReadableAnswer(
            response,
            formats.moment(response.submitted_at),
            answer_lines(response, questions, formats),
            doubt_lines(response),
        )
        for response in responses
    ]


def answer_lines(
    response: SurveyResponse, questions: dict[str, str], formats: Formats
) -> list[tuple[str, str]]:
    """Return what was answered as (question, answer), leaving out what was left empty.

    `questions` leads from the key of a committee's own question to its text.
    """
    if not response.taking_part:
        return [("Taking part", "no")]
    capacity = response.capacity_as_typed or response.capacity
    lines = [
        ("Role", response.get_role_display()),
        ("Attending", response.get_attendance_display()),
        ("Fields", ", ".join(field.name for field in response.fields.all())),
        ("Sector", response.sector),
        ("Career stage", response.get_career_stage_display()),
        ("Affiliation", response.affiliation),
        ("Mentees at most", "" if capacity is None else capacity),
        ("Time zone", response.time_zone),
        ("Would like to talk about", response.topics_wanted),
        ("Could talk about", response.topics_offered),
        ("Notes", response.notes),
        ("Would like to meet", response.wants_to_meet),
        ("Would rather not be matched with", response.rather_not_meet),
        ("Free to meet", formats.hours(response.free_hours)),
        ("Days there", days_in_words(response, formats)),
        *((questions.get(key, key), _text(value)) for key, value in response.other_answers.items()),
    ]
    return [(label, str(value)) for label, value in lines if value not in (None, "")]


def days_in_words(response: SurveyResponse, formats: Formats) -> str:
    """Return the days on which somebody can meet: "Mon, Jul 12; Tue, Jul 13"."""
    days = (datetime.date.fromisoformat(day) for day in sorted(response.days_there))
    return "; ".join(formats.short_weekday(day) for day in days)


def doubt_lines(response: SurveyResponse) -> list[str]:
    """Return what an import could not read, each as `capacity: “as many as you need”`."""
    return [f"{doubt.get('field', '')}: “{doubt.get('value', '')}”" for doubt in response.doubts]


def _text(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
