"""Importing a ticket shop's export: who signed up, as what, with which ticket."""

from __future__ import annotations

import contextlib
import datetime
import zoneinfo
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of, fault_of, need_a_name, whole_name
from mentorship.domain.columns.known import SIGNUP_COLUMNS
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.report import (
    Changed,
    Doubt,
    PersonChange,
    Progress,
    RefusedRow,
    UnusableRow,
    check_lengths,
    read_address,
)
from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.times import time_reader
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import read_role
from mentorship.domain.people.bulk import (
    BATCH,
    create_people,
    in_batches,
    snapshot,
    update_people,
)
from mentorship.domain.signals import people_changed, people_joined
from mentorship.models import Formats, Import, Participant, Program, Role, Source, normalise_name

_LIMITS = {"name": 200, "affiliation": 200, "ticket": 120, "order": 60}
_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


# The columns that a sign-up may write; whatever else is known of a person stays.
_COLUMNS = [
    "name",
    "affiliation",
    "signup_role",
    "previous_signup_role",
    "signup_attendance",
    "ticket",
    "order_number",
    "registered_at",
    "missing_since",
    "detail_sources",
]
_CALLED = {
    "signup_role": "role",
    "signup_attendance": "attendance",
    "order_number": "order",
    "missing_since": "registration",
}


@dataclass(frozen=True)
class Signup:
    """One row, read. `role` None: does not take part; `answered`: the question was answered."""

    row: int
    address: str
    name: str
    affiliation: str
    ticket: str
    attendance: str
    order: str
    registered_at: datetime.datetime | None
    role: Role | None
    answered: bool

    @property
    def rank(self) -> tuple[bool, datetime.datetime, int]:
        """Of two orders of one person the later stands; a blank answer takes none back."""
        return self.answered, self.registered_at or _NEVER, self.row


@dataclass
class Signups:
    """What a whole table says: `standing` is address → the sign-up that counts.

    `present` are the addresses still signed up, those of refused rows among them: nobody has gone
    from the export because a cell cannot be read.
    """

    standing: dict[str, Signup] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    not_taking_part: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class SignupReport:
    """What an import of sign-ups did, or with `dry_run` would do.

    `missing` are the people no longer registered: they take part, were in an earlier export, and
    in this one are not there or answer no. The committee decides. Those it has decided to keep are
    not among them.
    """

    rows: int = 0
    created: list[PersonChange] = field(default_factory=list)
    updated: list[PersonChange] = field(default_factory=list)
    unchanged: int = 0
    not_taking_part: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    role_changes: list[str] = field(default_factory=list)
    attendance_changes: list[str] = field(default_factory=list)
    missing: list[PersonChange] = field(default_factory=list)
    done: Changed = field(default_factory=Changed, repr=False, compare=False)

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
        }


def import_signups(
    program: Program,
    table: Table,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    columns: dict[str, int] | None = None,
) -> SignupReport:
    """Import the sign-ups in `table` and return what changed.

    All or nothing in one transaction; `dry_run` only reads. A second import into the program
    waits for the first. The same table again changes nothing. A sign-up changes only what a
    sign-up has said before or nobody has said: what survey, research or committee know stays.
    Nobody is ever deleted. `columns` says which column stands where (key → position); without it
    they are found by heading and by what the program remembers. `progress(done, total)` is called
    after each batch of people. Sends `people_joined` for those who are new and `people_changed` for
    those whose role or attendance changed. Raise ValidationError, with nothing saved, if a needed
    column is missing or there are no rows.
    """
    if columns is None:
        remembered = program.import_columns.get(Import.Kind.SIGNUPS)
        columns = find_columns(table, SIGNUP_COLUMNS, remembered)
    read = read_signups(table, columns, program.zone)
    report = SignupReport(
        rows=len(table),
        not_taking_part=read.not_taking_part,
        refused=read.refused,
        doubts=read.doubts,
    )
    taking_part = [signup for signup in read.standing.values() if signup.role]
    reason = f"sign-ups imported from {table.name}"[:100]
    whole = contextlib.nullcontext() if dry_run else transaction.atomic()
    with whole, timezone.override(program.zone):
        if not dry_run:
            # Two imports at once would both create the people whom neither finds.
            Program.objects.locked(program.pk)
        done, told = 0, []
        for batch in in_batches(taking_part):
            created, updated = _compare(program, batch, report, lock=not dry_run)
            if not dry_run:
                create_people(created, reason)
                report.done.created += [person.pk for person in created]
                update_people(list(updated), _COLUMNS, reason)
                told += [person.pk for person, new_state in updated.items() if new_state]
            done += len(batch)
            if progress:
                progress(done, len(taking_part))
        gone = _missing(program, read.present, report)
        if not dry_run:
            _flag(gone, reason, report)
            if report.done.created:
                joined = report.done.created
                people_joined.send(Participant, program=program, participant_ids=joined)
            if told:
                people_changed.send(Participant, program=program, participant_ids=told)
    return report


def _compare(
    program: Program, signups: list[Signup], report: SignupReport, *, lock: bool
) -> tuple[list[Participant], dict[Participant, bool]]:
    """Report one batch; give the new people, and the changed with whether role or ticket is new.

    Known people's rows are locked: an answer to the survey may be on its way at the same moment.
    """
    rows = Participant.objects.filter(
        program=program, email__in=[signup.address for signup in signups]
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    people = {person.email: person for person in rows.order_by("pk")}
    created: list[Participant] = []
    updated: dict[Participant, bool] = {}
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
        updated[person] = bool(changes.keys() & {"signup_role", "signup_attendance"})
    return created, updated


def _new(program: Program, signup: Signup) -> Participant:
    sources = {"name": Source.SIGNUP.value}
    if signup.affiliation:
        sources["affiliation"] = Source.SIGNUP.value
    return Participant(
        program=program,
        email=signup.address,
        name=signup.name,
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

    for detail in ("name", "affiliation"):
        source = person.detail_sources.get(detail)
        if source == Source.SIGNUP or not getattr(person, detail):
            put(detail, getattr(signup, detail))
            if detail in changes:
                sources = {**person.detail_sources, detail: Source.SIGNUP.value}
                person.detail_sources = sources
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


def _shown(value: Any, formats: Formats) -> str:
    if isinstance(value, datetime.datetime):
        return formats.short_moment(value)
    return str(value or "").replace("in_person", "in person")


def _was_registered(person: Participant) -> bool:
    """Return whether this person was in an export; if not, the committee added them by hand."""
    from_ticket = person.ticket or person.order_number or person.registered_at
    return bool(from_ticket) or person.detail_sources.get("name") == Source.SIGNUP


def _missing(program: Program, present: set[str], report: SignupReport) -> list[int]:
    """Report who was in an export before and in this one is not, or answers no.

    Give the keys of those who are not flagged yet.
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
        if person.email not in present
        and _was_registered(person)
        and person.kept_registered_at is None
    ]
    report.missing = [PersonChange(0, person.email, person.name) for person in gone]
    return [person.pk for person in gone if person.missing_since is None]


def _flag(keys: list[int], reason: str, report: SignupReport) -> None:
    now = timezone.now()
    for batch in in_batches(keys):
        people = list(Participant.objects.select_for_update(of=("self",)).filter(pk__in=batch))
        for person in people:
            person.missing_since = now
            report.done.note(person, {"missing_since": None})
        update_people(people, ["missing_since"], reason)


def read_signups(table: Table, found: dict[str, int], zone: zoneinfo.ZoneInfo) -> Signups:
    """Read all rows of an export, whose columns stand where `found` says, in the times of `zone`.

    Raise ValidationError if there is no column for names, or if there are no rows.
    """
    need_a_name(table, found)
    if not table.rows:
        # Taken at its word it would flag everyone as no longer registered.
        raise ValidationError(f"{table.name} has headings, but no rows under them.")
    read_time = None
    if (position := found.get("registered_at")) is not None:
        times = (row.cells[position] for row in table.rows if len(row.cells) > position)
        read_time = time_reader(times, zone)
    read = Signups()
    for row in table.rows:
        cells = cells_of(row, found)
        try:
            signup = _read_row(row, cells, len(table.headings), read_time, read.doubts)
        except UnusableRow as refused:
            read.refused.append(RefusedRow(row.number, refused.value, refused.why))
            read.present |= _address_of(cells)
            continue
        if signup is None:
            read.not_taking_part += 1
            continue
        standing = read.standing.get(signup.address)
        if standing is None or signup.rank > standing.rank:
            read.standing[signup.address] = signup
    for address, signup in read.standing.items():
        if signup.role:
            read.present.add(address)
        else:
            read.not_taking_part += 1
    return read


def _address_of(cells: dict[str, str]) -> set[str]:
    """Return the address of a refused row, if it has one."""
    try:
        return {read_address(cells["address"])}
    except UnusableRow:
        return set()


def _read_row(
    row: Row, cells: dict[str, str], headings: int, read_time: Any, doubts: list[Doubt]
) -> Signup | None:
    """Read one row; None for somebody without a valid address who does not take part."""
    if fault := fault_of(row, headings):
        raise UnusableRow(*fault)
    try:
        role = read_role(cells["answer"])
    except NotUnderstood:
        raise UnusableRow(cells["answer"][:200], "answer not understood") from None
    try:
        address = read_address(cells["address"])
    except UnusableRow:
        if role:
            raise
        return None
    name = normalise_name(whole_name(cells))
    texts = {key: " ".join(cells.get(key, "").split()) for key in _LIMITS} | {"name": name}
    if role:
        if not name:
            raise UnusableRow(cells["address"], "no name")
        check_lengths(texts, _LIMITS)

    def understood(key: str, read: Any) -> Any:
        text = cells.get(key, "")
        if not text or not read:
            return None
        try:
            return read(text)
        except NotUnderstood:
            if role:
                doubts.append(Doubt(row.number, address, key.replace("_", " "), text[:200]))
            return None

    return Signup(
        row=row.number,
        address=address,
        name=name,
        affiliation=texts["affiliation"],
        ticket=texts["ticket"],
        attendance=understood("ticket", read_attendance) or "",
        order=texts["order"],
        registered_at=understood("registered_at", read_time),
        role=role,
        answered=bool(cells["answer"]),
    )
