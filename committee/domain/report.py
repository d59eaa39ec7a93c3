"""The report on a program: everything that is counted, as tables; nobody's name is in them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from committee.domain.numbers import Numbers, count
from committee.domain.statistics.days import by_day, first_answers, summed
from committee.domain.statistics.responses import ResponseRate, percent, response_rate
from matching.models import Concern, Feedback, Match
from mentorship.models import Attendance, Participant, Program, Role
from notifications.models import EmailLog, Kind

_MOST_FULL = 5
_AFFINITY_STEP = 100


@dataclass(frozen=True)
class ReportTable:
    """Numbers under headings: one row for each thing that is counted; None is "not known"."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int | float | None]]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is counted in it."""
        return not any(number for _, numbers in self.rows for number in numbers)


@dataclass(frozen=True)
class ProgramReport:
    """The tables of the report. `signups` and `answers` are the sums by day behind `days`."""

    program: Program
    numbers: Numbers
    glance: ReportTable
    days: ReportTable
    signups: dict[datetime.date, int]
    answers: dict[datetime.date, int]
    rate: ResponseRate
    others: list[ReportTable] = field(default_factory=list)

    @property
    def tables(self) -> list[ReportTable]:
        return [self.glance, self.days, *self.others]


def read_report(program: Program, earlier: Sequence[Program] = ()) -> ProgramReport:
    """Return the report on a program, beside the `earlier` ones that it continues."""
    numbers = count(program)
    people = Participant.objects.filter(program=program)
    came = people.annotate(came=Coalesce("registered_at", "created_at"))
    signups = summed(by_day(came, "came", program.zone))
    answers = summed(by_day(first_answers(program), "submitted_at", program.zone))
    return ProgramReport(
        program,
        numbers,
        _glance([(program, numbers), *((each, count(each)) for each in earlier)]),
        _days(program, signups, answers),
        signups,
        answers,
        response_rate(program, numbers.people),
        [
            _fields(program),
            _attendance(program),
            _fullness(program),
            _affinity(program),
            _emails(program),
            _help_requests(program),
            _ratings(program),
            _feedback(program),
        ],
    )


def earlier_programs(program: Program, among: Sequence[Program]) -> list[Program]:
    """Return the programs that this one was copied from, newest first, those `among` these."""
    known = {each.pk: each for each in among}
    found: list[Program] = []
    key = program.copied_from_id
    while key in known and known[key] not in found:
        found.append(known[key])
        key = known[key].copied_from_id
    return found


def _glance(counted: Sequence[tuple[Program, Numbers]]) -> ReportTable:
    programs = [program.pk for program, _ in counted]
    rating = dict(
        Feedback.objects.filter(program__in=programs)
        .order_by()
        .values_list("program")
        .annotate(rating=Avg("rating"))
    )
    mentors = Participant.objects.filter(program__in=programs, withdrawn_at=None, role=Role.MENTOR)
    places = dict(mentors.order_by().values_list("program").annotate(places=Sum("capacity")))
    numbers = [each for _, each in counted]
    rows: list[tuple[str, Sequence[int | float | None]]] = [
        ("Signed up and taking part", [n.people for n in numbers]),
        ("Withdrew", [n.withdrawn for n in numbers]),
        ("Mentors", [n.mentors for n in numbers]),
        ("Mentees", [n.mentees for n in numbers]),
        ("Places with mentors", [places.get(key, 0) for key in programs]),
        ("Answered the survey", [n.answered for n in numbers]),
        ("Response rate in percent", [percent(n.answered, n.people) for n in numbers]),
        ("Looked up by the committee", [n.researched for n in numbers]),
        ("Pairs", [n.drafts + n.announced for n in numbers]),
        ("Pairs announced", [n.announced for n in numbers]),
        ("Unmatched mentees", [n.unmatched_mentees for n in numbers]),
        ("Mentors without a mentee", [n.idle_mentors for n in numbers]),
        ("Help requests", [n.concerns for n in numbers]),
        ("Feedback received", [n.feedback for n in numbers]),
        (
            "Mean rating, 1 to 5",
            [None if (r := rating.get(key)) is None else round(r, 1) for key in programs],
        ),
    ]
    return ReportTable("At a glance", [str(program) for program, _ in counted], rows)


def _days(
    program: Program, signups: dict[datetime.date, int], answers: dict[datetime.date, int]
) -> ReportTable:
    rows, came, answered = [], 0, 0
    for day in sorted(signups.keys() | answers.keys()):
        came, answered = signups.get(day, came), answers.get(day, answered)
        rows.append((program.formats.short_date(day), [came, answered]))
    return ReportTable("Sign-ups and responses over time", ["Sign-ups", "Responses"], rows)


def _by_role(
    people: list[dict[str, Any]], labels: Sequence[tuple[int | str | None, str]], column: str
) -> list[tuple[str, list[int | float | None]]]:
    found = {(row[column], row["role"]): int(row["number"]) for row in people}
    return [
        (label, [found.get((key, role), 0) for role in (Role.MENTOR, Role.MENTEE)])
        for key, label in labels
    ]


def _counted_by(program: Program, column: str) -> list[dict[str, Any]]:
    people = Participant.objects.filter(program=program, withdrawn_at=None).order_by()
    return list(people.values(column, "role").annotate(number=Count("pk")))


def _fields(program: Program) -> ReportTable:
    labels: list[tuple[int | str | None, str]] = [
        *((each.pk, each.name) for each in program.fields.all()),
        (None, "Not known"),
    ]
    rows = _by_role(_counted_by(program, "fields"), labels, "fields")
    return ReportTable("Fields (people with several count in each)", ["Mentors", "Mentees"], rows)


def _attendance(program: Program) -> ReportTable:
    labels = [*((each.value, str(each.label).capitalize()) for each in Attendance)]
    rows = _by_role(_counted_by(program, "attendance"), [*labels, ("", "Not known")], "attendance")
    return ReportTable("Attendance", ["Mentors", "Mentees"], rows)


def _fullness(program: Program) -> ReportTable:
    live = Match.objects.live().filter(mentor=OuterRef("pk")).order_by().values("mentor")
    mentees = Coalesce(
        Subquery(live.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
    )
    mentors = Participant.objects.filter(program=program, withdrawn_at=None, role=Role.MENTOR)
    found: dict[int, int] = {}
    rows = mentors.order_by().annotate(has=mentees).values_list("has")
    for has, number in rows.annotate(number=Count("pk")):
        found[min(has, _MOST_FULL)] = found.get(min(has, _MOST_FULL), 0) + number
    labels = ["No mentee", "1 mentee", *(f"{n} mentees" for n in range(2, _MOST_FULL))]
    labels.append(f"{_MOST_FULL} mentees or more")
    return ReportTable(
        "How full mentors were", ["Mentors"], [(w, [found.get(n, 0)]) for n, w in enumerate(labels)]
    )


def _affinity(program: Program) -> ReportTable:
    pairs = Match.objects.live().filter(program=program, affinity__isnull=False).order_by()
    steps = 1000 // _AFFINITY_STEP
    found = [0] * steps
    for affinity, number in pairs.values_list("affinity").annotate(number=Count("pk")):
        found[min(affinity // _AFFINITY_STEP, steps - 1)] += number
    rows = [
        (f"{n * _AFFINITY_STEP} to {(n + 1) * _AFFINITY_STEP - (n < steps - 1)}", [number])
        for n, number in enumerate(found)
    ]
    return ReportTable("Affinity of pairs, 0 to 1000", ["Pairs"], rows)


def _emails(program: Program) -> ReportTable:
    emails = EmailLog.objects.filter(program=program).order_by()
    found = {
        (kind, state): number
        for kind, state, number in emails.values_list("kind", "state").annotate(n=Count("pk"))
    }
    bounced = dict(
        emails.filter(came_back_at__isnull=False).values_list("kind").annotate(n=Count("pk"))
    )
    # A program uses few of the kinds and states.
    kinds = [kind for kind in Kind if any(kind == used for used, _ in found)]
    states = [state for state in EmailLog.State if any(state == used for _, used in found)]
    return ReportTable(
        "Emails by state",
        [*(str(state.label) for state in states), "of these bounced"],
        [
            (str(kind.label), [*(found.get((kind, s), 0) for s in states), bounced.get(kind, 0)])
            for kind in kinds
        ],
    )


def _help_requests(program: Program) -> ReportTable:
    requests = Concern.objects.filter(program=program).order_by()
    found = {
        (kind, status): number
        for kind, status, number in requests.values_list("kind", "status").annotate(n=Count("pk"))
    }
    states = list(Concern.Status)
    return ReportTable(
        "Help requests",
        [str(state.label) for state in states],
        [(str(k.label), [found.get((k, s), 0) for s in states]) for k in Concern.Kind],
    )


def _ratings(program: Program) -> ReportTable:
    given = Feedback.objects.filter(program=program, rating__isnull=False).order_by()
    found = dict(given.values_list("rating").annotate(n=Count("pk")))
    return ReportTable(
        "Ratings, 5 is best", ["Feedback"], [(str(n), [found.get(n, 0)]) for n in range(5, 0, -1)]
    )


def _feedback(program: Program) -> ReportTable:
    given = Feedback.objects.filter(program=program)
    asked = {"Met": "met", "Would come again": "would_come_again"}
    found = given.aggregate(
        **{f"{c}_yes": Count("pk", filter=Q(**{c: True})) for c in asked.values()},
        **{f"{c}_no": Count("pk", filter=Q(**{c: False})) for c in asked.values()},
    )
    return ReportTable(
        "Feedback",
        ["Yes", "No"],
        [(label, [found[f"{c}_yes"], found[f"{c}_no"]]) for label, c in asked.items()],
    )
