"""How many of those who take part have answered, day by day, and when they were asked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from committee.domain.statistics.days import ByDay, by_day, first_answers, summed
from mentorship.models import Program
from notifications.models import EmailLog, Kind

# Of a hundred people who signed up, so many answer in a usual year.
USUAL = (60, 80)


@dataclass(frozen=True)
class ResponseRate:
    """The response rate over time.

    `answered` has the number who had answered by each day on which somebody did for the first
    time; `invited` and `reminded` the number of emails sent on each day. `people` take part now.
    """

    people: int
    answered: ByDay
    invited: ByDay
    reminded: ByDay

    @property
    def percents(self) -> dict[datetime.date, int]:
        """The share of all who take part that had answered by each day, in whole percent."""
        return {day: percent(number, self.people) for day, number in self.answered.items()}

    @property
    def now(self) -> int:
        """The share of those who take part that has answered, in whole percent."""
        return max(self.percents.values(), default=0)


def percent(part: int, whole: int) -> int:
    """Return a share in whole percent, 100 only for all and 0 only for none."""
    if not whole:
        return 0
    rounded = round(100 * part / whole)
    return max(1, min(99, rounded)) if 0 < part < whole else rounded


def response_rate(program: Program, people: int) -> ResponseRate:
    """Return the response rate of the `people` who take part; three queries."""
    sent = EmailLog.objects.filter(program=program, state=EmailLog.State.SENT)
    return ResponseRate(
        people,
        summed(by_day(first_answers(program), "submitted_at", program.zone)),
        by_day(sent.filter(kind=Kind.SURVEY), "sent_at", program.zone),
        by_day(sent.filter(kind=Kind.REMINDER), "sent_at", program.zone),
    )
