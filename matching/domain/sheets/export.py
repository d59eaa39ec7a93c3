"""The two sheets of a program: mentors with their mentees, and mentees with their mentor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from matching.domain.matches.people import People, read_people
from matching.domain.sheets.names import labels_of
from matching.models import Match
from mentorship.models import Participant, Program, Question, SurveyResponse


@dataclass
class SheetRow:
    """A person on a sheet: their label there, their bin, and the labels of their partners."""

    person: Participant
    label: str
    bin: str = ""
    partners: list[str] = field(default_factory=list)


@dataclass
class MatchSheets:
    """Both sheets, in the order of their blocks; `answers` are the newest, by a person's key."""

    program: Program
    people: People
    mentors: list[SheetRow]
    mentees: list[SheetRow]
    matches: list[Match]
    questions: list[Question]
    answers: dict[int, dict[str, Any]]


def read_match_sheets(program: Program) -> MatchSheets:
    """Read a program's two sheets, in a number of queries that does not grow with its people.

    Everyone who is taking part is on the sheet of their role, and so is everyone in a live match.
    A person is in the bin of their first pair, else of their first field; within a bin those who
    attend virtually come first.
    """
    people = read_people(program)
    matches = list(program.matches.live().select_related("bin"))
    mentors = {p.pk: p for p in people.mentors}
    mentees = {p.pk: p for p in people.mentees}
    for match in matches:
        mentors.setdefault(match.mentor_id, people.by_pk[match.mentor_id])
        mentees.setdefault(match.mentee_id, people.by_pk[match.mentee_id])
    sheets = MatchSheets(
        program=program,
        people=people,
        mentors=_rows(people, mentors, mentees, [(m, m.mentor_id, m.mentee_id) for m in matches]),
        mentees=_rows(people, mentees, mentors, [(m, m.mentee_id, m.mentor_id) for m in matches]),
        matches=matches,
        questions=list(program.questions.all()),
        answers={},
    )
    newest = SurveyResponse.objects.filter(participant__program=program).newest()
    for answer in newest.values(
        "participant_id", "wants_to_meet", "rather_not_meet", "free_hours", "other_answers"
    ):
        sheets.answers[answer["participant_id"]] = {**answer}
    return sheets


def _rows(
    people: People,
    here: dict[int, Participant],
    there: dict[int, Participant],
    pairs: list[tuple[Match, int, int]],
) -> list[SheetRow]:
    labels, theirs = labels_of(here.values()), labels_of(there.values())
    rows = {pk: SheetRow(person, labels[pk]) for pk, person in here.items()}
    for match, mine, other in pairs:
        row = rows[mine]
        row.partners.append(theirs[other])
        row.bin = row.bin or (match.bin.name if match.bin else "")
    for row in rows.values():
        known = people.fields_of(row.person)
        row.bin = row.bin or (known[0].name if known else "")
    order = {f.name: i for i, f in enumerate(people.fields)}
    return sorted(
        rows.values(),
        key=lambda row: (
            order.get(row.bin, len(order)),
            not row.person.is_virtual,
            row.person.name.casefold(),
            row.person.pk,
        ),
    )
