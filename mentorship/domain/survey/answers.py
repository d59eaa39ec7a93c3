"""What one person answered, wherever they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from mentorship.models import Field, Participant, Sector, SurveyResponse

# The answers that become details of the person, and what "left empty" looks like for each.
EMPTY: dict[str, Any] = {
    "affiliation": "",
    "sector": None,
    "career_stage": "",
    "topics_wanted": "",
    "topics_offered": "",
    "notes": "",
    "time_zone": "",
}
ASKED = frozenset({*EMPTY, "fields", "capacity"})
# What the form here asks for too; an import says nothing about these.
NAMES = ("name", "short_name")
ASKED_HERE = ASKED | {*NAMES, "other_role"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What one person answered; the names are those of SurveyResponse.

    `asked` names the details that the form had a question for: a detail that was not asked for
    stays as it is. `capacity` None means that no number was given (or understood), and a blank
    role or attendance that nothing was said about it; all three leave what is known. `other_role`
    is one of OtherRole, blank for no; those who take either role give no `role`.
    `capacity_as_typed` and `doubts` ([{"field", "value"}...]) keep what an import could not read.
    `free_hours` are whole hours (0 to 23) on the clock of `time_zone`, on any day; `days_there` are
    ISO dates of the days when they can meet. The keys of `other_answers` are those of Question
    rows, the values text or lists of choices. Of an answer that takes no part, `notes` may say why.
    """

    taking_part: bool = True
    role: str = ""
    other_role: str = ""
    name: str = ""
    short_name: str = ""
    attendance: str = ""
    fields: Sequence[Field] = ()
    sector: Sector | None = None
    career_stage: str = ""
    affiliation: str = ""
    capacity: int | None = None
    capacity_as_typed: str = ""
    time_zone: str = ""
    topics_wanted: str = ""
    topics_offered: str = ""
    notes: str = ""
    wants_to_meet: str = ""
    rather_not_meet: str = ""
    free_hours: Sequence[int] = ()
    days_there: Sequence[str] = ()
    other_answers: dict[str, Any] | None = None
    doubts: Sequence[dict[str, str]] = ()
    asked: frozenset[str] = ASKED


@dataclass(frozen=True, slots=True)
class Submission:
    """One person's answers, and when they were sent."""

    participant: Participant
    answers: Answers
    submitted_at: datetime


def built_response(submission: Submission, participant: Participant, origin: str) -> SurveyResponse:
    """Return the response that says this, unsaved and without its fields.

    Raise ValidationError if a field or sector is another program's.
    """
    answers = submission.answers
    if any(row.program_id != participant.program_id for row in _taxonomy(answers)):
        raise ValidationError("A field or sector of another program was chosen.")
    return SurveyResponse(
        participant=participant,
        submitted_at=submission.submitted_at,
        origin=origin,
        taking_part=answers.taking_part,
        role=answers.role,
        other_role=answers.other_role,
        name=answers.name,
        short_name=answers.short_name,
        attendance=answers.attendance,
        sector=answers.sector,
        career_stage=answers.career_stage,
        affiliation=answers.affiliation,
        capacity=answers.capacity,
        capacity_as_typed=answers.capacity_as_typed,
        time_zone=answers.time_zone,
        topics_wanted=answers.topics_wanted,
        topics_offered=answers.topics_offered,
        notes=answers.notes,
        wants_to_meet=answers.wants_to_meet,
        rather_not_meet=answers.rather_not_meet,
        free_hours=list(answers.free_hours),
        days_there=list(answers.days_there),
        other_answers=answers.other_answers or {},
        doubts=list(answers.doubts),
        asked=sorted(answers.asked),
    )


def answers_of(response: SurveyResponse) -> Answers:
    """Return the answers that made a response that is saved.

    Of responses that do not say what was asked, a blank answer counts as a question not asked.
    """
    names = {each.name for each in fields(Answers)} - {"fields", "asked"}
    chosen = list(response.fields.all())
    said = {name: getattr(response, name) for name in names}
    if response.asked is not None:
        asked = frozenset(response.asked)
    elif response.origin == SurveyResponse.Origin.FORM:
        asked = ASKED_HERE
    else:
        asked = frozenset(key for key in ASKED if key != "fields" and said[key] not in ("", None))
        asked |= {"fields"} if chosen else set()
    return Answers(**said, fields=chosen, asked=asked)


def _taxonomy(answers: Answers) -> list[Field | Sector]:
    return [*answers.fields, *([answers.sector] if answers.sector else [])]
