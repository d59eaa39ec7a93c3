"""What a person types into the form before they send it, kept from the first letter on."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from mentorship.models import Draft, Participant

Typed = Mapping[str, list[str]]
AT_MOST = 60_000  # characters, all answers together
PER_MINUTE = 40
MINUTE = datetime.timedelta(minutes=1)


class DraftRefused(Exception):
    """A draft was not kept; nothing has changed."""


class TooLong(DraftRefused):
    """It has more characters than a draft may have."""


class TooOften(DraftRefused):
    """It was saved as often within a minute as it may be."""


class TypedElsewhere(DraftRefused):
    """Another tab or device has typed, or sent, since this one last looked.

    `draft` is what is kept, None if there is none any more.
    """

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft


def draft_of(person: Participant) -> Draft | None:
    """Return what this person has typed and not sent, or None."""
    return Draft.objects.filter(participant=person).first()


def save_draft(
    person: Participant,
    typed: Typed,
    *,
    seen: int,
    version: int,
    now: datetime.datetime | None = None,
) -> Draft:
    """Keep what a person has typed so far, and return the draft, with a new version if it is new.

    `typed` is field → values, `seen` the key of the response that the page shows (0 for none),
    `version` that of the draft that the page knows (0 for none). Raise TooLong, TooOften, or
    TypedElsewhere if the draft has another version and says something else.
    """
    now = now or timezone.now()
    answers = _storable(typed)
    try:
        with transaction.atomic():
            draft = Draft.objects.select_for_update().filter(participant=person).first()
            if draft is None:
                if version or _newest(person) != seen:
                    raise TypedElsewhere(None)
                return Draft.objects.create(
                    participant=person,
                    answers=answers,
                    seen=seen,
                    saved_at=now,
                    minute_began_at=now,
                )
            if (draft.answers, draft.seen) == (answers, seen):
                # Also what a page says again that did not hear whether it is kept.
                return draft
            if draft.version != version and draft.answers != answers:
                raise TypedElsewhere(draft)
            _count(draft, now)
            draft.answers, draft.seen, draft.saved_at = answers, seen, now
            draft.version += 1
            draft.save()
            return draft
    except IntegrityError:
        # Two began at the same moment; the other one was first.
        return save_draft(person, typed, seen=seen, version=version, now=now)


def keep_typed(person: Participant, typed: Typed, *, seen: int) -> None:
    """Keep what a person sent with the form and could not be recorded, whatever was typed before.

    What is too long for a draft is left with the page that shows it.
    """
    now = timezone.now()
    try:
        answers = _storable(typed)
    except TooLong:
        return
    with transaction.atomic():
        rows = Draft.objects.select_for_update().filter(participant=person)
        if draft := rows.first():
            draft.answers, draft.seen, draft.saved_at = answers, seen, now
            draft.version += 1
            draft.save(update_fields=["answers", "seen", "saved_at", "version"])
        else:
            Draft.objects.update_or_create(
                participant=person,
                defaults={
                    "answers": answers,
                    "seen": seen,
                    "saved_at": now,
                    "minute_began_at": now,
                },
            )


def forget_draft(person: Participant) -> None:
    """Throw away what a person has typed and not sent."""
    Draft.objects.filter(participant=person).delete()


def _storable(typed: Typed) -> dict[str, list[str]]:
    # PostgreSQL takes no NUL in JSON; the form itself refuses it with a sentence.
    answers = {key: [value.replace("\0", "") for value in typed[key]] for key in sorted(typed)}
    size = sum(len(key) + sum(map(len, values)) for key, values in answers.items())
    if size > AT_MOST:
        raise TooLong
    return answers


def _newest(person: Participant) -> int:
    return person.responses.values_list("pk", flat=True).first() or 0


def _count(draft: Draft, now: datetime.datetime) -> None:
    if now - draft.minute_began_at >= MINUTE:
        draft.minute_began_at, draft.saved_in_minute = now, 1
    elif draft.saved_in_minute >= PER_MINUTE:
        raise TooOften
    else:
        draft.saved_in_minute += 1
