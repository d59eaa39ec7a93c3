"""How far a program is: the numbers, the seven steps, and what needs a decision.

One query a table, however many people there are.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from committee.domain.numbers import Numbers, count, doubtful_answers, people_counted
from matching.models import Concern, Proposal
from mentorship.models import Participant, Program

_NAMES_SHOWN = 3


class Progress(StrEnum):
    """How far a step is; the value is the word that people read."""

    DONE = "done"
    IN_PROGRESS = "in progress"
    NEXT = "next"
    LATER = "later"

    @property
    def slug(self) -> str:
        """The word as a part of a style's name."""
        return self.value.replace(" ", "-")


@dataclass(frozen=True)
class Action:
    """The one thing to do next: what the button says, and which page it opens."""

    words: str
    page: str


@dataclass(frozen=True)
class Step:
    """One of the seven steps. `numbers` are (number, what it counts)."""

    title: str
    progress: Progress
    sentence: str
    when: str = ""
    numbers: list[tuple[int | str, str]] = field(default_factory=list)
    action: Action | None = None


@dataclass(frozen=True)
class Decision:
    """Something that only a person can decide, with up to three of the names concerned."""

    icon: str
    sentence: str
    detail: str
    action: Action


@dataclass(frozen=True)
class Dashboard:
    program: Program
    numbers: Numbers
    steps: list[Step]
    decisions: list[Decision]
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


def read_dashboard(program: Program, today: datetime.date | None = None) -> Dashboard:
    """Return the program's picture of this day (by default today, on the program's clock)."""
    today = today or program.local(timezone.now()).date()
    numbers = count(program)
    proposal = Proposal.objects.filter(program=program).first()
    steps = [
        _signups(program, numbers, today),
        _survey(program, numbers, today),
        _research(program, numbers, today),
        _matches(program, numbers, proposal),
        _announcement(program, numbers, today),
        _support(program, numbers, today),
        _feedback(program, numbers, today),
    ]
    return Dashboard(
        program=program,
        numbers=numbers,
        steps=steps,
        decisions=_decisions(program, numbers),
        today=today,
    )


def _pairs(number: int) -> str:
    return ngettext("%(n)d pair", "%(n)d pairs", number) % {"n": number}


def _signups(program: Program, n: Numbers, today: datetime.date) -> Step:
    title = "Sign-ups"
    if not n.people:
        return Step(
            title,
            Progress.NEXT,
            "Ask about mentorship in the ticket shop, then import its export.",
            action=Action("Import sign-ups", "import_signups"),
        )
    over = today >= program.starts_on
    return Step(
        title,
        Progress.DONE,
        "Sign-ups are in." if over else "Sign-ups are in. Import a newer export to add late ones.",
        numbers=[(n.people, "signed up"), (n.mentors, "mentors"), (n.mentees, "mentees")],
        action=None if over else Action("Import a newer export", "import_signups"),
    )


def _survey(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Survey", _dates(program, program.survey_opens_on, program.survey_closes_on)
    numbers: list[tuple[int | str, str]] = [
        (n.invited, "invited"),
        (f"{n.answered} of {n.people}", "answered"),
        (n.reminders, "reminders sent"),
    ]
    closes = program.survey_closes_on or program.announce_on or program.starts_on
    if not n.people:
        return Step(title, Progress.LATER, "Ask everyone who signed up for details.", when)
    if not n.not_answered:
        return Step(title, Progress.DONE, "Everyone has answered.", when, numbers)
    unanswered = ngettext(
        "%(n)d person hasn't answered", "%(n)d people haven't answered", n.not_answered
    ) % {"n": n.not_answered}
    if today > closes:
        sentence = f"The survey has closed; {unanswered}."
        return Step(title, Progress.DONE, sentence, when, numbers)
    if not n.invited:
        return Step(
            title,
            Progress.IN_PROGRESS if n.answered else Progress.NEXT,
            f"{people_counted(n.to_invite)} can be invited now.",
            when,
            numbers,
            Action("Send the survey", "send_survey"),
        )
    if n.to_invite:
        sentence = f"{people_counted(n.to_invite)} signed up late and can be invited now."
        action = Action("Invite late sign-ups", "send_survey")
    else:
        sentence = f"{unanswered} yet."
        action = Action("Send reminders", "send_reminder")
    return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, action)


def _dates(program: Program, first: datetime.date | None, last: datetime.date | None) -> str:
    if first and last and first <= last:
        return program.formats.short_span(first, last)
    return " to ".join(program.formats.short_day(day) for day in (first, last) if day)


def _research(program: Program, n: Numbers, today: datetime.date) -> Step:
    title = "Research"
    if not (n.invited or n.answered):
        return Step(title, Progress.LATER, "Look up people who don't answer the survey.")
    numbers: list[tuple[int | str, str]] = [
        (n.researched, "filled in"),
        (n.left_to_research, "left"),
    ]
    if not n.left_to_research:
        return Step(title, Progress.DONE, "Nobody is left to look up.", "", numbers)
    closes = program.survey_closes_on
    waiting = closes and today <= closes and not n.researched
    return Step(
        title,
        Progress.LATER if waiting else Progress.IN_PROGRESS,
        f"{people_counted(n.left_to_research)} left to look up.",
        f"from {program.formats.short_day(closes)}" if closes else "",
        numbers,
        Action("Continue research", "research"),
    )


def _matches(program: Program, n: Numbers, proposal: Proposal | None) -> Step:
    announce_on = program.formats.short_day(program.announce_on)
    title, when = "Matches", f"by {announce_on}" if announce_on else ""
    pairs = n.drafts + n.announced
    numbers: list[tuple[int | str, str]] = [
        (pairs, "pairs"),
        (n.unmatched_mentees, "unmatched mentees"),
        (n.idle_mentors, "mentors without a mentee"),
    ]
    if not pairs:
        ready = bool(n.answered and n.mentors and n.mentees)
        return Step(
            title,
            Progress.NEXT if ready else Progress.LATER,
            "Ready to propose pairs." if ready else "Propose pairs once people have answered.",
            when,
            [],
            Action("Propose matches", "propose") if ready else None,
        )
    sentence = (
        ngettext("%(n)d draft to review.", "%(n)d drafts to review.", n.drafts) % {"n": n.drafts}
        if n.drafts
        else "All matches are announced."
    )
    if proposal:
        day = program.formats.short_day(program.local(proposal.created_at).date())
        sentence = f"Proposed on {day}, {proposal.get_status_display()}. {sentence}"
    if n.drafts:
        review = Action("Review the matches", "matches")
        return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, review)
    return Step(title, Progress.DONE, sentence, when, numbers)


def _announcement(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Announcement", program.formats.short_day(program.announce_on)
    if not (n.drafts or n.announced):
        return Step(title, Progress.LATER, "Introduce each pair by email.", when)
    numbers: list[tuple[int | str, str]] = [
        (n.announced, "pairs announced"),
        (n.drafts, "drafts"),
        (n.queued, "emails waiting"),
    ]
    if not n.drafts:
        return Step(title, Progress.DONE, "Every pair has been introduced.", when, numbers)
    announce = Action("Announce the matches", "announce")
    if n.announced:
        sentence = f"{_pairs(n.announced)} announced, {n.drafts} to go."
        return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, announce)
    due = program.announce_on is None or today >= program.announce_on
    return Step(
        title,
        Progress.NEXT if due else Progress.LATER,
        f"{_pairs(n.drafts)} to introduce.",
        when,
        numbers,
        announce if due else None,
    )


def _support(program: Program, n: Numbers, today: datetime.date) -> Step:
    title = "Help requests and rematches"
    when = _dates(program, program.starts_on, program.ends_on)
    numbers: list[tuple[int | str, str]] = [(n.concerns, "received"), (n.open_concerns, "open")]
    if n.open_concerns:
        return Step(
            title,
            Progress.IN_PROGRESS,
            "Somebody needs help.",
            when,
            numbers,
            Action("Open help requests", "problems"),
        )
    if today > program.ends_on:
        return Step(title, Progress.DONE, "Nothing is open.", when, numbers)
    if n.announced and today >= program.starts_on:
        return Step(title, Progress.IN_PROGRESS, "Nobody has asked for help.", when, numbers)
    return Step(title, Progress.LATER, "Help people who can't reach their match.", when)


def _feedback(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Feedback", f"after {program.formats.short_day(program.ends_on)}"
    numbers: list[tuple[int | str, str]] = [(n.feedback, "received")]
    if today <= program.ends_on:
        return Step(title, Progress.LATER, "Ask everyone how it went.", when)
    if not n.feedback:
        ask = Action("Ask how it went", "send_feedback")
        return Step(title, Progress.NEXT, "No feedback yet.", when, numbers, ask)
    read = Action("Read the feedback", "feedback")
    return Step(title, Progress.IN_PROGRESS, "Feedback is coming in.", when, numbers, read)


def _decisions(program: Program, n: Numbers) -> list[Decision]:
    """Return what waits for a person, most pressing first; ask only for what there is."""
    people = Participant.objects.filter(program=program)
    found = []
    if n.roles_in_doubt:
        found.append(
            Decision(
                "person_alert",
                f"Role unclear for {people_counted(n.roles_in_doubt)}",
                _names(people.with_role_in_doubt()),
                Action("Decide", "roles_in_doubt"),
            )
        )
    if n.came_back:
        found.append(
            Decision(
                "unsubscribe",
                ngettext(
                    "%(n)d email address bounced: correct it",
                    "%(n)d email addresses bounced: correct them",
                    n.came_back,
                )
                % {"n": n.came_back},
                _names(people.taking_part().filter(mail_bounced_at__isnull=False)),
                Action("Correct", "bounced"),
            )
        )
    if n.to_send_again:
        found.append(
            Decision(
                "forward_to_inbox",
                ngettext(
                    "%(n)d bounced email can be sent again",
                    "%(n)d bounced emails can be sent again",
                    n.to_send_again,
                )
                % {"n": n.to_send_again},
                "The address has been corrected since.",
                Action("Send again", "came_back_mail"),
            )
        )
    if n.emails_in_trouble:
        parts = [f"{n.failed} failed"] * bool(n.failed)
        parts += [f"{n.uncertain} uncertain"] * bool(n.uncertain)
        found.append(
            Decision(
                "unsubscribe",
                ngettext(
                    "%(n)d email may not have arrived",
                    "%(n)d emails may not have arrived",
                    n.emails_in_trouble,
                )
                % {"n": n.emails_in_trouble},
                ", ".join(parts),
                Action("See why", "failed_mail" if n.failed else "uncertain_mail"),
            )
        )
    if n.doubtful_answers:
        answers = doubtful_answers(program)
        found.append(
            Decision(
                "contact_support",
                ngettext("%(n)d response needs review", "%(n)d responses need review", len(answers))
                % {"n": len(answers)},
                _shortened([str(answer.participant) for answer in answers]),
                Action("Review", "doubtful_answers"),
            )
        )
    if n.missing:
        found.append(
            Decision(
                "event_busy",
                ngettext(
                    "%(n)d person is no longer registered",
                    "%(n)d people are no longer registered",
                    n.missing,
                )
                % {"n": n.missing},
                _names(people.not_in_signups()),
                Action("Withdraw or keep", "missing"),
            )
        )
    if n.open_concerns:
        concerned = people.filter(
            pk__in=Concern.objects.filter(program=program, status=Concern.Status.OPEN).values(
                "participant"
            )
        )
        found.append(
            Decision(
                "support",
                ngettext(
                    "%(n)d help request is open", "%(n)d help requests are open", n.open_concerns
                )
                % {"n": n.open_concerns},
                _names(concerned),
                Action("Help", "problems"),
            )
        )
    return found


def _names(people: QuerySet[Participant]) -> str:
    return _shortened([str(person) for person in people[: _NAMES_SHOWN + 1]])


def _shortened(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and others" if len(names) > _NAMES_SHOWN else shown
