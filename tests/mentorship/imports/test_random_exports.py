"""Exports built at random from known people: exactly these people are found, in whatever layout."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mentorship.domain.imports.kinds import KINDS, dry_run
from tests.factories import ProgramFactory

FIRST = ["Zoë", "José", "Søren", "Anna", "Chloé", "Björn", "Mia", "Ines"]
LAST = ["Müller", "Núñez", "Åkesson", "O’Neil", "Smith", "Lefèvre", "Kim", "Jones"]
ROLES = {"mentor": ["Yes, as a mentor", "Mentor", "I can mentor somebody", "mentor"],
         "mentee": ["Yes, as a mentee", "Mentee", "I would like a mentor", "mentee"],
         "": ["No", "no", "Not this year"]}  # fmt: skip
TICKETS = {"in_person": ["In person", "Conference (in person)", "On-site"],
           "virtual": ["Virtual", "Virtual pass", "Online ticket"]}  # fmt: skip
OUT = ["Cancelled", "Refunded", "expired"]
NAMES = [["Name"], ["Attendee name"], ["First name", "Last name"], ["Vorname", "Nachname"]]
ADDRESS = ["Email", "E-mail address", "Attendee email", "E-Mail-Adresse", "Q2. Your email"]
ANSWER = ["Mentorship program", "Mentor or mentee?", "Mentoring",
          "Do you want to sign up for the mentorship program?"]  # fmt: skip
TICKET = ["Ticket", "Ticket type", "Product", "Produkt"]


@dataclass(frozen=True)
class Person:
    """Somebody in an export: `counts` unless the ticket was given up."""

    number: int
    first: str
    last: str
    role: str
    attendance: str
    counts: bool

    @property
    def address(self) -> str:
        return f"p{self.number}@n{self.number}.example"


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(FIRST),
        st.sampled_from(LAST),
        st.sampled_from(list(ROLES)),
        st.sampled_from(list(TICKETS)),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: [Person(number, *row) for number, row in enumerate(rows)])


def columns(people: list[Person], pick: random.Random) -> list[list[str]]:
    """Return the columns of an export, each with its heading first, in some order."""
    names = pick.choice(NAMES)
    name = [[f"{p.first} {p.last}"] if len(names) == 1 else [p.first, p.last] for p in people]
    made = [[heading, *(row[n] for row in name)] for n, heading in enumerate(names)]
    made.append([pick.choice(ADDRESS), *(p.address for p in people)])
    made.append([pick.choice(ANSWER), *(pick.choice(ROLES[p.role]) for p in people)])
    made.append([pick.choice(TICKET), *(pick.choice(TICKETS[p.attendance]) for p in people)])
    status = [pick.choice(["Paid", "Attending"] if p.counts else OUT) for p in people]
    made.append([pick.choice(["Status", "Order status", "Attendee Status"]), *status])
    if pick.random() < 0.5:  # the buyer, who is nobody here
        made.append(["Buyer email", *("office@corp.example" for _ in people)])
        made.append(["Buyer name", *("Pat Office" for _ in people)])
    if pick.random() < 0.5:
        made.append(["Price", *("180.00" for _ in people)])
    pick.shuffle(made)
    return made


def written(made: list[list[str]], pick: random.Random) -> bytes:
    """Return the columns as some program would save them."""
    delimiter = pick.choice(",;\t")
    rows = [list(row) for row in zip(*made, strict=True)]
    width = len(rows[0])
    if pick.random() < 0.3:
        again = pick.randrange(1, len(rows) + 1)
        rows.insert(again, rows[0])
    if pick.random() < 0.3:
        rows += [[""] * width, ["Total", str(len(rows)), *[""] * (width - 2)]]
    if pick.random() < 0.3:
        rows = [["Attendees", *[""] * (width - 1)], [""] * width, *rows]
    text = io.StringIO()
    end = pick.choice(["\n", "\r\n"])
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    hint = f"sep={delimiter}{end}" if pick.random() < 0.2 else ""
    encoding = pick.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
    return (hint + text.getvalue()).encode(encoding)


def found(program, data: bytes) -> dict[str, tuple]:
    """Return whom importing a file would bring in: address → name, role, attendance."""
    the = KINDS["signups"]
    table = the.read(program, data, "a.csv")
    choice = the.choose(program, table, [])
    report = dry_run(program, "signups", table, choice=choice)
    return {
        new.email: (new.name, new.fields["role"][1], new.fields["attendance"][1])
        for new in report.created
    }


class RandomExports(TestCase):
    @given(people=PEOPLE, seed=st.integers(0, 2**32))
    @settings(max_examples=max(60, settings().max_examples // 2))
    def test_exactly_these_people_are_found(self, people, seed):
        pick = random.Random(seed)
        program = ProgramFactory()
        made = columns(people, pick)

        everyone = found(program, written(made, random.Random(seed)))

        assert everyone == {
            p.address: (f"{p.first} {p.last}", p.role, p.attendance.replace("_", " "))
            for p in people
            if p.counts and p.role
        }
        pick.shuffle(made)
        assert found(program, written(made, random.Random(seed))) == everyone
