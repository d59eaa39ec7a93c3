"""A response in words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from mentorship.models import Formats, Program, Question, SurveyResponse

RATHER_NOT = "Would rather not be matched with"


def questions_of(program: Program) -> dict[str, Question]:
    """Return a committee's own questions by their keys as responses have them; retired ones too."""
    return {str(question.pk): question for question in Question.objects.filter(program=program)}


def answer_lines(
    response: SurveyResponse, questions: Mapping[str, Question], formats: Formats
) -> list[tuple[str, str]]:
    """Return what was answered as (question, answer), leaving out what was left empty.

    `questions` are those of `questions_of`.
    """
    if not response.taking_part:
        return [("Taking part", "no")]
    capacity = response.capacity_as_typed or response.capacity
    lines = [
        ("Name", response.name),
        ("Goes by", response.short_name),
        ("Role", response.get_role_display()),
        ("Could take the other role", response.get_other_role_display()),
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
        (RATHER_NOT, response.rather_not_meet),
        ("Free to meet", formats.hours(response.free_hours)),
        ("Days there", days_in_words(response, formats)),
        *own_answers(response, questions, formats),
    ]
    return [(label, str(value)) for label, value in lines if value not in (None, "")]


def own_answers(
    response: SurveyResponse, questions: Mapping[str, Question], formats: Formats
) -> list[tuple[str, str]]:
    """Return the answers to the committee's own questions as (question, answer)."""
    found = []
    for key, value in response.other_answers.items():
        question = questions.get(key)
        text = question.text if question else "A question that was removed"
        found.append((text, _in_words(question, value, formats)))
    return found


def days_in_words(response: SurveyResponse, formats: Formats) -> str:
    """Return the days on which somebody can meet: "Mon, Jul 12; Tue, Jul 13"."""
    days = (datetime.date.fromisoformat(day) for day in sorted(response.days_there))
    return "; ".join(formats.short_weekday(day) for day in days)


def _in_words(question: Question | None, value: Any, formats: Formats) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if question and question.kind == Question.Kind.DATE:
        try:
            return formats.date(datetime.date.fromisoformat(str(value)))
        except ValueError:
            return str(value)
    return str(value)
