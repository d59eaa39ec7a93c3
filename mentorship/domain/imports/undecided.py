"""Sign-ups that name no role yet ("both", "maybe"): kept with their import until somebody decides.

An export is the whole of the sign-ups, so those of the newest import are the ones that wait. Who
is decided on becomes a person of the program, or takes no part; the next export with the same
answer does not ask again.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.people import decisions
from mentorship.domain.people.bulk import create_people
from mentorship.domain.signals import people_joined
from mentorship.models import Import, Participant, Program, Role, Source

NOT_TAKING_PART = "no"


def newest_signups(program: Program) -> Import | None:
    """Return the newest import of sign-ups that stands, or None."""
    done = Import.objects.done_of(program, Import.Kind.SIGNUPS)
    return done.light().order_by("-imported_at", "-pk").first()


def waiting_signups(program: Program) -> list[tuple[str, dict[str, Any]]]:
    """Return who waits for a decision, each as (key, entry)."""
    newest = newest_signups(program)
    if newest is None:
        return []
    return [
        (f"{newest.pk}-{place}", entry)
        for place, entry in enumerate(newest.undecided)
        if not entry["settled"]
    ]


def settled_before(program: Program) -> dict[str, str]:
    """Return what has become of those who waited: address → "" (waits still), or what was said."""
    newest = newest_signups(program)
    return {entry["email"]: entry["settled"] for entry in newest.undecided} if newest else {}


def decide_signup(program: Program, key: str, choice: str) -> str:
    """Settle a waiting sign-up as a role or as not taking part; return the person's name.

    A new person is part of the import, and goes with it when it is undone. Raise ValidationError,
    with nothing changed, if it waits no more or the choice is none.
    """
    if choice not in (*Role.values, NOT_TAKING_PART):
        raise ValidationError("Choose mentor, mentee or not taking part.")
    with transaction.atomic():
        Program.objects.locked(program.pk)
        Program.objects.in_use(program.pk)
        entry = dict(waiting_signups(program)).get(key)
        if entry is None:
            raise ValidationError("This has been settled already.")
        pk, place = (int(part) for part in key.split("-"))
        kept = Import.objects.select_for_update(of=("self",)).get(pk=pk)
        known = Participant.objects.filter(program=program, email=entry["email"]).first()
        if known and choice == NOT_TAKING_PART:
            decisions.withdraw(known, f"Answered “{entry['said']}” at sign-up")
        elif known:
            decisions.decide_role(known, choice)
        elif choice != NOT_TAKING_PART:
            _join(program, kept, entry, choice)
        kept.undecided[place] = entry | {"settled": choice}
        kept.save(update_fields=["undo", "undecided"])
    return str(entry["name"] or entry["email"])


def _join(program: Program, kept: Import, entry: dict[str, Any], role: str) -> None:
    """Add the person of a waiting sign-up, with the role that the committee gives them."""
    moment = entry["registered_at"]
    person = Participant(
        program=program,
        email=entry["email"],
        name=entry["name"],
        short_name=entry.get("short_name", ""),
        affiliation=entry["affiliation"],
        decided_role=role,
        signup_attendance=entry["attendance"],
        ticket=entry["ticket"],
        order_number=entry["order"],
        registered_at=datetime.datetime.fromisoformat(moment) if moment else None,
        detail_sources={
            detail: Source.SIGNUP.value
            for detail in ("name", "short_name", "affiliation")
            if entry.get(detail)
        },
    )
    create_people([person], f"decided on a sign-up of {kept}"[:100])
    kept.undo = kept.undo | {"created": [*kept.undo.get("created", []), person.pk]}
    people_joined.send(Participant, program=program, participant_ids=[person.pk])
