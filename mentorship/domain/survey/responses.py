"""How a response is recorded, from the form or from a file.

A response is added and never changed. A person's responses apply to the person, as `applying`
says, in the order of their times, in whatever order they come here: of one that is older than
another only what the newer left open, as `late` says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from mentorship.domain.people.bulk import in_batches, insert_pairs, insert_rows, update_people
from mentorship.domain.signals import people_changed, responses_recorded
from mentorship.domain.survey.answers import Submission, built_response
from mentorship.domain.survey.applying import COLUMNS, Recorded, Said, mail_state
from mentorship.domain.survey.late import apply_late
from mentorship.domain.survey.repeated import without_known
from mentorship.models import Field, Participant, SurveyResponse

_BATCH = 500
# What an import itself makes, so that it need not be looked at again for each of fifty thousand.
_NOT_CLEANED = [
    "id", "participant", "sector", "submitted_at", "origin", "taking_part", "role", "other_role",
    "attendance", "career_stage", "capacity", "free_hours", "days_there", "other_answers",
    "doubts", "asked", "created_at",
]  # fmt: skip


def record_all(
    submissions: Iterable[Submission],
    *,
    origin: str,
    held: bool = False,
    newest: Mapping[int, datetime] | None = None,
    dry_run: bool = False,
) -> Recorded:
    """Record many answers of one program in one transaction and return what that did.

    The people's rows are locked first, so that of two answers at once the newer one counts. An
    answer that takes no part sets the withdrawal and touches nothing else; one that does take part
    ends a withdrawal unless the committee made it. An import whose person and second are recorded
    already, from wherever, is left out, so that the same file can come twice. Left empty on the
    form here, which shows what is known, a detail is taken out; left empty elsewhere, it is taken
    out only if it came from an earlier answer. Sends `people_changed`, then `responses_recorded`
    with the newest answers. The number of queries does not depend on the number of answers, save
    for batches of some hundred rows. `held` says that the caller has just read and locked these
    people, so that they need not be read again, and are changed themselves; `newest` is when each
    of them sent the answer that counts so far, if the caller has read that too. `dry_run` takes
    them as they are, and only reads. Raise ValidationError, with nothing saved, if one answer
    cannot be stored; of `held` people the caller then rolls back all that it has done.
    """
    submissions = list(submissions)
    with contextlib.nullcontext() if dry_run else transaction.atomic(savepoint=not held):
        if held or dry_run:
            people = {s.participant.pk: s.participant for s in submissions}
        else:
            people = _locked_people({s.participant.pk for s in submissions})
        if origin == SurveyResponse.Origin.IMPORT:
            submissions = without_known(submissions, people)
        if newest is None:
            newest = _newest_moments(people)
        responses = [built_response(s, people[s.participant.pk], origin) for s in submissions]
        if not dry_run:
            _insert(responses, origin)
            _link_fields(
                SurveyResponse.fields.through,
                "surveyresponse",
                {r.pk: s.answers.fields for r, s in zip(responses, submissions, strict=True)},
            )
        counting: dict[int, list[Said]] = {}
        late: dict[int, list[Said]] = {}
        for response, submission in zip(responses, submissions, strict=True):
            person = response.participant_id
            is_late = person in newest and response.submitted_at < newest[person]
            of_person = (late if is_late else counting).setdefault(person, [])
            of_person.append((response, submission.answers))
        recorded = Recorded(responses=responses)
        if late:
            apply_late(recorded, people, late)
        for pk, said in counting.items():
            # All of them, one after the other: what a later one leaves open, an earlier one said,
            # whether they come in one file or in two.
            said.sort(key=lambda each: each[0].submitted_at)
            recorded.apply(people[pk], said)
        if not dry_run:
            _save(recorded, [said[-1][0] for said in counting.values()])
    return recorded


def _locked_people(ids: set[int]) -> dict[int, Participant]:
    """Return these people by their keys, with their programs, locked until the transaction ends."""
    # In the order of their keys, so that two imports at once cannot wait for each other.
    rows = Participant.objects.select_for_update(of=("self",)).select_related("program")
    return {p.pk: p for p in rows.filter(pk__in=ids).order_by("pk")}


def _newest_moments(people: dict[int, Participant]) -> dict[int, datetime]:
    """Return when each of these people sent the answer that counts so far."""
    rows = SurveyResponse.objects.filter(participant__in=people).newest().order_by()
    return dict(rows.values_list("participant", "submitted_at"))


def _insert(responses: list[SurveyResponse], origin: str) -> None:
    """Save new responses, each with its key. Raise ValidationError if one cannot be stored."""
    imported = origin == SurveyResponse.Origin.IMPORT
    for response in responses:
        response.clean_fields(exclude=_NOT_CLEANED if imported else ["participant", "sector"])
    if not imported:
        SurveyResponse.objects.bulk_create(responses, batch_size=_BATCH)
        return
    insert_rows(responses)
    for batch in in_batches(responses):
        # Of an imported response person and moment are the key, too.
        rows = SurveyResponse.objects.filter(
            participant__in={response.participant_id for response in batch}, origin=origin
        )
        keys = {
            (person, moment): pk
            for person, moment, pk in rows.values_list("participant", "submitted_at", "pk")
        }
        for response in batch:
            response.pk = keys[response.participant_id, response.submitted_at]


def _link_fields(through: Any, owner: str, fields: dict[int, Sequence[Field]]) -> None:
    pairs = ((pk, field.pk) for pk, chosen in fields.items() for field in dict.fromkeys(chosen))
    insert_pairs(through, owner, pairs)


def _save(recorded: Recorded, newest: list[SurveyResponse]) -> None:
    """Save the people and their fields, then send the signals."""
    people = list(recorded.people.values())
    update_people(people, COLUMNS, "survey response")
    through = Participant.fields.through
    for batch in in_batches(recorded.fields):
        rows = through.objects.filter(participant_id__in=batch)
        rows._raw_delete(rows.db)
    _link_fields(through, "participant", recorded.fields)
    if not people:
        return
    program = people[0].program
    changed = [
        pk
        for pk, person in recorded.people.items()
        if recorded.mail_states[pk] != mail_state(person)
    ]
    if changed:
        people_changed.send(Participant, program=program, participant_ids=changed)
    # Then, so that what is written in answer to a response need not be looked at once more.
    responses_recorded.send(SurveyResponse, program=program, responses=newest)
