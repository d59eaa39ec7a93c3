"""A program's picture of one day: the numbers and the seven steps."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from committee.domain.dashboard.steps import Step, read_steps
from committee.domain.numbers import Numbers, count
from mentorship.models import Program


@dataclass(frozen=True)
class Dashboard:
    program: Program
    numbers: Numbers
    steps: list[Step]
    today: datetime.date

    @property
    def is_fresh(self) -> bool:
        """Whether nobody is in the program yet."""
        return self.numbers.people + self.numbers.withdrawn == 0

    @property
    def dates(self) -> str:
        """The conference's first to last day."""
        return self.program.formats.span(self.program.starts_on, self.program.ends_on)

    @property
    def is_over(self) -> bool:
        return self.today > self.program.ends_on

    @property
    def days_to_go(self) -> int:
        """Days until the first day; negative once it is past."""
        return (self.program.starts_on - self.today).days


def read_dashboard(
    program: Program, today: datetime.date | None = None, numbers: Numbers | None = None
) -> Dashboard:
    """Return the program's picture of this day (by default today, on the program's clock).

    `numbers` are those of the program, if they are counted already.
    """
    today = today or program.local(timezone.now()).date()
    numbers = numbers or count(program)
    return Dashboard(program, numbers, read_steps(program, numbers, today), today)
