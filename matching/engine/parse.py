"""Reading a problem from the JSON object that `python -m matching.engine` takes.

The object's names are a contract; `keep_apart` holds what the engine calls exclusions.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from matching.engine.problem import (
    AFFINITY_MAX,
    OTHER,
    PRIORITIES,
    AffinityBlocks,
    Bools,
    Ints,
    Problem,
    ProblemError,
    from_matrix,
)
from matching.engine.sentences import counted

ATTENDANCES = {"in_person": False, "in person": False, "virtual": True}
KEYS = (
    "mentors",
    "mentees",
    "affinity",
    "keep_apart",
    "locked",
    "announced",
    "priorities",
    "floor",
)  # fmt: skip


def parse_problem(data: object) -> Problem:
    """Return the Problem of a decoded JSON object.

    Ids may be text or whole numbers; the Problem holds them as text. Raise ProblemError with one
    sentence that names what is wrong and where.
    """
    if not isinstance(data, dict):
        raise ProblemError("The problem must be a JSON object with “mentors” and “mentees”.")
    for key in data:
        if key not in KEYS:
            raise ProblemError(
                f"A problem has no part called “{key}”; its parts are {', '.join(KEYS)}."
            )
    mentors = _people(data, "mentors")
    mentees = _people(data, "mentees")
    names = sorted({name for person in mentors + mentees for name in person["fields"]} | {OTHER})
    mentor_ids = tuple(person["id"] for person in mentors)
    mentee_ids = tuple(person["id"] for person in mentees)
    priorities = data.get("priorities", list(PRIORITIES))
    if not isinstance(priorities, list) or not all(isinstance(name, str) for name in priorities):
        raise ProblemError("“priorities” must be a list of names.")
    floor = data.get("floor", 0)
    if not _whole(floor):
        raise ProblemError(
            f"The minimum affinity (“floor”) is {_short(floor)}; "
            f"it must be a whole number from 0 to {AFFINITY_MAX}."
        )
    return Problem(
        mentors=mentor_ids,
        mentees=mentee_ids,
        exclusions=_pairs(data, "keep_apart", mentor_ids, mentee_ids),
        locked=_pairs(data, "locked", mentor_ids, mentee_ids),
        announced=_pairs(data, "announced", mentor_ids, mentee_ids),
        capacity=np.array([person["capacity"] for person in mentors], np.int64),
        mentor_virtual=np.array([person["virtual"] for person in mentors], np.bool_),
        mentee_virtual=np.array([person["virtual"] for person in mentees], np.bool_),
        mentor_fields=_membership(mentors, names),
        mentee_fields=_membership(mentees, names),
        fields=tuple(names),
        other=OTHER,
        affinity=_affinity(data.get("affinity"), mentor_ids, mentee_ids),
        priorities=tuple(priorities),
        floor=floor,
    )


def _short(value: object) -> str:
    """Return a value as it was written, cut to what an error message can quote."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _identity(value: object, where: str) -> str:
    if _is_text(value) and value:
        return str(value)
    if _whole(value):
        return str(value)
    raise ProblemError(
        f"The id {_short(value)} in {where} must be text that is not empty, or a whole number."
    )


def _is_text(value: object) -> bool:
    """Return whether this is text that can be printed again; half a character cannot."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _people(data: dict[str, Any], side: str) -> list[dict[str, Any]]:
    if side not in data:
        raise ProblemError(f"The problem has no “{side}”; add a list of them.")
    people = data[side]
    if not isinstance(people, list):
        raise ProblemError(f"“{side}” must be a list.")
    return [_person(person, side, number) for number, person in enumerate(people, start=1)]


def _person(person: object, side: str, number: int) -> dict[str, Any]:
    where = f"number {number} of “{side}”"
    if not isinstance(person, dict) or "id" not in person:
        raise ProblemError(f"The person at {where} must be an object with an “id”.")
    name = _identity(person["id"], where)
    attendance = person.get("attendance", "in_person")
    if not isinstance(attendance, str) or attendance not in ATTENDANCES:
        raise ProblemError(
            f"The attendance of {name} is {_short(attendance)}; "
            "it must be “in_person” or “virtual”."
        )
    fields = person.get("fields", [])
    if not isinstance(fields, list) or not all(map(_is_text, fields)):
        raise ProblemError(f"The fields of {name} must be a list of names.")
    capacity = person.get("capacity", 1)
    if side == "mentors" and (not _whole(capacity) or not 0 <= capacity < 2**31):
        raise ProblemError(
            f"The capacity of {name} is {_short(capacity)}; it must be a whole number, 0 or more."
        )
    return {
        "id": name,
        "virtual": ATTENDANCES[attendance],
        "fields": fields,
        "capacity": capacity,
    }


def _membership(people: list[dict[str, Any]], names: list[str]) -> Bools:
    """Return who has which field, shape (people, names)."""
    column = {name: index for index, name in enumerate(names)}
    array = np.zeros((len(people), len(names)), np.bool_)
    for row, person in enumerate(people):
        for name in person["fields"]:
            array[row, column[name]] = True
    return array


def _pairs(
    data: dict[str, Any], name: str, mentors: tuple[str, ...], mentees: tuple[str, ...]
) -> Ints:
    """Return the pairs under one name of the object as indices, shape (k, 2); none by default."""
    given = data.get(name)
    if given is None:
        return np.zeros((0, 2), np.int64)
    if not isinstance(given, list):
        raise ProblemError(f"“{name}” must be a list of pairs of a mentor and a mentee.")
    rows = {identity: index for index, identity in enumerate(mentors)}
    columns = {identity: index for index, identity in enumerate(mentees)}
    result = []
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ProblemError(
                f"{_short(pair)} in “{name}” must be a pair of a mentor and a mentee."
            )
        mentor, mentee = (_identity(part, f"“{name}”") for part in pair)
        if mentor not in rows:
            raise ProblemError(f"“{name}” names the mentor “{mentor}”, who is not in “mentors”.")
        if mentee not in columns:
            raise ProblemError(f"“{name}” names the mentee “{mentee}”, who is not in “mentees”.")
        result.append((rows[mentor], columns[mentee]))
    return np.array(result, np.int64).reshape(-1, 2)


def _affinity(
    given: object, mentors: tuple[str, ...], mentees: tuple[str, ...]
) -> AffinityBlocks | None:
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise ProblemError("“affinity” must be a list of rows, one for each mentor.")
    if len(given) != len(mentors):
        raise ProblemError(
            f"“affinity” has {counted(len(given), 'row')} for {counted(len(mentors), 'mentor')}; "
            "it must have one row for each mentor."
        )
    for mentor, row in zip(mentors, given, strict=True):
        if len(row) != len(mentees):
            raise ProblemError(
                f"The affinity of {mentor} has {counted(len(row), 'number')} for "
                f"{counted(len(mentees), 'mentee')}; it must have one number for each mentee."
            )
        for mentee, value in zip(mentees, row, strict=True):
            if not _whole(value) or not 0 <= value <= AFFINITY_MAX:
                raise ProblemError(
                    f"The affinity of {mentor} and {mentee} is {_short(value)}; "
                    f"it must be a whole number from 0 to {AFFINITY_MAX}."
                )
    return from_matrix(np.array(given, np.int16).reshape(len(mentors), len(mentees)))
