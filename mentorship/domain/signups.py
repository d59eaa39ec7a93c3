"""Taking over a ticket shop's export: who is in the program, as what, with which ticket."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from mentorship.domain.answers import NotUnderstood, read_attendance, read_role, time_reader
from mentorship.domain.columns import (
    SIGNUP_COLUMNS,
    cells_of,
    fault_of,
    find_columns,
    need_a_name,
    whole_name,
)
from mentorship.domain.intake import (
    BATCH,
    Change,
    Doubt,
    Progress,
    Refused,
    RowRefused,
    check_lengths,
    in_batches,
    read_address,
)
from mentorship.domain.people import REGISTERED
from mentorship.domain.signals import people_changed
from mentorship.domain.spreadsheets import Row, Table
from mentorship.models import Participant, Program, Role, Source, normalise_name

_LIMITS = {"name": 200, "affiliation": 200, "ticket": 120, "order": 60}
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
_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class _Signup:
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
class SignupReport:
    """What an import of sign-ups did, or with `dry_run` would do.

    `no_longer_registered` are all who once were in an export, take part, and in this one are not
    or answer no; they are flagged, and the committee decides. Those whom it has ruled to keep
    are not among them.
    """

    rows: int = 0
    created: list[Change] = field(default_factory=list)
    updated: list[Change] = field(default_factory=list)
    unchanged: int = 0
    not_taking_part: int = 0
    refused: list[Refused] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    role_changes: list[str] = field(default_factory=list)
    attendance_changes: list[str] = field(default_factory=list)
    no_longer_registered: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give the report under the keys of the `import_signups` command."""
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
    program: Program, table: Table, *, dry_run: bool = False, progress: Progress | None = None
) -> SignupReport:
    """Take over the sign-ups in `table` and report what changed.

    All or nothing in one transaction, which `dry_run` takes back at its end. A second import into
    the program waits for the first. The same table again changes nothing. A sign-up changes only
    what a sign-up has said before or nobody has said: what survey, research or committee know
    stays. Nobody is ever deleted. `progress(done, total)` is called after each batch of people.
    Sends `people_changed` for those whose role or attendance changed. Raises ValidationError,
    with nothing saved, if a needed column is missing or there are no rows.
    """
    found = find_columns(table, SIGNUP_COLUMNS)
    need_a_name(table, found)
    if not table.rows:
        # Taken at its word it would flag everyone as no longer registered.
        raise ValidationError(f"{table.name} has headings, but no rows under them.")
    report = SignupReport(rows=len(table))
    signups, present = _read(table, found, program.zone, report)
    taking_part = [signup for signup in signups.values() if signup.role]
    reason = f"sign-ups imported from {table.name}"[:100]
    with transaction.atomic(), timezone.override(program.zone):
        # Two imports at once would both create the people whom neither finds.
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        done, changed = 0, []
        for batch in in_batches(taking_part):
            changed += _write(program, batch, report, reason)
            done += len(batch)
            if progress:
                progress(done, len(taking_part))
        _flag_missing(program, present, report, reason)
        if changed:
            people_changed.send(Participant, program=program, participant_ids=changed)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _read(
    table: Table, found: dict[str, int], zone: zoneinfo.ZoneInfo, report: SignupReport
) -> tuple[dict[str, _Signup], set[str]]:
    """Read all rows: (address → the sign-up that stands, addresses still signed up)."""
    read_time = None
    if (position := found.get("registered_at")) is not None:
        times = (row.cells[position] for row in table.rows if len(row.cells) > position)
        read_time = time_reader(times, zone)
    signups: dict[str, _Signup] = {}
    present: set[str] = set()
    nameless = 0
    for row in table.rows:
        cells = cells_of(row, found)
        try:
            signup = _read_row(row, cells, len(table.headings), read_time, report)
        except RowRefused as refused:
            report.refused.append(Refused(row.number, refused.value, refused.why))
            present |= _address_of(cells)
            continue
        if signup is None:
            nameless += 1
            continue
        standing = signups.get(signup.address)
        if standing is None or signup.rank > standing.rank:
            signups[signup.address] = signup
    present |= {signup.address for signup in signups.values() if signup.role}
    report.not_taking_part = nameless + sum(not signup.role for signup in signups.values())
    return signups, present


def _address_of(cells: dict[str, str]) -> set[str]:
    """Give the address of a refused row: that person has not gone from the export."""
    try:
        return {read_address(cells["address"])}
    except RowRefused:
        return set()


def _read_row(
    row: Row, cells: dict[str, str], headings: int, read_time: Any, report: SignupReport
) -> _Signup | None:
    """Read one row; None for somebody without a valid address who does not take part."""
    if fault := fault_of(row, headings):
        raise RowRefused(*fault)
    try:
        role = read_role(cells["answer"])
    except NotUnderstood:
        raise RowRefused(cells["answer"][:200], "answer not understood") from None
    try:
        address = read_address(cells["address"])
    except RowRefused:
        if role:
            raise
        return None
    name = normalise_name(whole_name(cells))
    texts = {key: " ".join(cells.get(key, "").split()) for key in _LIMITS} | {"name": name}
    if role:
        if not name:
            raise RowRefused(cells["address"], "no name")
        check_lengths(texts, _LIMITS)

    def understood(key: str, read: Any) -> Any:
        text = cells.get(key, "")
        if not text or not read:
            return None
        try:
            return read(text)
        except NotUnderstood:
            if role:
                report.doubts.append(Doubt(row.number, address, key.replace("_", " "), text[:200]))
            return None

    return _Signup(
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


def _write(
    program: Program, signups: list[_Signup], report: SignupReport, reason: str
) -> list[int]:
    """Create and update the people of one batch; give the keys of those with a new role or ticket.

    Their rows are locked: an answer to the survey may be on its way at the same moment.
    """
    rows = Participant.objects.select_for_update(of=("self",)).filter(
        program=program, email__in=[signup.address for signup in signups]
    )
    people = {person.email: person for person in rows.order_by("pk")}
    created, updated, told = [], [], []
    for signup in signups:
        person = people.get(signup.address)
        if person is None:
            created.append(_new(program, signup))
            report.created.append(Change(signup.row, signup.address, signup.name))
            continue
        changes = _apply(person, signup)
        if not changes:
            report.unchanged += 1
            continue
        updated.append(person)
        fields = {_CALLED.get(key, key.replace("_", " ")): pair for key, pair in changes.items()}
        report.updated.append(Change(signup.row, person.email, person.name, fields))
        if changes.get("signup_role", ("", ""))[0]:
            report.role_changes.append(person.email)
        if changes.get("signup_attendance", ("", ""))[0]:
            report.attendance_changes.append(person.email)
        if changes.keys() & {"signup_role", "signup_attendance"}:
            told.append(person.pk)
    if created:
        bulk_create_with_history(created, Participant, default_change_reason=reason)
    _save(updated, _COLUMNS, reason)
    return told


def _save(people: list[Participant], columns: list[str], reason: str) -> None:
    """Write these columns of these rows, and their history."""
    if people:
        created_at = [person.created_at for person in people]
        # What `bulk_update` writes grows with the square of the batch; this does not.
        Participant.objects.bulk_create(
            people, update_conflicts=True, unique_fields=["id"], update_fields=columns
        )
        # The rows are not new, whatever `bulk_create` has put on the objects.
        for person, moment in zip(people, created_at, strict=True):
            person.created_at = moment
        history: Any = Participant.history
        history.bulk_history_create(people, update=True, default_change_reason=reason)


def _new(program: Program, signup: _Signup) -> Participant:
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


def _apply(person: Participant, signup: _Signup) -> dict[str, tuple[str, str]]:
    """Write the sign-up on the person, unsaved; give column → (old, new) for what changed.

    A blank cell takes nothing out.
    """
    changes: dict[str, tuple[str, str]] = {}

    def put(column: str, value: Any) -> None:
        old = getattr(person, column)
        if value and value != old:
            changes[column] = _shown(old), _shown(value)
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
        since = f"missing since {_shown(person.missing_since)}"
        changes["missing_since"] = since, "registered again"
        person.missing_since = None
    return changes


def _shown(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return f"{timezone.localtime(value):%d %b %Y, %H:%M}"
    return str(value or "").replace("in_person", "in person")


def _was_registered(person: Participant) -> bool:
    """Tell whether an export had this person, whom else the committee has added by hand."""
    from_ticket = person.ticket or person.order_number or person.registered_at
    return bool(from_ticket) or person.detail_sources.get("name") == Source.SIGNUP


def _flag_missing(program: Program, present: set[str], report: SignupReport, reason: str) -> None:
    """Flag those who were in an export before and in this one are not, or answer no."""
    taking_part = Participant.objects.filter(program=program).taking_part()
    known = taking_part.order_by("name", "pk").only(
        "email", "ticket", "order_number", "registered_at", "missing_since", "detail_sources"
    )
    gone = [
        (person.pk, person.email, person.missing_since)
        for person in known.iterator(BATCH)
        if person.email not in present
        and _was_registered(person)
        and REGISTERED not in person.detail_sources
    ]
    report.no_longer_registered = [email for _, email, _ in gone]
    now = timezone.now()
    for batch in in_batches(pk for pk, _, missing_since in gone if missing_since is None):
        people = list(Participant.objects.select_for_update(of=("self",)).filter(pk__in=batch))
        for person in people:
            person.missing_since = now
        _save(people, ["missing_since"], reason)
