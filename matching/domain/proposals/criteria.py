"""What counts when matches are proposed: the weights of affinity's parts, the floor, the order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from matching.domain.affinity.score import PARTS
from mentorship.models import Program
from mentorship.models.program import validate_priorities

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

WEIGHT_MAX = 1000
FLOOR_MAX = 1000


@dataclass(frozen=True)
class Criteria:
    """A weight for every part of affinity, the floor, and the priorities, first things first."""

    weights: Mapping[str, int]
    floor: int
    priorities: tuple[str, ...]

    @property
    def digest(self) -> str:
        """What tells these from other criteria; a page keeps it to notice that they changed."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def criteria_of(program: Program) -> Criteria:
    """Give a program's criteria as the matcher uses them: a part without a weight has 0."""
    weights = {part: program.affinity_weights.get(part, 0) for part in PARTS}
    return Criteria(weights, program.affinity_floor, tuple(program.matching_priorities))


def default_criteria() -> Criteria:
    """Give the criteria with which a program starts."""
    return criteria_of(Program())


def validate_criteria(criteria: Criteria) -> None:
    """Raise ValidationError, naming the culprit, unless a program can have these criteria."""
    for part, weight in criteria.weights.items():
        if type(weight) is not int or not 0 <= weight <= WEIGHT_MAX:
            raise ValidationError(
                f"The weight of “{part}” is {weight!r}; give a whole number from 0 to {WEIGHT_MAX}."
            )
    if not any(criteria.weights.values()):
        raise ValidationError("Give at least one part a weight above 0.")
    if type(criteria.floor) is not int or not 0 <= criteria.floor <= FLOOR_MAX:
        raise ValidationError(
            f"The floor is {criteria.floor!r}; give a whole number from 0 to {FLOOR_MAX}."
        )
    validate_priorities(list(criteria.priorities))


@transaction.atomic
def save_criteria(
    program: Program, wanted: Criteria, *, seen: str, by: AbstractBaseUser | None = None
) -> None:
    """Give a program other criteria, with a line in its history. No match changes by it.

    `seen`: the digest of the criteria that whoever decided had before them. Raises ValidationError,
    with nothing saved, if the program has others by now or cannot have the wanted ones.
    """
    validate_criteria(wanted)
    program = Program.objects.locked(program.pk)
    now = criteria_of(program)
    if now.digest != seen:
        raise ValidationError(
            f"Nothing was saved: {_who_changed(program, now)} after you opened this page. What you "
            "set is still here, and compared with what is saved now. Save again to replace that."
        )
    if now == wanted:
        return
    program.affinity_weights = dict(wanted.weights)
    program.affinity_floor = wanted.floor
    program.matching_priorities = list(wanted.priorities)
    program._history_user = by  # type: ignore[attr-defined]
    program._change_reason = "what counts"  # type: ignore[attr-defined]
    program.save(update_fields=["affinity_weights", "affinity_floor", "matching_priorities"])


def _who_changed(program: Program, now: Criteria) -> str:
    """Say who gave the program the criteria of now, and when, as far as its history knows."""
    since = None
    for row in program.history.select_related("history_user")[:100]:
        if criteria_of(row.instance) != now:
            break
        since = row
    if since is None:
        return "somebody changed what counts"
    moment = timezone.localtime(since.history_date, program.zone)
    return f"{since.history_user or 'somebody'} changed what counts at {moment:%H:%M on %d %B},"
