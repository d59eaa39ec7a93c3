"""Answers that come here after newer ones of the same person: what they say and those left open.

All of a person's answers are applied twice to a blank person, without the late ones and with them.
Where the two differ, the person gets what they are with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mentorship.domain.people.bulk import snapshot
from mentorship.domain.survey.answers import answers_of
from mentorship.domain.survey.applying import IN_ROW, Recorded, Said, apply_in_order, mail_state
from mentorship.models import WITHDRAWN, Field, Participant, Source, SurveyResponse

# What each source stands for, where it is not the one column of the same name.
_COLUMNS = {WITHDRAWN: ("withdrawn_at", "withdrawn_why")}


def apply_late(
    recorded: Recorded, people: dict[int, Participant], late: dict[int, list[Said]]
) -> None:
    """Apply what older answers say and the newer ones, which are here already, leave open.

    What somebody else has filled in stays: most likely they did so after these were sent.
    """
    fresh = {response.pk for response in recorded.responses}
    rows = SurveyResponse.objects.filter(participant__in=late).prefetch_related("fields")
    known: dict[int, list[Said]] = {}
    for row in rows.select_related("sector"):
        if row.pk not in fresh:
            known.setdefault(row.participant_id, []).append((row, answers_of(row)))
    for pk, said in late.items():
        person, before, state = people[pk], snapshot(people[pk], IN_ROW), mail_state(people[pk])
        chosen = _fill_in(person, known[pk], [*known[pk], *said])
        if chosen is not None or snapshot(person, IN_ROW) != before:
            recorded.people[pk], recorded.before[pk] = person, before
            recorded.mail_states[pk] = state
        if chosen is not None:
            recorded.fields[pk] = chosen


def _fill_in(person: Participant, before: list[Said], now: list[Said]) -> Sequence[Field] | None:
    """Write on the person what all answers say `now`, where it is something else than `before`.

    Return the fields if they are to be replaced.
    """
    (without, fields_before), (with_it, fields_now) = _of(person, before), _of(person, now)
    for column in ("survey_role", "survey_attendance"):
        if getattr(person, column) == getattr(without, column):
            setattr(person, column, getattr(with_it, column))
    sources, chosen = dict(person.detail_sources), None
    for detail in with_it.detail_sources:
        if sources.get(detail) not in (None, Source.SIGNUP, Source.SURVEY):
            continue
        columns = _COLUMNS.get(detail, (detail,))
        if detail == "fields":
            chosen = fields_now if fields_now != fields_before else None
        elif detail in without.detail_sources and all(
            getattr(with_it, column) == getattr(without, column) for column in columns
        ):
            continue
        else:
            for column in columns:
                setattr(person, column, getattr(with_it, column))
        sources[detail] = Source.SURVEY.value
    person.detail_sources = sources
    return chosen


def _of(person: Participant, said: Iterable[Said]) -> tuple[Participant, Sequence[Field] | None]:
    """Return what only these answers say of somebody who signed up like this person."""
    alone = Participant(program=person.program, signup_role=person.signup_role)
    return alone, apply_in_order(alone, sorted(said, key=lambda each: each[0].submitted_at))
