"""Matching criteria: the weights of affinity's parts, the minimum affinity, the priorities."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from matching.domain.affinity.score import PARTS
from mentorship.models import Program
from mentorship.models.program import validate_priorities

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

WEIGHT_MAX = 1000
MINIMUM_AFFINITY_MAX = 1000


@dataclass(frozen=True)
class Criteria:
    """A weight for every part of affinity, the minimum affinity, and the priorities in order."""

    weights: Mapping[str, int]
    minimum_affinity: int
    priorities: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A hash of these criteria, by which a page notices that they changed."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def criteria_of(program: Program) -> Criteria:
    """Return a program's criteria as the matcher uses them: a part without a weight has 0."""
    weights = {part: program.affinity_weights.get(part, 0) for part in PARTS}
    return Criteria(weights, program.affinity_floor, tuple(program.matching_priorities))


def default_criteria() -> Criteria:
    """Return the criteria with which a program starts."""
    return criteria_of(Program())


def validate_criteria(criteria: Criteria) -> None:
    """Raise ValidationError, naming what is wrong, unless a program can have these criteria."""
    for part, weight in criteria.weights.items():
        if type(weight) is not int or not 0 <= weight <= WEIGHT_MAX:
            raise ValidationError(
                f"The weight of “{part}” is {weight!r}. "
                f"Enter a whole number from 0 to {WEIGHT_MAX}."
            )
    if not any(criteria.weights.values()):
        raise ValidationError("Give at least one part a weight above 0.")
    minimum = criteria.minimum_affinity
    if type(minimum) is not int or not 0 <= minimum <= MINIMUM_AFFINITY_MAX:
        raise ValidationError(
            f"The minimum affinity is {minimum!r}. "
            f"Enter a whole number from 0 to {MINIMUM_AFFINITY_MAX}."
        )
    validate_priorities(list(criteria.priorities))


@transaction.atomic
def save_criteria(
    program: Program, wanted: Criteria, *, seen: str, by: AbstractBaseUser | None = None
) -> None:
    """Save a program's criteria, with a line in its history. No match changes by it.

    `seen` is the digest of the criteria that the person who decided had before them. Raise
    ValidationError, with nothing saved, if the program has others by now or cannot have these.
    """
    validate_criteria(wanted)
    program = Program.objects.locked(program.pk)
    now = criteria_of(program)
    if now.digest != seen:
        raise ValidationError(
            f"Nothing was saved: {_who_changed(program, now)} after you opened this page. Your "
            "settings are still here, next to what is saved now. Save again to replace that."
        )
    if now == wanted:
        return
    program.affinity_weights = dict(wanted.weights)
    program.affinity_floor = wanted.minimum_affinity
    program.matching_priorities = list(wanted.priorities)
    program._history_user = by  # type: ignore[attr-defined]
    program._change_reason = "matching criteria"  # type: ignore[attr-defined]
    program.save(update_fields=["affinity_weights", "affinity_floor", "matching_priorities"])


def _who_changed(program: Program, now: Criteria) -> str:
    """Return a phrase: who last changed the criteria, and when, as far as the history knows."""
    since = None
    for row in program.history.select_related("history_user")[:100]:
        if criteria_of(row.instance) != now:
            break
        since = row
    if since is None:
        return "somebody changed the matching criteria"
    who, formats = since.history_user or "somebody", program.formats
    when = f"at {formats.time(since.history_date)} on {formats.day(since.history_date)}"
    return f"{who} changed the matching criteria {when},"
