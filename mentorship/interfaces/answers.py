"""One person's responses in words, for the committee to read."""

from __future__ import annotations

from dataclasses import dataclass

from mentorship.domain.survey.readable import answer_lines, questions_of
from mentorship.models import Participant, SurveyResponse


@dataclass(frozen=True)
class ReadableAnswer:
    """One submission: when and how it came, what it says, and what could not be read.

    `sent` is the moment as the program writes it: "July 8, 2027, 4:30 PM".
    """

    response: SurveyResponse
    sent: str
    lines: list[tuple[str, str]]
    doubts: list[str]


def answers_of(person: Participant, *, for_reader: bool = False) -> list[ReadableAnswer]:
    """Return this person's answers, newest first, in a constant number of queries."""
    questions = questions_of(person.program)
    responses = list(person.responses.select_related("sector").prefetch_related("fields"))
    if for_reader:
        for response in responses:
            keep_private(response)
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


def keep_private(response: SurveyResponse) -> None:
    """Take out of a response, which is not to be saved, what only those see who match people."""
    response.rather_not_meet = ""


def doubt_lines(response: SurveyResponse) -> list[str]:
    """Return what an import could not read, each as `capacity: “as many as you need”`."""
    return [f"{doubt.get('field', '')}: “{doubt.get('value', '')}”" for doubt in response.doubts]
