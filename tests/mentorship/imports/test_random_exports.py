"""Exports built at random from known people: exactly these people are found, in whatever layout."""

from __future__ import annotations

import csv
import datetime
import io
import json
import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mentorship.domain.imports.kinds import KINDS, dry_run, run_import
from mentorship.models import Participant, Program
from tests.factories import ParticipantFactory, ProgramFactory

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
OFFICE = "office@corp.example"
# How somebody's address is in an export: their own, only the buyer's (who is they), or only that
# of an office which paid for several.
OWN, BUYER, SHARED = "own", "buyer", "shared"


@dataclass(frozen=True)
class Person:
    """Somebody in an export: `counts` unless the ticket was given up."""

    number: int
    first: str
    last: str
    role: str
    attendance: str
    counts: bool
    paid: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

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
        st.sampled_from([OWN, OWN, BUYER, SHARED]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],  # of several in one order each has a name of their own
).map(lambda rows: [Person(number, *row) for number, row in enumerate(rows)])


def columns(people: list[Person], pick: random.Random) -> list[list[str]]:
    """Return the columns of an export, each with its heading first, in some order."""
    names = pick.choice(NAMES)
    name = [[p.name] if len(names) == 1 else [p.first, p.last] for p in people]
    made = [[heading, *(row[n] for row in name)] for n, heading in enumerate(names)]
    made.append([pick.choice(ADDRESS), *(p.address if p.paid == OWN else "" for p in people)])
    if pick.random() < 0.3:
        offer, wish = {"mentor": ("Yes", "No"), "mentee": ("No", "Yes"), "": ("No", "No")}, {}
        wish = {role: said[1] for role, said in offer.items()}
        made.append(["Can you be a mentor?", *(offer[p.role][0] for p in people)])
        made.append(["Would you like to have a mentor?", *(wish[p.role] for p in people)])
    else:
        made.append([pick.choice(ANSWER), *(pick.choice(ROLES[p.role]) for p in people)])
    made.append([pick.choice(TICKET), *(pick.choice(TICKETS[p.attendance]) for p in people)])
    status = [pick.choice(["Paid", "Attending"] if p.counts else OUT) for p in people]
    made.append([pick.choice(["Status", "Order status", "Attendee Status"]), *status])
    if pick.random() < 0.5 or any(p.paid != OWN for p in people):
        buyers = [p.address if p.paid == BUYER else OFFICE for p in people]
        orders = ["S" if p.paid == SHARED else f"R{p.number}" for p in people]
        made += [["Buyer email", *buyers], ["Order", *orders]]
    if pick.random() < 0.5:
        made.append(["Price", *("180.00" for _ in people)])
    pick.shuffle(made)
    return made


def whose(people: list[Person]) -> dict[str, tuple]:
    """Return whom an export has that take part: address → name, role, attendance."""
    shared = [p for p in people if p.counts and p.paid == SHARED]
    expected = {}
    for person in people:
        if person.counts and person.role and (person.paid != SHARED or len(shared) == 1):
            address = OFFICE if person.paid == SHARED else person.address
            expected[address] = person.name, person.role, person.attendance.replace("_", " ")
    return expected


def heading_rows(headings: list[str], pick: random.Random) -> list[list[str]]:
    """Return the headings as form tools write them: one row, or with others around it."""
    codes = [f"Q{n}" for n in range(len(headings))]
    under = ["Open-Ended Response" if n % 2 else "Response" for n in range(len(headings))]
    ids = [json.dumps({"ImportId": code}) for code in codes]
    return pick.choice(
        [[headings]] * 3 + [[headings, under], [codes, headings], [codes, headings, ids]]
    )


def written(made: list[list[str]], pick: random.Random) -> bytes:
    """Return the columns as some program would save them."""
    delimiter = pick.choice(",;\t")
    headings, *rows = [list(row) for row in zip(*made, strict=True)]
    width = len(headings)
    if pick.random() < 0.3:
        rows.insert(pick.randrange(len(rows) + 1), headings)
    if pick.random() < 0.3:
        rows += [[""] * width, ["Total", str(len(rows)), *[""] * (width - 2)]]
    rows = heading_rows(headings, pick) + rows
    if pick.random() < 0.3:
        rows = [["Attendees", *[""] * (width - 1)], [""] * width, *rows]
    text = io.StringIO()
    end = pick.choice(["\n", "\r\n"])
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    hint = f"sep={delimiter}{end}" if pick.random() < 0.2 else ""
    encoding = pick.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
    return (hint + text.getvalue()).encode(encoding)


def found(program: Program, data: bytes) -> dict[str, tuple]:
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
    @pytest.mark.slow
    @given(people=PEOPLE, seed=st.integers(0, 2**32))
    @settings(max_examples=max(60, settings().max_examples // 2))
    def test_exactly_these_people_are_found(self, people, seed):
        pick = random.Random(seed)
        program = ProgramFactory()
        made = columns(people, pick)

        assert found(program, written(made, random.Random(seed))) == whose(people)
        pick.shuffle(made)
        assert found(program, written(made, random.Random(seed))) == whose(people)


FIELDS = ["Biology/Health", "Software Engineering", "CompSci/DS/ML"]
STATES = ["Complete", "Complete", "Complete", "Incomplete", "Survey Preview"]
PERSON_ROLE = ["Would you like to be a mentor or a mentee?", "Role", "role. Mentor or mentee?"]
MOMENT = ["Timestamp", "Submitted at", "Completion time", "Submit Date"]


@dataclass(frozen=True)
class Answer:
    """What somebody answered, "" for what they left open, and what the tool says of it."""

    person: int
    minute: int
    role: str
    attendance: str
    notes: str
    fields: tuple[str, ...]
    state: str

    @property
    def counts(self) -> bool:
        blank = not (self.role or self.attendance or self.notes or self.fields)
        return self.state == "Complete" and not blank


ANSWERS = st.lists(
    st.builds(
        Answer,
        st.integers(0, 2),
        st.integers(0, 5000),
        st.sampled_from(["", "mentor", "mentee"]),
        st.sampled_from(["", "in_person", "virtual"]),
        st.sampled_from(["", "I work on compilers", "Zoë sent me"]),
        st.lists(st.sampled_from(FIELDS), unique=True).map(tuple),
        st.sampled_from(STATES),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda answer: answer.minute,
)


def answer_columns(answers: list[Answer], pick: random.Random, layout: int) -> list[list[str]]:
    """Return the columns of a survey's export; the fields in one of three layouts."""
    start = datetime.datetime(2027, 6, 13)
    form = pick.choice(["%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M"])
    times = [f"{start + datetime.timedelta(minutes=a.minute):{form}}" for a in answers]
    made = [
        [pick.choice(MOMENT), *times],
        [pick.choice(ADDRESS), *(f"p{a.person}@n.example" for a in answers)],
        [pick.choice(PERSON_ROLE), *(a.role and pick.choice(ROLES[a.role][:2]) for a in answers)],
        ["How will you attend?", *(a.attendance and TICKETS[a.attendance][0] for a in answers)],
        ["Anything else?", *(a.notes for a in answers)],
        ["Status", *(a.state for a in answers)],
    ]
    if layout == 0:
        made.append(["Fields of expertise", *("; ".join(a.fields) for a in answers)])
    else:
        tick = ("x", "") if layout == 1 else ("Yes", "No")
        for field in FIELDS:
            ticks = [tick[0] if field in a.fields else tick[1] for a in answers]
            made.append([f"Fields of expertise [{field}]", *ticks])
    return made


def expected(answers: list[Answer]) -> dict[str, Any]:
    """Return what is known of each person after all answers, in the order of their times."""
    known: dict[str, Any] = {f"p{n}@n.example": ["", "", "", []] for n in range(3)}
    for answer in sorted(answers, key=lambda each: each.minute):
        if answer.counts:
            person = known[f"p{answer.person}@n.example"]
            person[0] = answer.role or person[0]
            person[1] = answer.attendance or person[1]
            person[2:] = answer.notes, sorted(answer.fields)
    return known


def after(files: list[bytes]) -> dict[str, Any]:
    """Return what is known of each person after importing these files into a new program."""
    program = ProgramFactory()
    for number in range(3):
        ParticipantFactory(program=program, email=f"p{number}@n.example", signup_role="mentee")
    the = KINDS["responses"]
    for number, data in enumerate(files):
        table = the.read(program, data, f"{number}.csv")
        run_import(program, "responses", table, choice=the.choose(program, table, []))
    return {
        person.email: [
            person.survey_role,
            person.survey_attendance,
            person.notes,
            sorted(field.name for field in person.fields.all()),
        ]
        for person in Participant.objects.filter(program=program)
    }


class RandomAnswers(TestCase):
    @pytest.mark.slow
    @given(answers=ANSWERS, seed=st.integers(0, 2**32))
    @settings(max_examples=max(20, settings().max_examples // 8))
    def test_in_one_file_or_in_several_in_any_order(self, answers, seed):
        pick = random.Random(seed)
        layout = pick.randrange(3)

        def file(some: list[Answer]) -> bytes:
            made = answer_columns(some, pick, layout)
            pick.shuffle(made)
            return written(made, pick)

        pick.shuffle(answers)
        assert after([file(answers)]) == expected(answers)
        cut = pick.randrange(len(answers) + 1)
        parts = [part for part in (answers[:cut], answers[cut:]) if part]
        assert after([file(part) for part in parts]) == expected(answers)
