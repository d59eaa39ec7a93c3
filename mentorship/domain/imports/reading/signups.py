"""Reading a ticket shop's rows: which are tickets, whose they are, and which of them stands.

A shop's export has a row for each ticket, each add-on and each order that was given up. A person
may have several of them, and an address several people.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError

from mentorship.domain.columns.found import Found, cells_of, fault_of, values_of, whole_name
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.reading.rows import (
    Doubt,
    LeftOut,
    RefusedRow,
    UnusableRow,
    check_lengths,
    read_address,
)
from mentorship.domain.meaning.names import same_person
from mentorship.domain.meaning.remembered import Meanings
from mentorship.domain.meaning.statuses import admits_nobody, is_of_ticket, speaks_of_giving_up
from mentorship.domain.meaning.times import TimeReader, time_reader
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import Undecided, read_yes_no
from mentorship.domain.people.greeting import first_name_of
from mentorship.models import Attendance, Program, Role, normalise_name

_LIMITS = {"name": 200, "affiliation": 200, "ticket": 120, "order": 60}
_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)
_SHOWN_AT_MOST = 200
_UNCLEAR = "not clear whether it counts"


@dataclass(frozen=True, slots=True)
class Signup:
    """One row, read. `role` None: does not take part, or has not decided (`undecided`).

    `said` is the answer as written, `answered` whether there is one; `clear` whether the ticket
    says how its holder attends. `address` is the buyer's if `borrowed`, "" if there is none.
    """

    row: int
    address: str
    name: str
    affiliation: str
    ticket: str
    order: str
    registered_at: datetime.datetime | None
    role: Role | None
    said: str
    undecided: bool = False
    clear: bool = False
    borrowed: bool = False
    buyer: str = ""
    time_as_written: str = ""
    attendance: str = ""
    short_name: str = ""

    @property
    def answered(self) -> bool:
        return bool(self.said)

    @property
    def counts(self) -> bool:
        """Whether this person takes part, or may."""
        return self.role is not None or self.undecided

    @property
    def rank(self) -> tuple[bool, datetime.datetime, int]:
        """Of two orders of one person the later stands; a blank answer takes none back."""
        return self.answered, self.registered_at or _NEVER, self.row


@dataclass
class Signups:
    """What a whole table says: `standing` is address → the sign-up that counts.

    `undecided` are the sign-ups that name no role yet. `present` are the addresses still signed
    up, those of refused rows among them: nobody has gone from the export because a cell cannot be
    read. `named` are the addresses of all rows, also of those that were given up. `repeated` is
    how many rows another one of the same person stands for, `contradicted` are those of them that
    say another role than that one.
    """

    standing: dict[str, Signup] = field(default_factory=dict)
    undecided: list[Signup] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    not_taking_part: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    repeated: int = 0
    contradicted: list[LeftOut] = field(default_factory=list)
    # Some of the times, if they do not tell the day from the month and an order rests on it.
    undecided_times: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def refuse(self, row: int, value: str, why: str) -> None:
        """Note a row that is not imported."""
        self.refused.append(RefusedRow(row, value[:_SHOWN_AT_MOST], why))


def read_signups(
    table: Table,
    found: Found,
    program: Program,
    meanings: Meanings,
    everyone: str = "",
) -> Signups:
    """Read all rows of a program's export, whose columns stand where `found` says.

    `everyone` is how all of them attend, where no column says it. Raise ValidationError if there
    are no rows.
    """
    if not table.rows:
        # Taken at its word it would flag everyone as no longer registered.
        raise ValidationError(f"{table.name} has headings, but no rows under them.")
    read_time = _time_reader(table, found, program, meanings)
    reader = _RowReader(table, found, read_time, meanings)
    read = Signups(left_out=[LeftOut(e.number, e.text, e.why) for e in table.left_out])
    signups = list(_tickets(table, reader, read))
    read.named |= read.present | {signup.address for signup in signups}
    signups = list(_with_addresses(signups, read))
    for people in _by_address(signups).values():
        _choose(people, read, reader, everyone)
        if read_time and any(_rests_on_times(rows) for rows in people):
            read.undecided_times = read_time.undecided
    read.refused.sort(key=lambda refused: refused.row)
    read.left_out.sort(key=lambda left_out: left_out.row)
    read.contradicted.sort(key=lambda contradicted: contradicted.row)
    read.doubts.sort(key=lambda doubt: doubt.row)
    return read


def _time_reader(
    table: Table, found: Found, program: Program, meanings: Meanings
) -> TimeReader | None:
    if "registered_at" not in found:
        return None
    return time_reader(
        (cells_of(row, found)["registered_at"] for row in table.rows),
        program.zone,
        heading=found.parts["registered_at"][0].heading,
        latest=program.ends_on,
        order=meanings.day_order(),
    )


def _tickets(table: Table, reader: _RowReader, read: Signups) -> Iterable[Signup]:
    """Yield the rows that are somebody's ticket; note the others."""
    for row in table.rows:
        cells = cells_of(row, reader.found)
        try:
            if fault := fault_of(row, len(table.headings)):
                raise UnusableRow(*fault)
            left_out = reader.why_left_out(row, cells)
            if left_out and left_out[1] != _UNCLEAR:
                whose = (
                    whole_name(cells),
                    cells.get("address", "") or cells.get("buyer_address", ""),
                )
                read.left_out.append(
                    LeftOut(row.number, *left_out, *(text[:_SHOWN_AT_MOST] for text in whose))
                )
                read.named |= _address_of(cells)
                continue
            signup = reader.read(row, cells)
            if left_out and signup and signup.counts:
                raise UnusableRow(*left_out)
        except UnusableRow as refused:
            read.refuse(row.number, refused.value, refused.why)
            read.present |= _address_of(cells)
            continue
        if signup is None:
            read.not_taking_part += 1
        else:
            yield signup


def _address_of(cells: dict[str, str]) -> set[str]:
    """Return the address of a refused row, if it has one."""
    try:
        return {read_address(cells.get("address", "") or cells.get("buyer_address", ""))}
    except UnusableRow:
        return set()


class _RowReader:
    """Reads the rows of one export."""

    def __init__(
        self, table: Table, found: Found, read_time: TimeReader | None, meanings: Meanings
    ) -> None:
        self.found, self.read_time, self.meanings = found, read_time, meanings
        place = found.get("answer")
        self.asked = table.headings[place] if place is not None else ""
        self.pair = [
            table.headings[found[key]] if key in found else ""
            for key in ("can_mentor", "wants_mentor")
        ]
        self.has_names = bool({"name", "first_name", "last_name"} & set(found))

    def why_left_out(self, row: Row, cells: dict[str, str]) -> tuple[str, str] | None:
        """Return (value, why) if this row is nobody's valid ticket, or may be none, else None."""
        ticket = " ".join(cells.get("ticket", "").split())
        names = [("Ticket", ticket), ("Name", whole_name(cells))]
        said = values_of(row, self.found, "status")
        unclear = None
        for heading, text in said + [name for name in names if speaks_of_giving_up(name[1])]:
            try:
                if why := self.meanings.why_not_counted(heading, text):
                    return text[:_SHOWN_AT_MOST], why
            except NotUnderstood:
                if is_of_ticket(heading):
                    unclear = text[:_SHOWN_AT_MOST], _UNCLEAR
        if cells.get("addon"):
            return ticket[:_SHOWN_AT_MOST], "an add-on to another ticket"
        if admits_nobody(ticket):
            return ticket[:_SHOWN_AT_MOST], "admits nobody"
        return unclear

    def read(self, row: Row, cells: dict[str, str]) -> Signup | None:
        """Return what a row says; None for somebody without a valid address who takes no part."""
        role, undecided, said = self._role(cells)
        counts = role is not None or undecided
        own, buyer = cells.get("address", ""), cells.get("buyer_address", "")
        try:
            address = read_address(own or buyer)
        except UnusableRow:
            if counts:
                raise
            return None
        buyer_name = normalise_name(cells.get("buyer_name", ""))
        # In a list of orders, whose address the buyer's is has the buyer's name, too.
        name = normalise_name(whole_name(cells)) if self.has_names or own else buyer_name
        texts = {key: " ".join(cells.get(key, "").split()) for key in _LIMITS} | {"name": name}
        if counts:
            if not name and self.has_names:
                raise UnusableRow(own or buyer, "no name")
            check_lengths(texts, _LIMITS)
            _check_quantity(cells)
        return Signup(
            row=row.number,
            address=address,
            name=name,
            affiliation=texts["affiliation"],
            ticket=texts["ticket"],
            order=texts["order"],
            registered_at=self._moment(cells),
            role=role,
            said=said,
            undecided=undecided,
            clear=self.meanings.names_attendance(cells.get("ticket", "")),
            borrowed=not own,
            buyer=buyer_name,
            time_as_written=cells.get("registered_at", ""),
            short_name=first_name_of(
                normalise_name(cells.get("first_name", "")),
                normalise_name(cells.get("last_name", "")),
            ),
        )

    def _role(self, cells: dict[str, str]) -> tuple[Role | None, bool, str]:
        """Return the role, whether it is undecided, and the answer as written.

        Undecided is also who says different things in different columns: a yes, but no role; or a
        no, and a role.
        """
        said = cells.get("answer", "")
        pair = [cells.get("can_mentor", ""), cells.get("wants_mentor", "")]
        takes_part = cells.get("takes_part", "")
        value = " / ".join(filter(None, [takes_part, said, *pair]))
        try:
            role = self.meanings.role(said, self.asked)
            if any(pair):
                can, wants = zip(self.pair, pair, strict=True)
                role_of_pair = self.meanings.role_of_two(can, wants)
                if said and role_of_pair not in (None, role):
                    return None, True, value
                role = role or role_of_pair
            if takes_part and not _goes_with(takes_part, role):
                return None, True, value
            return role, False, value
        except Undecided:
            return None, True, value
        except NotUnderstood:
            value = said or " / ".join(filter(None, pair))
            # Once the answer is explained the row counts, so its ticket is asked about as well.
            if ticket := cells.get("ticket", ""):
                with contextlib.suppress(NotUnderstood):
                    self.meanings.attendance(" ".join(ticket.split()))
            raise UnusableRow(value[:_SHOWN_AT_MOST], "answer not understood") from None

    def _moment(self, cells: dict[str, str]) -> datetime.datetime | None:
        text = cells.get("registered_at", "")
        try:
            return self.read_time(text) if text and self.read_time else None
        except NotUnderstood:
            return None


def _goes_with(takes_part: str, role: Role | None) -> bool:
    """Return whether a role, or none, is what somebody means who says this of taking part."""
    try:
        return read_yes_no(takes_part) == (role is not None)
    except NotUnderstood:
        return False


def _check_quantity(cells: dict[str, str]) -> None:
    quantity = cells.get("quantity", "").strip().removesuffix(".0")
    if quantity.isdecimal() and int(quantity) > 1:
        raise UnusableRow(
            quantity,
            f"one row for {quantity} people: export the attendees, a row for each of them",
        )


def _with_addresses(signups: list[Signup], read: Signups) -> Iterable[Signup]:
    """Yield those who have an address of their own, or alone are in the order that the buyer paid.

    Where an order has several people, its buyer's address is nobody's in particular: they are
    refused, and each needs an address.
    """
    people: dict[str, list[str]] = {}
    for signup in signups:
        names = people.setdefault(signup.order or signup.address, [])
        if not any(same_person(signup.name, name) for name in names):
            names.append(signup.name)
    for signup in signups:
        order = people[signup.order or signup.address]
        if signup.borrowed and len(order) > 1 and not _is_buyer(signup):
            if signup.counts:
                called = f"order {signup.order}" if signup.order else "this order"
                read.refuse(
                    signup.row,
                    signup.name or signup.address,
                    f"needs an email address: {called} is for {len(order)} people and has only "
                    "the buyer’s",
                )
            else:
                read.not_taking_part += 1
            continue
        yield signup


def _is_buyer(signup: Signup) -> bool:
    return bool(signup.buyer and signup.name) and same_person(signup.name, signup.buyer)


def _by_address(signups: list[Signup]) -> dict[str, list[list[Signup]]]:
    """Return the sign-ups under each address, those of each person together, in their order."""
    found: dict[str, list[list[Signup]]] = {}
    for signup in signups:
        people = found.setdefault(signup.address, [])
        for rows in people:
            if same_person(signup.name, rows[0].name):
                rows.append(signup)
                break
        else:
            people.append([signup])
    return found


def _choose(people: list[list[Signup]], read: Signups, reader: _RowReader, everyone: str) -> None:
    """Settle who has this address, and which of their rows stands."""
    standing = [_standing(rows) for rows in people]
    owner = next(
        (signup for signup in standing if len(people) > 1 and _is_buyer(signup)),
        next((signup for signup in standing if signup.counts), standing[0]),
    )
    for rows, signup in zip(people, standing, strict=True):
        _note_repeated(rows, signup, read)
        if not signup.counts:
            read.not_taking_part += 1
        elif signup is not owner:
            read.refuse(
                signup.row,
                signup.address,
                f"same email address as row {owner.row} ({owner.name}): {signup.name} needs one "
                "of their own",
            )
    if not owner.counts:
        return
    read.present.add(owner.address)
    owner = _attending(owner, read, reader, everyone)
    if owner.undecided:
        read.undecided.append(owner)
        read.refuse(owner.row, owner.said, "answer not understood")
    else:
        read.standing[owner.address] = owner


def _note_repeated(rows: list[Signup], standing: Signup, read: Signups) -> None:
    """Note the rows of one person for which another one stands."""
    read.repeated += len(rows) - 1
    read.contradicted += [
        LeftOut(
            signup.row,
            signup.said[:_SHOWN_AT_MOST],
            f"row {standing.row} counts: “{standing.said[:_SHOWN_AT_MOST]}”",
            signup.name,
            signup.address,
        )
        for signup in rows
        if signup.answered
        and (signup.role, signup.undecided) != (standing.role, standing.undecided)
    ]


def _standing(rows: list[Signup]) -> Signup:
    """Return the row of one person that stands.

    Of the rows of one order it is the one whose ticket says how they attend; of a later order
    without such a ticket (tutorials that were added, say) the earlier ticket still says it.
    """
    if len(rows) == 1:
        return rows[0]
    orders: dict[str, Signup] = {}
    for signup in rows:
        key = signup.order or f"row {signup.row}"
        known = orders.get(key)
        if known is None or (signup.answered, signup.clear) >= (known.answered, known.clear):
            orders[key] = signup
    last = max(orders.values(), key=lambda signup: signup.rank)
    clear = [signup for signup in orders.values() if signup.clear and signup.counts]
    if last.clear or not clear:
        return last
    return replace(last, ticket=max(clear, key=lambda signup: signup.rank).ticket, clear=True)


def _rests_on_times(rows: list[Signup]) -> bool:
    """Return whether the times of orders decide which of a person's rows stands."""
    return len({signup.registered_at for signup in rows if signup.answered}) > 1


def _attending(signup: Signup, read: Signups, reader: _RowReader, everyone: str) -> Signup:
    """Return the sign-up with how its ticket says they attend; note what is not understood."""
    attendance: Any = everyone
    if signup.ticket:
        try:
            attendance = reader.meanings.attendance(signup.ticket) or ""
        except NotUnderstood:
            read.doubts.append(
                Doubt(signup.row, signup.address, "ticket", signup.ticket[:_SHOWN_AT_MOST])
            )
            attendance = ""
    if signup.time_as_written and signup.registered_at is None and reader.read_time:
        read.doubts.append(
            Doubt(
                signup.row,
                signup.address,
                "registered at",
                signup.time_as_written[:_SHOWN_AT_MOST],
            )
        )
    return replace(signup, attendance=Attendance(attendance).value if attendance else "")
