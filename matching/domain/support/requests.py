"""Help requests: asked for on a person's page, or entered by the committee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from matching.domain.signals import help_requested
from matching.domain.support.handling import add_entry
from matching.models import Concern, Match
from mentorship.models import Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def hold_person(person: Participant) -> Participant:
    """Return a person's row, locked: two taps on one button come one after the other."""
    rows = Participant.objects.select_related("program").select_for_update(of=("self",))
    return rows.get(pk=person.pk)


@transaction.atomic
def ask_for_help(
    person: Participant, kind: str, text: str = "", match: Match | None = None
) -> Concern:
    """Record what a person asks for on their page and return the help request.

    Asked again while the first is open, new words are added to it, and there is no second one.
    Send `help_requested` for a new one. Raise ValidationError if the match is not theirs.
    """
    person = hold_person(person)
    _refuse_foreign(person, match)
    text = text.strip()
    rows = Concern.objects.open().select_for_update()
    open_one = rows.filter(participant=person, kind=kind, match=match).first()
    if open_one is None:
        return add_request(person, kind, text, match, origin=Concern.Origin.PARTICIPANT)
    if text and text not in open_one.text:
        open_one.text = f"{open_one.text}\n\n{text}".strip()
        open_one.save(update_fields=["text"])
        add_entry(open_one, f"{person} wrote again", text)
    return open_one


@transaction.atomic
def enter_request(
    person: Participant,
    kind: str,
    text: str = "",
    match: Match | None = None,
    *,
    by: AbstractBaseUser,
) -> Concern:
    """Record a help request of somebody who wrote or came by; no receipt is sent for it.

    Raise ValidationError if the match is not theirs.
    """
    _refuse_foreign(person, match)
    return add_request(person, kind, text.strip(), match, origin=Concern.Origin.COMMITTEE, by=by)


def add_request(
    person: Participant,
    kind: str,
    text: str,
    match: Match | None,
    *,
    origin: str,
    by: AbstractBaseUser | None = None,
) -> Concern:
    """Add a help request and send `help_requested`; for the functions of this room."""
    concern = Concern.objects.create(
        program_id=person.program_id,
        participant=person,
        kind=kind,
        text=text,
        match=match,
        origin=origin,
        entered_by_id=by.pk if by else None,
    )
    help_requested.send(Concern, concern=concern)
    return concern


def _refuse_foreign(person: Participant, match: Match | None) -> None:
    if match and person.pk not in (match.mentor_id, match.mentee_id):
        raise ValidationError(f"{person} is not in this match.")
