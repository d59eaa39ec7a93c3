"""Undoing an import, as long as nothing was built on it.

Built on it is, for a person that the import added, anything that refers to them in any table; for
a person that it changed, anything that has come since, or another value where it wrote one. Then
nothing at all is undone, and each of these people is named with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalChanges

from mentorship.domain.imports.report import Changed
from mentorship.domain.people.bulk import delete_people, in_batches, snapshot, update_people
from mentorship.domain.programs.data_log import log_access
from mentorship.domain.signals import people_changed
from mentorship.models import (
    DataAccess,
    Import,
    ImportSource,
    Participant,
    Program,
    SurveyResponse,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Rows that go with a person that an import added, if the condition holds: an email never sent.
_goes_along: dict[type[models.Model], Q] = {}
UNDONE = "An import from it was undone."
_CREATED_AT = ("created_at", "queued_at")
# Columns on which a queued email may rest.
_TOLD = {
    "signup_role", "survey_role", "signup_attendance", "survey_attendance", "withdrawn_at",
}  # fmt: skip
# What may have been settled since without anything being built on the import; what has been, stays.
_SETTLED = {"detail_sources", "role_contradicted_at"}


@dataclass(frozen=True)
class Obstacle:
    """A person who keeps an import from being undone, and why."""

    email: str
    name: str
    why: str


def goes_along(model: type[models.Model], condition: Q) -> None:
    """Let rows of a higher package that refer to people be removed with them, if this holds."""
    _goes_along[model] = condition


def why_not_at_all(done: Import) -> str:
    """Return why this import cannot be undone, no matter who is concerned, or ""."""
    if done.state == Import.State.UNDONE:
        return "It was already undone."
    if done.state != Import.State.DONE:
        return "It was never imported."
    if not done.undo:
        return "What it changed is no longer saved."
    others = Import.objects.done_of(done.program_id, done.kind)
    after = Q(imported_at__gt=done.imported_at) | Q(imported_at=done.imported_at, pk__gt=done.pk)
    later = others.filter(after).order_by("imported_at", "pk").light().first()
    return f"{later} was imported after it. Undo that first." if later else ""


def touched(done: Import) -> set[int]:
    """Return the keys of the people that this import added or changed."""
    changed = Changed(**done.undo)
    return {*map(int, changed.columns), *map(int, changed.fields), *changed.created}


def obstacles(done: Import) -> list[Obstacle]:
    """Return everyone who keeps this import from being undone now, in the order of keys."""
    return _obstacles(done, Changed(**done.undo), lock=False)


def undo_import(done: Import, by: User | None = None) -> Import:
    """Undo an import and return its saved row: people as they were, new ones and responses gone.

    All or nothing in one transaction; people that it did not touch are not touched. Send
    `people_changed` for those whose role, attendance or taking part changes back. Raise
    ValidationError, with nothing undone, if something was built on it.
    """
    try:
        return _undo(done, by)
    except IntegrityError as error:  # an address that a page gave to somebody at this moment
        raise ValidationError(
            f"{done} cannot be undone: somebody changed its people at the same moment. Try again."
        ) from error


def _undo(done: Import, by: User | None) -> Import:
    with transaction.atomic():
        program = Program.objects.locked(done.program_id)
        kept = Import.objects.select_for_update(of=("self",)).get(pk=done.pk)
        if why := why_not_at_all(kept):
            raise ValidationError(f"{kept} cannot be undone. {why}")
        changed = Changed(**kept.undo)
        for model, condition in _goes_along.items():
            _delete_along(model, condition, changed.created)
        if found := _obstacles(kept, changed, lock=True):
            raise ValidationError(
                f"{kept} cannot be undone, because of {found[0].name} ({found[0].email}: "
                f"{found[0].why})" + (f" and {len(found) - 1} more." if found[1:] else ".")
            )
        reason = f"import of {kept} undone"[:100]
        _remove_responses(changed.responses)
        _restore(program, changed, reason)
        delete_people(changed.created, reason)
        kept.state, kept.undone_at = Import.State.UNDONE, timezone.now()
        kept.undone_by = by
        kept.undo, kept.unattached, kept.attached, kept.undecided = {}, [], {}, []
        kept.save()
        log_access(program, by, DataAccess.What.UNDID, kept.get_kind_display())
        # Else its next read would bring back what has just been undone.
        ImportSource.objects.filter(imports=kept).update(
            next_at=None, paused_why=UNDONE, claimed_at=None, tries=0, trouble=""
        )
    return kept


def _obstacles(done: Import, changed: Changed, *, lock: bool) -> list[Obstacle]:
    people_touched = sorted(touched(done) | _answered_by(changed.responses))
    made = set(changed.created)
    own = set(changed.responses)
    found: list[Obstacle] = []
    for batch in in_batches(people_touched, 500):
        rows = Participant.objects.filter(pk__in=batch).order_by("pk")
        rows = rows.select_for_update(of=("self",)) if lock else rows
        people = {person.pk: person for person in rows.prefetch_related("fields")}
        whys = _refer_to(batch, made, own, done) | _changed_since(people, changed)
        whys = _address_taken(done, people, changed) | whys
        later = _edited(people, made)
        for pk in batch:
            person = people.get(pk)
            if person is None:
                found.append(Obstacle("", f"Person {pk}", "is no longer in the program"))
            elif why := whys.get(pk) or later.get(pk):
                found.append(Obstacle(person.email, person.name, why))
    return found


def _answered_by(responses: Sequence[int]) -> set[int]:
    people: set[int] = set()
    for batch in in_batches(responses):
        rows = SurveyResponse.objects.filter(pk__in=batch).order_by()
        people.update(rows.values_list("participant", flat=True))
    return people


def _relations() -> Iterator[tuple[type[models.Model], str]]:
    """Return the models whose rows refer to people, and by which column; history is left out."""
    for relation in Participant._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.is_relation and not relation.concrete):
            continue
        model: Any = relation.related_model
        through = model._meta.auto_created
        # A join table stands for its many-to-many column, which is in this list by itself.
        if issubclass(model, HistoricalChanges) or (through and through is not Participant):
            continue
        yield model, relation.field.name  # type: ignore[union-attr]


def _refer_to(batch: list[int], made: set[int], own: set[int], done: Import) -> dict[int, str]:
    """Return who is referred to (or, if they were changed, has been since), and by what."""
    whys: dict[int, str] = {}
    for model, column in _relations():
        rows = model._base_manager.filter(**{f"{column}__in": batch}).order_by()
        if model is SurveyResponse:
            rows = rows.exclude(pk__in=own) if len(own) <= 500 else rows
        if model in _goes_along:
            rows = rows.exclude(_goes_along[model])
        moment = next((f.name for f in model._meta.fields if f.name in _CREATED_AT), "")
        known = rows.values_list(column, "pk", *([moment] if moment else []))
        for person, pk, *when in known:
            if person not in batch or (model is SurveyResponse and pk in own):
                continue
            if person in made or (when and when[0] > done.imported_at):
                called = "field" if model._meta.auto_created else model._meta.verbose_name
                article = "an" if str(called).startswith(tuple("aeiou")) else "a"
                whys.setdefault(person, f"has {article} {called} since")
    return whys


def _changed_since(people: dict[int, Participant], changed: Changed) -> dict[int, str]:
    whys: dict[int, str] = {}
    for pk, person in people.items():
        columns = changed.columns.get(str(pk), {})
        now = snapshot(person, columns)
        for column, (_, after) in columns.items():
            if now[column] != after and column not in _SETTLED:
                called = column.removesuffix("_id").replace("_", " ")
                whys.setdefault(pk, f"has another {called} since")
        if str(pk) in changed.fields:
            _, after = changed.fields[str(pk)]
            if sorted(field.pk for field in person.fields.all()) != after:
                whys.setdefault(pk, "has other fields since")
    return whys


def _address_taken(
    done: Import, people: dict[int, Participant], changed: Changed
) -> dict[int, str]:
    """Return whose former address, which the import corrected, somebody else has by now."""
    former = {
        columns["email"][0]: pk
        for pk in people
        if "email" in (columns := changed.columns.get(str(pk), {}))
    }
    rows = Participant.objects.filter(program=done.program_id, email__in=former)
    return {
        former[email]: f"{name or 'somebody else'} has their former address {email} now"
        for pk, email, name in rows.values_list("pk", "email", "name")
        if pk != former[email]
    }


def _edited(people: dict[int, Participant], made: set[int]) -> dict[int, str]:
    """Return who of the people added is no longer as they were added."""
    history: Any = Participant.history
    columns = [field.attname for field in history.model.tracked_fields]
    then = history.filter(id__in=made & people.keys(), history_type="+").values(*columns)
    return {
        row["id"]: "was edited since"
        for row in then
        if any(getattr(people[row["id"]], column) != value for column, value in row.items())
    }


def _delete_along(model: type[models.Model], condition: Q, created: list[int]) -> None:
    for of_model, column in _relations():
        if of_model is model:
            for batch in in_batches(created, 500):
                keys = model._base_manager.filter(condition, **{f"{column}__in": batch})
                pks = list(keys.select_for_update(of=("self",)).values_list("pk", flat=True))
                model._base_manager.filter(condition, pk__in=pks).delete()


def _remove_responses(responses: list[int]) -> None:
    for batch in in_batches(responses, 500):
        _raw_delete(SurveyResponse.fields.through.objects.filter(surveyresponse_id__in=batch))
        _raw_delete(SurveyResponse.objects.filter(pk__in=batch))


def _raw_delete(rows: models.QuerySet[Any]) -> None:
    # Nothing refers to these rows; finding that out once more for each would take minutes.
    rows._raw_delete(rows.db)


def _restore(program: Program, changed: Changed, reason: str) -> None:
    told: list[int] = []
    through = Participant.fields.through
    for batch in in_batches(changed.columns, 500):
        people = list(Participant.objects.filter(pk__in=map(int, batch)).order_by("pk"))
        written: set[str] = set()
        for person in people:
            columns = changed.columns[str(person.pk)]
            written |= columns.keys()
            for column, change in columns.items():
                _put(person, column, change)
            if columns.keys() & _TOLD:
                told.append(person.pk)
        names = [Participant._meta.get_field(c.removesuffix("_id")).name for c in sorted(written)]
        update_people(people, names, reason)
    for batch in in_batches(changed.fields, 500):
        _raw_delete(through.objects.filter(participant_id__in=map(int, batch)))
        through.objects.bulk_create(
            through(participant_id=int(pk), field_id=field)
            for pk in batch
            for field in changed.fields[pk][0]
        )
    if told:
        people_changed.send(Participant, program=program, participant_ids=told)


def _put(person: Participant, column: str, change: list[Any]) -> None:
    before, after = change
    if column == "detail_sources":
        # Of the sources only those that the import wrote: others may have come since.
        ours = {key for key in {**before, **after} if before.get(key) != after.get(key)}
        now = person.detail_sources
        ours = {key for key in ours if now.get(key) == after.get(key)}
        kept = {key: source for key, source in now.items() if key not in ours}
        person.detail_sources = kept | {key: before[key] for key in ours if key in before}
        return
    if column in _SETTLED and snapshot(person, [column])[column] != after:
        return
    field: Any = Participant._meta.get_field(column.removesuffix("_id"))
    setattr(person, column, before if before is None else field.to_python(before))
