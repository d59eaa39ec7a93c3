"""Decisions about responses in which an import could not read something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from mentorship.domain.meaning.cells import read_capacity
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.zones import read_time_zone
from mentorship.domain.people import decisions
from mentorship.domain.survey.doubts import doubtful_answers, open_doubts
from mentorship.interfaces.decisions.registry import (
    Blank,
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    already_settled,
    person_path,
    register_decision,
    unknown_choice,
)
from mentorship.models import (
    DETAILS,
    Attendance,
    CareerStage,
    Participant,
    Program,
    Role,
    SurveyResponse,
)

_LEAVE = Button("leave", "Leave as it is")
_SAVE = Button("save", "Save")


@dataclass(frozen=True)
class _Chosen:
    """A detail that is one of a few choices, each a button."""

    words: Mapping[str, str]
    decide: Callable[[Participant, str], Participant]


@dataclass(frozen=True)
class _Typed:
    """A detail that is typed in: its label, and what reads it."""

    label: str
    read: Callable[[str], Any]


def _save_stage(person: Participant, stage: str) -> Participant:
    person.career_stage = stage
    return decisions.save_details(person, ["career_stage"])


_CHOSEN = MappingProxyType(
    {
        "role": _Chosen({each.value: each.label for each in Role}, decisions.decide_role),
        "attendance": _Chosen(
            {each.value: str(each.label).capitalize() for each in Attendance},
            decisions.decide_attendance,
        ),
        "career_stage": _Chosen({each.value: each.label for each in CareerStage}, _save_stage),
    }
)
_TYPED = MappingProxyType(
    {
        "capacity": _Typed("Mentees at most", read_capacity),
        "time_zone": _Typed("Time zone, such as America/Los_Angeles", read_time_zone),
    }
)


def _case(answer: SurveyResponse) -> OpenCase:
    """Return the first open doubt of a response; the next one comes once it is settled."""
    detail, written = open_doubts(answer)[0]
    person = answer.participant
    blank, buttons = None, tuple[Button, ...]()
    if chosen := _CHOSEN.get(detail):
        buttons = tuple(Button(choice, words) for choice, words in chosen.words.items())
    elif typed := _TYPED.get(detail):
        blank, buttons = Blank(typed.label), (_SAVE, _LEAVE)
    elif detail in DETAILS:
        buttons = (_LEAVE,)
    words = f"{detail.replace('_', ' ').capitalize()}: “{written}”"
    return OpenCase(
        f"{answer.pk}-{detail.replace('_', '-')}",
        str(person),
        words,
        person_path(person),
        blank,
        buttons,
    )


def _find(program: Program, at_most: int) -> Waiting:
    answers = doubtful_answers(program)
    return Waiting(len(answers), [_case(answer) for answer in answers[:at_most]])


def _settle(settled: Settled) -> str:
    key, _, detail = settled.key.partition("-")
    detail = detail.replace("-", "_")
    answer = next((each for each in doubtful_answers(settled.program) if str(each.pk) == key), None)
    if answer is None or detail not in dict(open_doubts(answer)):
        raise already_settled()
    person = answer.participant
    name = detail.replace("_", " ")
    if settled.choice == _LEAVE.choice and detail in DETAILS:
        decisions.save_details(person, [detail])
        return f"Left as it is for {person}: {name}."
    if (chosen := _CHOSEN.get(detail)) and settled.choice in chosen.words:
        chosen.decide(person, settled.choice)
        return f"The {name} of {person} is {chosen.words[settled.choice].lower()} now."
    if (typed := _TYPED.get(detail)) and settled.choice == _SAVE.choice:
        try:
            setattr(person, detail, typed.read(settled.value.strip()))
        except NotUnderstood:
            raise ValidationError(
                f"“{settled.value}” is no {name} for {person}. Type it in another way."
            ) from None
        decisions.save_details(person, [detail])
        return f"The {name} of {person} is {getattr(person, detail)} now."
    raise unknown_choice()


register_decision(
    DecisionKind(
        "response",
        "contact_support",
        60,
        lambda total: (
            ngettext("%(n)d response needs review", "%(n)d responses need review", total)
            % {"n": total}
        ),
        _find,
        "admin:mentorship_surveyresponse_changelist",
        "See all of them",
        "doubts=yes",
        _settle,
        until_end=True,
    )
)
