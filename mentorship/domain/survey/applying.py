"""What an answer changes about its person.

Effective role and attendance are the committee's decision, else the newest answer, else the
sign-up, so `decided_*` stays untouched; an answer that contradicts a decided role puts the person
among those whose role is unclear again. Every other detail is replaced by the answer, also where
the committee had researched or typed it, and its source becomes the survey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mentorship.domain.people.bulk import snapshot
from mentorship.domain.survey.answers import EMPTY, NAMES, Answers
from mentorship.models import (
    WITHDRAWN,
    Field,
    OtherRole,
    Participant,
    Source,
    SurveyResponse,
    normalise_name,
)

COLUMNS = [
    *EMPTY,
    *NAMES,
    "survey_role",
    "other_role",
    "role_contradicted_at",
    "survey_attendance",
    "capacity",
    "detail_sources",
    "withdrawn_at",
    "withdrawn_why",
]
# Why somebody left who gave no reason in the survey.
SAID_SO = "Said so in the survey"
# The same as they stand in the row.
IN_ROW = [{"sector": "sector_id"}.get(column, column) for column in COLUMNS]


# A response, and the answers that it is made of.
Said = tuple[SurveyResponse, Answers]


@dataclass
class Recorded:
    """What recording answers did, or with `dry_run` would do.

    `responses` are the new ones. `people` are those that one of them was applied to, with its
    changes, `before` what they were (person → column → value), `fields` those whose fields were
    replaced, `mail_states` what queued emails could rest on before.
    """

    responses: list[SurveyResponse] = field(default_factory=list)
    people: dict[int, Participant] = field(default_factory=dict)
    before: dict[int, dict[str, Any]] = field(default_factory=dict)
    fields: dict[int, Sequence[Field]] = field(default_factory=dict)
    mail_states: dict[int, tuple[str, str, bool, str, str]] = field(default_factory=dict)

    def apply(self, person: Participant, said: Sequence[Said]) -> None:
        """Apply a person's newer answers to the person, in this order, unsaved."""
        if person.pk not in self.people:
            self.people[person.pk] = person
            self.before[person.pk] = snapshot(person, IN_ROW)
            self.mail_states[person.pk] = mail_state(person)
        chosen = apply_in_order(person, said)
        if chosen is not None:
            self.fields[person.pk] = chosen


def stays_out(participant: Participant) -> bool:
    """Return whether this person is out in a way that no answer of their own undoes.

    Only the sign-up and the survey are the person's own word; any other withdrawal is the
    committee's.
    """
    own_word = (Source.SIGNUP, Source.SURVEY)
    return not participant.takes_part and participant.detail_sources.get(WITHDRAWN) not in own_word


def apply_in_order(person: Participant, said: Sequence[Said]) -> Sequence[Field] | None:
    """Write these answers on the person, unsaved; return the fields if they are to be replaced."""
    chosen: Sequence[Field] | None = None
    for response, answers in said:
        if not answers.taking_part:
            _withdraw(person, response)
            continue
        replaced = _apply(person, answers, response)
        chosen = chosen if replaced is None else replaced
    return chosen


def mail_state(person: Participant) -> tuple[str, str, bool, str, str]:
    """Return what a queued email may rest on, with the generated columns brought up to date."""
    person.role = person.decided_role or person.survey_role or person.signup_role
    person.attendance = (
        person.decided_attendance or person.survey_attendance or person.signup_attendance
    )
    return person.role, person.attendance, person.takes_part, person.name, person.short_name


def _withdraw(person: Participant, response: SurveyResponse) -> None:
    if person.takes_part:
        person.withdrawn_at = response.submitted_at
        person.withdrawn_why = response.notes[:200] or SAID_SO
        person.detail_sources = {**person.detail_sources, WITHDRAWN: Source.SURVEY.value}


def _apply(
    person: Participant, answers: Answers, response: SurveyResponse
) -> Sequence[Field] | None:
    """Write the answers on the person, unsaved; return the fields if they are to be replaced."""
    sources = dict(person.detail_sources)
    if not stays_out(person):
        person.withdrawn_at, person.withdrawn_why = None, ""
        sources.pop(WITHDRAWN, None)
    person.survey_role = answers.role or person.survey_role
    if "other_role" in answers.asked:
        person.other_role = answers.other_role or None
    if answers.other_role == OtherRole.EITHER and person.signup_role:
        # What they signed up as is as good as what they said since.
        person.survey_role = ""
    contradicts = person.decided_role and answers.role not in ("", person.decided_role)
    person.role_contradicted_at = response.submitted_at if contradicts else None
    person.survey_attendance = answers.attendance or person.survey_attendance
    shown = response.origin == SurveyResponse.Origin.FORM

    def counts(detail: str, *, empty: bool) -> bool:
        if detail not in answers.asked:
            return False
        return not empty or shown or sources.get(detail) == Source.SURVEY

    for detail in NAMES:
        # A name is corrected, never taken out; how to be called can be.
        if detail in answers.asked and (getattr(answers, detail) or detail != "name"):
            setattr(person, detail, normalise_name(getattr(answers, detail)))
            sources[detail] = Source.SURVEY.value
    for detail, nothing in EMPTY.items():
        value = getattr(answers, detail)
        if counts(detail, empty=value == nothing):
            setattr(person, detail, value)
            sources[detail] = Source.SURVEY.value
    if answers.capacity is not None and "capacity" in answers.asked:
        person.capacity = answers.capacity
        sources["capacity"] = Source.SURVEY.value
    replaced = counts("fields", empty=not answers.fields)
    if replaced:
        sources["fields"] = Source.SURVEY.value
    person.detail_sources = sources
    return answers.fields if replaced else None
