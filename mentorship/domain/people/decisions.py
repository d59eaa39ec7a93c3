"""What the committee decides about one person: who takes part, as what, and how."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.signals import people_changed, people_joined
from mentorship.models import (
    DETAILS,
    WITHDRAWN,
    Attendance,
    OtherRole,
    Participant,
    PersonErased,
    Program,
    Role,
    Source,
    new_link_key,
)


def withdraw(participant: Participant, why: str, by: str = Source.COMMITTEE) -> Participant:
    """Take this person out of the program and return the saved row.

    `by` is a Source: no later response undoes a withdrawal by the committee.
    A person who is out already keeps the time and the reason; only the committee's word is added.
    """
    with transaction.atomic():
        person = _kept(participant)
        if person.takes_part:
            person.withdrawn_at = timezone.now()
            person.withdrawn_why = why.strip()[:200]
        elif by != Source.COMMITTEE:
            return person
        person.detail_sources = {**person.detail_sources, WITHDRAWN: str(by)}
        return _save(person, "withdrawn_at", "withdrawn_why", "detail_sources")


def rejoin(participant: Participant) -> Participant:
    """Take this person back into the program and return the saved row."""
    with transaction.atomic():
        person = _kept(participant)
        person.withdrawn_at, person.withdrawn_why = None, ""
        sources = person.detail_sources.items()
        person.detail_sources = {key: source for key, source in sources if key != WITHDRAWN}
        return _save(person, "withdrawn_at", "withdrawn_why", "detail_sources")


def decide_role(participant: Participant, role: str, shown: str | None = None) -> Participant:
    """Set the role that counts above sign-up and survey ("" takes the decision back).

    It settles every doubt there was about this person's role.
    Return the saved row. Raise ValidationError if `role` is no role, if taking the decision
    back leaves a person without one, or if somebody has decided otherwise than `shown` since.
    """
    if role not in ("", *Role.values):
        raise ValidationError(f"“{role}” is not a role. Choose mentor or mentee.")
    with transaction.atomic():
        person = _kept(participant)
        _refuse_if_decided("role", person, role, shown)
        if not (role or person.survey_role or person.signup_role):
            raise ValidationError("Choose mentor or mentee.")
        person.decided_role = role
        person.role_contradicted_at = None
        return _save(person, "decided_role", "role_contradicted_at")


def choose_role(participant: Participant, role: str) -> Participant:
    """Take a person's own word on which role is right, when they are asked, and return the row.

    It counts as their answer in the survey, and settles what they said before. Where it contradicts
    the committee's decision, the role is unclear until the committee decides anew. "either" keeps
    the role and says that the other one is fine, too. Raise ValidationError if `role` is none of
    these.
    """
    with transaction.atomic():
        person = _kept(participant)
        if role == OtherRole.EITHER:
            person.other_role, person.confirmed_role = OtherRole.EITHER, person.role
            return _save(person, "other_role", "confirmed_role")
        if role not in Role.values:
            raise ValidationError("Choose mentor, mentee or either.")
        person.survey_role = person.confirmed_role = role
        contradicts = person.decided_role not in ("", role)
        person.role_contradicted_at = timezone.now() if contradicts else None
        return _save(person, "survey_role", "confirmed_role", "role_contradicted_at")


def decide_attendance(
    participant: Participant, attendance: str, shown: str | None = None
) -> Participant:
    """Set the attendance that counts above ticket and survey ("" takes the decision back).

    Return the saved row. Raise ValidationError if `attendance` is none of Attendance, or if
    somebody has decided otherwise than `shown` since.
    """
    if attendance not in ("", *Attendance.values):
        raise ValidationError(
            f"“{attendance}” is not a way to attend. Choose in person or virtual."
        )
    with transaction.atomic():
        person = _kept(participant)
        _refuse_if_decided("attendance", person, attendance, shown)
        person.decided_attendance = attendance
        return _save(person, "decided_attendance")


def _refuse_if_decided(what: str, person: Participant, wanted: str, shown: str | None) -> None:
    """Raise ValidationError if a decision is by now neither what was shown nor what is wanted."""
    now = getattr(person, f"decided_{what}")
    if shown is None or now in (shown, wanted):
        return
    words = getattr(person, f"get_decided_{what}_display")().lower()
    since = (
        f"The {what} was decided as {words}" if now else f"The decision on the {what} was undone"
    )
    raise ValidationError(
        f"Nothing was changed. {since} while this page was open. Decide again to change that."
    )


def keep_registered(participant: Participant) -> Participant:
    """Keep this person in the program although the newest export no longer has them.

    Return the saved row. The decision stays, so that the next export without them does not ask
    again.
    """
    with transaction.atomic():
        person = _kept(participant)
        person.missing_since, person.kept_registered_at = None, timezone.now()
        return _save(person, "missing_since", "kept_registered_at")


def renew_link(participant: Participant) -> Participant:
    """Return this person a new personal link, which ends the old one, and return the row."""
    with transaction.atomic():
        person = _kept(participant)
        person.link_key = new_link_key()
        return _save(person, "link_key")


def stop_reminders(participant: Participant) -> Participant:
    """Note that this person wants no more emails about the survey, and return the row.

    They still take part. A second call keeps the time and writes nothing.
    """
    with transaction.atomic():
        person = _locked(participant)
        if person.unsubscribed_at is not None:
            return person
        person.unsubscribed_at = timezone.now()
        return _save(person, "unsubscribed_at")


def allow_reminders(participant: Participant) -> Participant:
    """Allow emails about the survey again, and return the row."""
    with transaction.atomic():
        person = _kept(participant)
        if person.unsubscribed_at is None:
            return person
        person.unsubscribed_at = None
        return _save(person, "unsubscribed_at")


def mark_bounced(participant: Participant, address: str, why: str) -> bool:
    """Note that an email to this address bounced, with the other server's words.

    Return whether it was noted: not if the person has another address by now.
    """
    with transaction.atomic():
        person = _locked(participant)
        if person.email != address:
            return False
        person.mail_bounced_at = timezone.now()
        person.mail_bounced_why = why[:500]
        _save(person, "mail_bounced_at", "mail_bounced_why")
        return True


def trust_address(participant: Participant) -> Participant:
    """Note that this person's address is right although an email bounced, and return the row."""
    with transaction.atomic():
        person = _kept(participant)
        person.mail_bounced_at, person.mail_bounced_why = None, None
        return _save(person, "mail_bounced_at", "mail_bounced_why")


def add_person(person: Participant) -> None:
    """Save a person that the committee adds by hand."""
    with transaction.atomic():
        Program.objects.in_use(person.program_id)
        person.save()
        people_joined.send(Participant, program=person.program, participant_ids=[person.pk])


def save_details(edited: Participant, changed: Iterable[str]) -> Participant:
    """Save what a committee member edited, and who said so, and return the saved row.

    `edited` holds the new values, `changed` names its columns that were edited (`fields` too,
    whose rows the caller sets). Only these are written, onto the row as it is by now: a response
    that came in while the page was open stays. The source of an edited detail becomes the
    committee, or research if this person has never answered. Raise ValidationError if the
    address is taken.
    """
    changed = set(changed)
    with transaction.atomic():
        person = _kept(edited)
        for column in changed - {"fields"}:
            setattr(person, column, getattr(edited, column))
        person.normalise()
        person.validate_constraints()
        if "email" in changed:
            person.mail_bounced_at, person.mail_bounced_why = None, None
            changed |= {"mail_bounced_at", "mail_bounced_why"}
        source = Source.COMMITTEE if person.responses.exists() else Source.RESEARCH
        details = {name: source.value for name in DETAILS if name in changed}
        person.detail_sources = {**person.detail_sources, **details}
        saved = _save(person, *sorted(changed - {"fields"}), "detail_sources")
        if "email" in changed:
            people_joined.send(Participant, program=saved.program, participant_ids=[saved.pk])
        return saved


def refuse_erased(person: Participant) -> None:
    """Raise PersonErased if what was stored about this person was deleted."""
    if person.is_anonymised:
        raise PersonErased(
            f"The data of {person} was deleted. Nothing can be decided or noted about them any "
            "more."
        )


def _kept(participant: Participant) -> Participant:
    """Return the row as it is now, locked. Raise PersonErased if only a number is left of it."""
    person = _locked(participant)
    refuse_erased(person)
    return person


def _locked(participant: Participant) -> Participant:
    """Return the row as it is now, locked. Raise ProgramAnonymised if it is nobody's any more."""
    Program.objects.in_use(participant.program_id)
    rows = Participant.objects.select_for_update(of=("self",)).select_related("program")
    return rows.get(pk=participant.pk)


def _save(person: Participant, *columns: Any) -> Participant:
    person.save(update_fields=columns)
    person.refresh_from_db(fields=["role", "attendance"])
    people_changed.send(Participant, program=person.program, participant_ids=[person.pk])
    return person
