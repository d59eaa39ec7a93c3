"""Taking out of a program that is over who its people were and what they wrote.

What a committee may still count stays: how many people, their roles, attendance, fields, sectors,
career stages and capacities, which of the offered choices were ticked, and when they answered.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, F, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from mentorship.domain.people.bulk import in_batches
from mentorship.models import (
    ANONYMISED_DOMAIN,
    WITHDRAWN,
    Draft,
    Import,
    ImportSource,
    Participant,
    Program,
    ResearchTurn,
    Source,
    SurveyResponse,
    ValueMeaning,
    new_link_key,
)

_WRITTEN = ("affiliation", "topics_wanted", "topics_offered", "notes")
_BATCH = 500


def anonymise_people(program: Program) -> int:
    """Replace names, addresses and all free text of a program's people; give their number.

    Their past states in the history are replaced alike, and their personal links stop working. To
    be called in a transaction that holds the program's row. It cannot be undone.
    """
    people = Participant.objects.filter(program=program)
    _replace(people, "pk")
    _replace(Participant.history.filter(program=program), "id")
    Participant.history.filter(program=program).update(history_change_reason=None)
    for batch in in_batches(people.only("link_key").iterator(_BATCH), _BATCH):
        for person in batch:
            person.link_key = new_link_key()
        Participant.objects.bulk_update(batch, ["link_key"])
    _anonymise_answers(program)
    Draft.objects.filter(participant__program=program).delete()
    ResearchTurn.objects.filter(program=program).update(source="")
    # With their tokens, and with what was kept of what they said.
    ImportSource.objects.filter(program=program).delete()
    imports = Import.objects.filter(program=program)
    imports.forget_people()
    # The words may be somebody's own; the program imports nothing any more.
    meanings = ValueMeaning.objects.filter(program=program)
    meanings.delete()
    forget_log(Import, imports)
    forget_log(ValueMeaning, meanings)
    forget_log(Participant, people)
    forget_log(SurveyResponse, SurveyResponse.objects.filter(participant__program=program))
    return people.count()


def forget_log(model: type[Model], rows: QuerySet[Any]) -> None:
    """Take names out of the admin's log of changes to these rows, and to rows that are gone."""
    others = model._default_manager.exclude(pk__in=rows.values("pk"))
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
    entries.exclude(object_id__in=others.values_list(Cast("pk", TextField()))).update(
        object_repr=f"{model._meta.verbose_name} (anonymised)", change_message=""
    )


def anonymise_person(person: Participant) -> None:
    """Make one person a number who has withdrawn, with nothing that they said or that is known.

    To be called in a transaction that holds the program's row. It cannot be undone.
    """
    row = Participant.objects.filter(pk=person.pk)
    person.responses.all().delete()
    person.fields.clear()
    _replace(row, "pk")
    row.update(
        link_key=new_link_key(),
        sector=None,
        career_stage="",
        time_zone="",
        detail_sources={WITHDRAWN: Source.COMMITTEE.value},
        withdrawn_at=Coalesce(F("withdrawn_at"), timezone.now()),
        kept_registered_at=None,
        missing_since=None,
    )
    Participant.history.filter(id=person.pk).delete()
    Draft.objects.filter(participant=person).delete()
    ResearchTurn.objects.filter(participant=person).delete()
    forget_log(Participant, row)
    forget_log(SurveyResponse, SurveyResponse.objects.none())


def _replace(rows: Any, key: str) -> None:
    """Write over what says who somebody is, in people's rows or in those of their history."""
    number = Cast(F(key), CharField())
    rows.update(
        name=Concat(Value("Participant "), number),
        email=Concat(Value("participant-"), number, Value(f"@{ANONYMISED_DOMAIN}")),
        short_name="",
        committee_notes="",
        ticket="",
        order_number="",
        registered_at=None,
        withdrawn_why="",
        mail_bounced_why=None,
        **dict.fromkeys(_WRITTEN, ""),
    )


def _anonymise_answers(program: Program) -> None:
    # The plain manager: these rows are never changed, save here, where they stop being anybody's.
    responses = SurveyResponse._base_manager.filter(participant__program=program)
    responses.update(
        capacity_as_typed="",
        name="",
        short_name="",
        wants_to_meet="",
        rather_not_meet="",
        doubts=[],
        days_there=[],
        **dict.fromkeys(_WRITTEN, ""),
    )
    offered = {str(question.pk): set(question.offered) for question in program.questions.all()}
    for batch in in_batches(responses.exclude(other_answers={}).iterator(_BATCH), _BATCH):
        for response in batch:
            response.other_answers = _choices_only(response.other_answers, offered)
        SurveyResponse._base_manager.bulk_update(batch, ["other_answers"])


def _choices_only(answers: dict[str, Any], offered: dict[str, set[str]]) -> dict[str, Any]:
    """Return the answers that are choices which the committee had offered."""
    kept: dict[str, Any] = {}
    for key, answer in answers.items():
        choices = offered.get(key, set())
        if isinstance(answer, list):
            kept[key] = [choice for choice in answer if choice in choices]
        elif answer in choices:
            kept[key] = answer
    return kept
