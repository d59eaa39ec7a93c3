"""Importing a ticket shop's export: who signed up, as what, with which ticket."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from mentorship.domain.columns.found import Found
from mentorship.domain.columns.guesses import find_or_ask
from mentorship.domain.columns.known import SIGNUP_COLUMNS
from mentorship.domain.files.tables import Table
from mentorship.domain.imports.reading.rows import Doubt, LeftOut, RefusedRow
from mentorship.domain.imports.reading.signups import Signup, Signups, read_signups
from mentorship.domain.imports.report import Changed, PersonChange, Progress
from mentorship.domain.imports.undecided import settled_before
from mentorship.domain.meaning.names import same_person
from mentorship.domain.meaning.questions import OpenQuestion
from mentorship.domain.meaning.remembered import Meanings, Value
from mentorship.domain.people.bulk import (
    BATCH,
    create_people,
    in_batches,
    snapshot,
    update_people,
)
from mentorship.domain.signals import people_changed, people_joined
from mentorship.models import Formats, Import, Participant, Program, Source

# The columns that a sign-up may write; whatever else is known of a person stays.
_COLUMNS = [
    "email",
    "name",
    "short_name",
    "affiliation",
    "signup_role",
    "previous_signup_role",
    "signup_attendance",
    "ticket",
    "order_number",
    "registered_at",
    "missing_since",
    "mail_bounced_at",
    "mail_bounced_why",
    "detail_sources",
]
# What queued emails may rest on.
_TOLD = {"signup_role", "signup_attendance"}
_CALLED = {
    "email": "email address",
    "short_name": "goes by",
    "signup_role": "role",
    "signup_attendance": "attendance",
    "order_number": "order",
    "missing_since": "registration",
}


@dataclass
class SignupReport:
    """What an import of sign-ups did, or with `dry_run` would do.

    `missing` are the people no longer registered: they take part, were in an earlier export, and
    in this one are not there, have no valid ticket, or answer no. The committee decides. Those it
    has decided to keep are not among them. `newly_missing` is how many of them are flagged for the
    first time, `unconfirmed` who would be if the next list has them as little. `undecided` are
    sign-ups that name no role yet, as an import keeps them, `newly_undecided` how many of them wait
    for the first time. `values` are the words of the file and what they were taken for, `questions`
    what is open, `notes` are sentences about the file. `repeated` is how many rows another one of
    the same person stands for, `contradicted` are those of them that say another role than that.
    """

    rows: int = 0
    created: list[PersonChange] = field(default_factory=list)
    updated: list[PersonChange] = field(default_factory=list)
    unchanged: int = 0
    not_taking_part: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    repeated: int = 0
    contradicted: list[LeftOut] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    undecided: list[dict[str, Any]] = field(default_factory=list)
    newly_undecided: int = 0
    values: list[Value] = field(default_factory=list)
    questions: list[OpenQuestion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    role_changes: list[str] = field(default_factory=list)
    attendance_changes: list[str] = field(default_factory=list)
    missing: list[PersonChange] = field(default_factory=list)
    newly_missing: int = 0
    unconfirmed: list[str] = field(default_factory=list)
    done: Changed = field(default_factory=Changed, repr=False, compare=False)

    @property
    def nothing_read(self) -> bool:
        """Return whether all rows that are somebody's are refused."""
        read = self.created or self.updated or self.undecided
        return bool(self.refused) and not (read or self.unchanged or self.not_taking_part)

    @property
    def no_longer_registered(self) -> list[str]:
        return [person.email for person in self.missing]

    def as_json(self) -> dict[str, Any]:
        """Return the report under the keys of the `import_signups` command."""
        return {
            "rows": self.rows,
            "created": len(self.created),
            "updated": len(self.updated),
            "unchanged": self.unchanged,
            "not_taking_part": self.not_taking_part,
            "refused": [refused.as_json() for refused in self.refused],
            "role_changes": self.role_changes,
            "attendance_changes": self.attendance_changes,
            "no_longer_registered": self.no_longer_registered,
            "left_out": [left_out.as_json() for left_out in self.left_out],
            "questions": [question.as_json() for question in self.questions],
        }


def import_signups(
    program: Program,
    table: Table,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    columns: Found | None = None,
    given: Mapping[str, str] | None = None,
    absent_before: Collection[str] | None = None,
) -> SignupReport:
    """Import the sign-ups in `table` and return what changed.

    All or nothing in one transaction; `dry_run` only reads. A second import into the program
    waits for the first. The same table again changes nothing. A sign-up changes only what a
    sign-up has said before or nobody has said: what survey, research or committee know stays.
    Nobody is ever deleted. Whose order number and name are known has a corrected address. `given`
    is what somebody has chosen for this file, as `Meanings` takes it. `columns` says
    which column stands where; without it they are found by heading and by what the program
    remembers. `progress(done, total)` is called after each batch of people. With `absent_before`,
    people who are in no row of this table are flagged only if they are among those, who were in
    no row of the one before.
    Sends
    `people_joined` for those who are new or have another address, and `people_changed` for those
    whose role or attendance changed. Raise ValidationError, with nothing saved, if a needed column
    is missing or there are no rows.
    """
    if columns is None:
        remembered = program.import_columns.get(Import.Kind.SIGNUPS, {})
        columns = find_or_ask(table, SIGNUP_COLUMNS, remembered, "ticket")
    meanings = Meanings(program, given)
    everyone, asked = ("", []) if "ticket" in columns else _ask_about_everyone(meanings)
    read = read_signups(table, columns, program, meanings, everyone)
    report = SignupReport(
        rows=len(table),
        not_taking_part=read.not_taking_part,
        refused=read.refused,
        left_out=read.left_out,
        repeated=read.repeated,
        contradicted=read.contradicted,
        doubts=read.doubts,
        values=meanings.values(),
        questions=asked + meanings.questions() + meanings.about_times(read.undecided_times),
        notes=_notes(columns, read),
    )
    taking_part = list(read.standing.values())
    reason = f"sign-ups imported from {table.name}"[:100]
    whole = contextlib.nullcontext() if dry_run else transaction.atomic()
    with whole, timezone.override(program.zone):
        if not dry_run:
            # Two imports at once would both create the people whom neither finds.
            Program.objects.locked(program.pk)
            Program.objects.in_use(program.pk)
        done, told, joined = 0, [], []
        for batch in in_batches(taking_part):
            created, updated = _compare(
                program, batch, report, present=read.present, lock=not dry_run
            )
            if not dry_run:
                create_people(created, reason)
                report.done.created += [person.pk for person in created]
                update_people(list(updated), _COLUMNS, reason)
                told += [p.pk for p, changes in updated.items() if changes & _TOLD]
                joined += [p.pk for p, changes in updated.items() if "email" in changes]
            done += len(batch)
            if progress:
                progress(done, len(taking_part))
        _wait(program, read.undecided, report)
        gone = _missing(program, read, report, absent_before)
        report.notes += _notes_on(report.unconfirmed)
        if not dry_run:
            _flag(gone, reason, report)
            joined = report.done.created + joined
            if joined:
                people_joined.send(Participant, program=program, participant_ids=joined)
            if told:
                people_changed.send(Participant, program=program, participant_ids=told)
    return report


def _notes_on(unconfirmed: list[str]) -> list[str]:
    if not unconfirmed:
        return []
    words = ngettext(
        "%(n)d person is not in the list for the first time. If the next one has no row of theirs "
        "either, they are listed as no longer registered.",
        "%(n)d people are not in the list for the first time. If the next one has no row of theirs "
        "either, they are listed as no longer registered.",
        len(unconfirmed),
    )
    return [words % {"n": len(unconfirmed)}]


def _notes(columns: Mapping[str, int], read: Signups) -> list[str]:
    notes = []
    named = {"name", "first_name", "last_name", "buyer_name" if "address" not in columns else ""}
    if not named & set(columns):
        notes.append(
            "No column has names. People are listed by their email address until they give one."
        )
    if not (read.standing or read.undecided or read.refused or read.left_out):
        notes.append("Nobody in this file takes part: no row names a role.")
    return notes


def _ask_about_everyone(meanings: Meanings) -> tuple[str, list[OpenQuestion]]:
    everyone, question = meanings.everyone()
    return everyone, [question]


def _compare(
    program: Program,
    signups: list[Signup],
    report: SignupReport,
    *,
    present: set[str],
    lock: bool,
) -> tuple[list[Participant], dict[Participant, set[str]]]:
    """Report one batch; give the new people, and the changed with the columns that are new.

    Known people's rows are locked: an answer to the survey may be on its way at the same moment.
    """
    rows = Participant.objects.filter(
        program=program, email__in=[signup.address for signup in signups]
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    people = {person.email: person for person in rows.order_by("pk")}
    people |= _under_other_addresses(program, signups, people, present, lock=lock)
    created: list[Participant] = []
    updated: dict[Participant, set[str]] = {}
    for signup in signups:
        person = people.get(signup.address)
        if person is None:
            person = _new(program, signup)
            created.append(person)
            said = {"role": person.signup_role, "attendance": person.signup_attendance}
            fields = {
                key: ("", _shown(value, program.formats)) for key, value in said.items() if value
            }
            report.created.append(PersonChange(signup.row, person.email, person.name, fields))
            continue
        before = snapshot(person, _COLUMNS) if lock else {}
        changes = _apply(person, signup, program.formats)
        report.done.note(person, before)
        if not changes:
            report.unchanged += 1
            continue
        fields = {_CALLED.get(key, key.replace("_", " ")): pair for key, pair in changes.items()}
        report.updated.append(PersonChange(signup.row, person.email, person.name, fields))
        if changes.get("signup_role", ("", ""))[0]:
            report.role_changes.append(person.email)
        if changes.get("signup_attendance", ("", ""))[0]:
            report.attendance_changes.append(person.email)
        updated[person] = set(changes)
    return created, updated


def _under_other_addresses(
    program: Program,
    signups: list[Signup],
    known: Mapping[str, Participant],
    present: set[str],
    *,
    lock: bool,
) -> dict[str, Participant]:
    """Return people whose address was corrected: their new address → the person.

    They have the order number and the name of a sign-up under an address that nobody has, and the
    address that they have themselves is not in the file any more.
    """
    looked_for = [s for s in signups if s.order and s.name and s.address not in known]
    if not looked_for:
        return {}
    rows = Participant.objects.filter(
        program=program, order_number__in={signup.order for signup in looked_for}
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    found: dict[str, Participant] = {}
    people = [person for person in rows.order_by("pk") if person.email not in present]
    for signup in looked_for:
        same = [
            person
            for person in people
            if person.order_number == signup.order and same_person(person.name, signup.name)
        ]
        if len(same) == 1 and same[0] not in found.values():
            found[signup.address] = same[0]
            present.add(same[0].email)  # has not gone, but moved
    return found


def _wait(program: Program, undecided: list[Signup], report: SignupReport) -> None:
    """Report the sign-ups that name no role yet, save those that the committee has settled."""
    if not undecided:
        return
    addresses = [signup.address for signup in undecided]
    decided = Participant.objects.filter(program=program, email__in=addresses).exclude(
        decided_role=""
    )
    settled = set(decided.values_list("email", flat=True))
    before = settled_before(program)
    for signup in undecided:
        entry = _waiting_entry(signup) | {"settled": before.get(signup.address, "")}
        if signup.address in settled:
            entry["settled"] = "decided"
        report.undecided.append(entry)
        if signup.address not in before and not entry["settled"]:
            report.newly_undecided += 1


def _waiting_entry(signup: Signup) -> dict[str, Any]:
    """Return a sign-up as an import keeps it until somebody decides."""
    moment = signup.registered_at
    return {
        "row": signup.row,
        "email": signup.address,
        "name": signup.name,
        "short_name": signup.short_name,
        "affiliation": signup.affiliation,
        "ticket": signup.ticket,
        "attendance": signup.attendance,
        "order": signup.order,
        "registered_at": moment.isoformat() if moment else "",
        "said": signup.said[:200],
    }


def _new(program: Program, signup: Signup) -> Participant:
    sources = {"name": Source.SIGNUP.value}
    for detail in ("short_name", "affiliation"):
        if getattr(signup, detail):
            sources[detail] = Source.SIGNUP.value
    return Participant(
        program=program,
        email=signup.address,
        name=signup.name,
        short_name=signup.short_name,
        affiliation=signup.affiliation,
        signup_role=signup.role or "",
        signup_attendance=signup.attendance,
        ticket=signup.ticket,
        order_number=signup.order,
        registered_at=signup.registered_at,
        detail_sources=sources,
    )


def _apply(person: Participant, signup: Signup, formats: Formats) -> dict[str, tuple[str, str]]:
    """Write the sign-up on the person, unsaved; return column → (old, new) for what changed.

    A blank cell takes nothing out.
    """
    changes: dict[str, tuple[str, str]] = {}

    def put(column: str, value: Any) -> None:
        old = getattr(person, column)
        if value and value != old:
            changes[column] = _shown(old, formats), _shown(value, formats)
            setattr(person, column, value)

    if person.email != signup.address:
        put("email", signup.address)
        person.mail_bounced_at = person.mail_bounced_why = None
    for detail in ("name", "affiliation"):
        source = person.detail_sources.get(detail)
        if source == Source.SIGNUP or not getattr(person, detail):
            put(detail, getattr(signup, detail))
            if detail in changes:
                sources = {**person.detail_sources, detail: Source.SIGNUP.value}
                person.detail_sources = sources
    _apply_short_name(person, signup, changes)
    former_role = person.signup_role
    put("signup_role", signup.role)
    if "signup_role" in changes:
        person.previous_signup_role = former_role
    put("signup_attendance", signup.attendance)
    put("ticket", signup.ticket)
    put("order_number", signup.order)
    put("registered_at", signup.registered_at)
    if person.missing_since:
        since = f"missing since {_shown(person.missing_since, formats)}"
        changes["missing_since"] = since, "registered again"
        person.missing_since = None
    return changes


def _apply_short_name(
    person: Participant, signup: Signup, changes: dict[str, tuple[str, str]]
) -> None:
    """Call a person as the list does, if nobody has said anything else of how they are called."""
    sources, said = person.detail_sources, signup.short_name
    source = sources.get("short_name")
    is_open = source == Source.SIGNUP or not (source or person.short_name)
    if sources.get("name") != Source.SIGNUP or not is_open:
        return
    # Whoever has another name now is not called by the one before.
    if person.short_name != said and (said or "name" in changes):
        changes["short_name"] = person.short_name, said
        person.short_name = said
        person.detail_sources = {**sources, "short_name": Source.SIGNUP.value}


def _shown(value: Any, formats: Formats) -> str:
    if isinstance(value, datetime.datetime):
        return formats.short_moment(value)
    return str(value or "").replace("in_person", "in person")


def _was_registered(person: Participant) -> bool:
    """Return whether this person was in an export; if not, the committee added them by hand."""
    from_ticket = person.ticket or person.order_number or person.registered_at
    return bool(from_ticket) or person.detail_sources.get("name") == Source.SIGNUP


def _missing(
    program: Program, read: Signups, report: SignupReport, absent_before: Collection[str] | None
) -> list[int]:
    """Report who was in an export before and in this one is not, or answers no.

    Give the keys of those who are not flagged yet. With `absent_before`, people who are in no row
    have to be in there, or are unconfirmed.
    """
    taking_part = Participant.objects.filter(program=program).taking_part()
    known = taking_part.order_by("name", "pk").only(
        "email",
        "name",
        "ticket",
        "order_number",
        "registered_at",
        "missing_since",
        "kept_registered_at",
        "detail_sources",
    )
    gone = [
        person
        for person in known.iterator(BATCH)
        if person.email not in read.present
        and _was_registered(person)
        and person.kept_registered_at is None
    ]
    if absent_before is not None:
        report.unconfirmed = [
            person.email
            for person in gone
            if person.missing_since is None
            and person.email not in read.named
            and person.email not in absent_before
        ]
        waiting = set(report.unconfirmed)
        gone = [person for person in gone if person.email not in waiting]
    report.missing = [PersonChange(0, person.email, person.name) for person in gone]
    report.newly_missing = sum(person.missing_since is None for person in gone)
    return [person.pk for person in gone if person.missing_since is None]


def _flag(keys: list[int], reason: str, report: SignupReport) -> None:
    now = timezone.now()
    for batch in in_batches(keys):
        people = list(Participant.objects.select_for_update(of=("self",)).filter(pk__in=batch))
        for person in people:
            person.missing_since = now
            report.done.note(person, {"missing_since": None})
        update_people(people, ["missing_since"], reason)
