"""People and their answers as files, under headings that the imports understand too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from mentorship.domain.columns.known import RESPONSE_COLUMNS, plain
from mentorship.interfaces.answers import doubt_lines
from mentorship.interfaces.exports.lists import Column, ListExport
from mentorship.interfaces.people_states import states_of, with_states
from mentorship.models import Field, Participant, Question, SurveyResponse


class PeopleExport(ListExport):
    """One row a person."""

    name = "people"

    def columns(self) -> Sequence[Column]:
        return [
            ("Name", lambda person: person.name),
            ("Email", lambda person: person.email),
            ("Role", lambda person: person.role),
            ("Role unclear", lambda person: person.role_doubt),
            ("Could take the other role", lambda person: person.get_other_role_display()),
            ("Attending", lambda person: person.attendance_words),
            ("Affiliation", lambda person: person.affiliation),
            ("Sector", lambda person: person.sector and person.sector.name),
            ("Career stage", lambda person: person.get_career_stage_display()),
            ("Fields", lambda person: _names(person.found_fields)),
            ("Capacity", lambda person: person.capacity),
            ("Topics wanted", lambda person: person.topics_wanted),
            ("Topics offered", lambda person: person.topics_offered),
            ("Notes", lambda person: person.notes),
            ("Time zone", lambda person: person.time_zone),
            ("State", lambda person: [state.words for state in states_of(person)]),
            ("Withdrawn why", lambda person: person.withdrawn_why),
            ("Committee notes", lambda person: person.committee_notes),
            ("Ticket", lambda person: person.ticket),
            ("Order number", lambda person: person.order_number),
            ("Registered", self._registered),
            ("Signed up as", _signed_up_as),
        ]

    def _registered(self, person: Participant) -> Any:
        # As exact as the ticket shop gave it, so that an import finds nothing new in it.
        return person.registered_at and self.program.local(person.registered_at)

    def fetch(self, rows: QuerySet[Participant]) -> QuerySet[Participant]:
        return with_fields(with_states(rows).select_related("sector"))


def with_fields(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the same rows, each with its fields as the list `found_fields`.

    As a list, since making a queryset for each of many rows takes as long as all the rest.
    """
    return rows.prefetch_related(None).prefetch_related(Prefetch("fields", to_attr="found_fields"))


def _names(fields: list[Field]) -> list[str]:
    return [field.name for field in fields]


def _signed_up_as(person: Participant) -> str:
    # Whoever is gone from the sign-ups must not look signed up when the file is imported.
    return "no" if person.missing_since else person.signup_role


class AnswersExport(ListExport):
    """One row a response, older ones too; the committee's own questions follow the others."""

    name = "answers"

    def columns(self) -> Sequence[Column]:
        columns: list[Column] = [
            ("Submitted at", lambda answer: self.local(answer.submitted_at)),
            ("Name", lambda answer: answer.participant.name),
            ("Email", lambda answer: answer.participant.email),
            ("Role", lambda answer: answer.role if answer.taking_part else "no"),
            ("Could take the other role", lambda answer: answer.get_other_role_display()),
            ("Attending", lambda answer: answer.get_attendance_display().lower()),
            ("Fields", lambda answer: _names(answer.found_fields)),
            ("Sector", lambda answer: answer.sector and answer.sector.name),
            ("Career stage", lambda answer: answer.get_career_stage_display()),
            ("Affiliation", lambda answer: answer.affiliation),
            ("Capacity", lambda answer: answer.capacity_as_typed or answer.capacity),
            ("Time zone", lambda answer: answer.time_zone),
            ("Topics wanted", lambda answer: answer.topics_wanted),
            ("Topics offered", lambda answer: answer.topics_offered),
            ("Notes", lambda answer: answer.notes),
            ("Would like to meet", lambda answer: answer.wants_to_meet),
            ("Would rather not meet", lambda answer: answer.rather_not_meet),
            ("Free hours", lambda answer: [f"{hour}:00" for hour in answer.free_hours]),
            ("Days there", lambda answer: answer.days_there),
            ("Needs review", doubt_lines),
            ("Sent through", lambda answer: answer.get_origin_display()),
        ]
        # A question in the words of one that everybody is asked has a heading of its own.
        taken = {heading for column in RESPONSE_COLUMNS for heading in column.headings}
        taken |= {plain(heading) for heading, _ in columns}
        return columns + [
            (
                f"Question: {question.text}" if plain(question.text) in taken else question.text,
                _answer_to(str(question.pk)),
            )
            for question in Question.objects.filter(program=self.program)
        ]

    def fetch(self, rows: QuerySet[SurveyResponse]) -> QuerySet[SurveyResponse]:
        return with_fields(rows.select_related("participant", "sector"))


def _answer_to(key: str) -> Any:
    return lambda answer: answer.other_answers.get(key)
