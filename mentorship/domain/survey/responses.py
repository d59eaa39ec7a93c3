"""How a response is recorded, from the form or from a file.

A response is added and never changed. If it is the newest of its person, it is also applied to the
person: effective role and attendance are the committee's decision, else the newest answer, else
the sign-up, so `decided_*` stays untouched; an answer that contradicts a decided role puts the
person among those whose role is unclear again. Every other detail is replaced by the answer,
also where the committee had researched or typed it, and its source becomes the survey.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.people.bulk import in_batches, snapshot, update_people
from mentorship.domain.signals import people_changed, responses_recorded
from mentorship.models import (
    WITHDRAWN,
    Field,
    OtherRole,
    Participant,
    Sector,
    Source,
    SurveyResponse,
    normalise_name,
)

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
_COLUMNS = [
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
# The same as they stand in the row.
_IN_ROW = [{"sector": "sector_id"}.get(column, column) for column in _COLUMNS]
_BATCH = 500
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


@dataclass(frozen=True, kw_only=True)
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


def stays_out(participant: Participant) -> bool:
    """Return whether this person is out in a way that no answer of their own undoes.

    Only the sign-up and the survey are the person's own word; any other withdrawal is the
    committee's.
    """
    own_word = (Source.SIGNUP, Source.SURVEY)
    return not participant.takes_part and participant.detail_sources.get(WITHDRAWN) not in own_word


@dataclass(frozen=True)
class Submission:
    """One person's answers, and when they were sent."""

    participant: Participant
    answers: Answers
    submitted_at: datetime


def record_response(
    participant: Participant, answers: Answers, *, submitted_at: datetime, origin: str
) -> SurveyResponse:
    """Record one answer (see `record_responses`) and return the response.

    `response.participant` is the person after it; `participant` itself is not refreshed.
    Raise ValidationError if an answer cannot be stored, or is an import that is there already.
    """
    responses = record_responses([Submission(participant, answers, submitted_at)], origin=origin)
    if not responses:
        raise ValidationError("This answer has been imported already.")
    return responses[0]


@dataclass
class Recorded:
    """What recording answers did, or with `dry_run` would do.

    `responses` are the new ones. `people` are those that one of them was applied to, with its
    changes, `before` what they were (person → column → value), `fields` those whose fields were
    replaced, `mail_states` what queued emails could rest on before.
    """

    responses: list[SurveyResponse] = dataclass_field(default_factory=list)
    people: dict[int, Participant] = dataclass_field(default_factory=dict)
    before: dict[int, dict[str, Any]] = dataclass_field(default_factory=dict)
    fields: dict[int, Sequence[Field]] = dataclass_field(default_factory=dict)
    mail_states: dict[int, tuple[str, str, bool, str, str]] = dataclass_field(default_factory=dict)


def record_responses(submissions: Iterable[Submission], *, origin: str) -> list[SurveyResponse]:
    """Record answers as `record_all` does, and return the new responses."""
    return record_all(submissions, origin=origin).responses


def record_all(
    submissions: Iterable[Submission], *, origin: str, held: bool = False, dry_run: bool = False
) -> Recorded:
    """Record many answers of one program in one transaction and return what that did.

    The people's rows are locked first, so that of two answers at once the newer one counts. An
    answer that takes no part sets the withdrawal and touches nothing else; one that does take part
    ends a withdrawal unless the committee made it. An import whose person and second are recorded
    already, from wherever, is left out, so that the same file can come twice. Left empty on the
    form here, which shows what is known, a detail is taken out; left empty elsewhere, it is taken
    out only if it came from an earlier answer. Sends `responses_recorded` with the newest answers,
    and `people_changed`. The number of queries does not depend on the number of answers, save for
    batches of some hundred rows. `held` says that the caller has just read and locked these people,
    so that they need not be read again, and are changed themselves. `dry_run` takes them as they
    are too, and only reads. Raise ValidationError, with nothing saved, if one answer cannot be
    stored.
    """
    submissions = list(submissions)
    with contextlib.nullcontext() if dry_run else transaction.atomic():
        if held or dry_run:
            people = {s.participant.pk: s.participant for s in submissions}
        else:
            people = locked_people({s.participant.pk for s in submissions})
        if origin == SurveyResponse.Origin.IMPORT:
            submissions = _without_known(submissions, people)
        newest = _newest_moments(people)
        responses = [built_response(s, people[s.participant.pk], origin) for s in submissions]
        if not dry_run:
            for response in responses:
                response.clean_fields(exclude=["participant", "sector"])
            SurveyResponse.objects.bulk_create(responses, batch_size=_BATCH)
            _link_fields(
                SurveyResponse.fields.through,
                "surveyresponse_id",
                {r.pk: s.answers.fields for r, s in zip(responses, submissions, strict=True)},
            )
        counting: dict[int, list[tuple[SurveyResponse, Answers]]] = {}
        for response, submission in zip(responses, submissions, strict=True):
            person = response.participant_id
            if person not in newest or response.submitted_at >= newest[person]:
                counting.setdefault(person, []).append((response, submission.answers))
        for said in counting.values():
            # All of them, one after the other: what a later one leaves open, an earlier one said,
            # whether they come in one file or in two.
            said.sort(key=lambda each: each[0].submitted_at)
        recorded = _apply_all([(people[pk], said) for pk, said in counting.items()])
        recorded.responses = responses
        if not dry_run:
            _save(recorded, [said[-1][0] for said in counting.values()])
    return recorded


def locked_people(ids: set[int]) -> dict[int, Participant]:
    """Return these people by their keys, with their programs, locked until the transaction ends."""
    # In the order of their keys, so that two imports at once cannot wait for each other.
    rows = Participant.objects.select_for_update(of=("self",)).select_related("program")
    return {p.pk: p for p in rows.filter(pk__in=ids).order_by("pk")}


def _without_known(
    submissions: list[Submission], people: dict[int, Participant]
) -> list[Submission]:
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


def _newest_moments(people: dict[int, Participant]) -> dict[int, datetime]:
    """Return when each of these people sent the answer that counts so far."""
    rows = SurveyResponse.objects.filter(participant__in=people).newest().order_by()
    return dict(rows.values_list("participant", "submitted_at"))


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
    )


def _taxonomy(answers: Answers) -> list[Field | Sector]:
    return [*answers.fields, *([answers.sector] if answers.sector else [])]


def _link_fields(through: Any, owner: str, fields: dict[int, Sequence[Field]]) -> None:
    through.objects.bulk_create(
        [
            through(**{owner: pk, "field_id": field.pk})
            for pk, chosen in fields.items()
            for field in dict.fromkeys(chosen)
        ],
        batch_size=_BATCH,
    )


def _apply_all(
    said: list[tuple[Participant, list[tuple[SurveyResponse, Answers]]]],
) -> Recorded:
    """Apply each person's newer answers to the person, oldest first, unsaved."""
    recorded = Recorded()
    for person, in_order in said:
        recorded.people[person.pk] = person
        recorded.before[person.pk] = snapshot(person, _IN_ROW)
        recorded.mail_states[person.pk] = _mail_state(person)
        for response, answers in in_order:
            if not answers.taking_part:
                _withdraw(person, response)
                continue
            fields = _apply(person, answers, response)
            if fields is not None:
                recorded.fields[person.pk] = fields
    return recorded


def _save(recorded: Recorded, newest: list[SurveyResponse]) -> None:
    """Save the people and their fields, then send the signals."""
    people = list(recorded.people.values())
    update_people(people, _COLUMNS, "survey response")
    through = Participant.fields.through
    for batch in in_batches(recorded.fields):
        through.objects.filter(participant_id__in=batch).delete()
    _link_fields(through, "participant_id", recorded.fields)
    if not people:
        return
    program = people[0].program
    responses_recorded.send(SurveyResponse, program=program, responses=newest)
    changed = [
        pk
        for pk, person in recorded.people.items()
        if recorded.mail_states[pk] != _mail_state(person)
    ]
    if changed:
        people_changed.send(Participant, program=program, participant_ids=changed)


def _mail_state(person: Participant) -> tuple[str, str, bool, str, str]:
    """Return what a queued email may rest on, with the generated columns brought up to date."""
    person.role = person.decided_role or person.survey_role or person.signup_role
    person.attendance = (
        person.decided_attendance or person.survey_attendance or person.signup_attendance
    )
    return person.role, person.attendance, person.takes_part, person.name, person.short_name


def _withdraw(person: Participant, response: SurveyResponse) -> None:
    if person.takes_part:
        person.withdrawn_at = response.submitted_at
        person.withdrawn_why = response.notes[:200] or "Said so in the survey"
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
