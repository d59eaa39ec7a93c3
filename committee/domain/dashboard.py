"""How far a program is: the numbers, the seven steps, and what needs a decision.

This package knows all the others, so the whole picture is put together here. One query a table,
however many people there are.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from committee.domain.numbers import Numbers, count, doubtful_answers
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
    def is_over(self) -> bool:
        return self.today > self.program.ends_on

    @property
    def days_to_go(self) -> int:
        """Days until the first day; negative once it is past."""
        return (self.program.starts_on - self.today).days


def read_dashboard(program: Program, today: datetime.date | None = None) -> Dashboard:
    """Put the program's picture of this day together (by default today, where it is held)."""
    today = today or program.local(timezone.now()).date()
    numbers = count(program)
    proposal = Proposal.objects.filter(program=program).first()
    steps = [
        _signup(program, numbers, today),
        _survey(program, numbers, today),
        _research(program, numbers, today),
        _matches(program, numbers, proposal),
        _announcement(program, numbers, today),
        _problems(program, numbers, today),
        _feedback(program, numbers, today),
    ]
    return Dashboard(
        program=program,
        numbers=numbers,
        steps=steps,
        decisions=_decisions(program, numbers),
        today=today,
    )


def _day(date: datetime.date | None) -> str:
    return f"{date.day} {date:%b}" if date else ""


def _many(number: int, one: str, several: str) -> str:
    """Give the number with the word that fits it."""
    return f"{number} {one if number == 1 else several}"


def _people(number: int) -> str:
    return _many(number, "person", "people")


def _signup(program: Program, n: Numbers, today: datetime.date) -> Step:
    if not n.people:
        return Step(
            "Sign-up question",
            Progress.NEXT,
            "Ask about mentorship in the ticket shop, then bring its export here.",
            action=Action("Import sign-ups", "import_signups"),
        )
    over = today >= program.starts_on
    return Step(
        "Sign-up question",
        Progress.DONE,
        "Sign-ups are in." if over else "Sign-ups are in. A newer export adds late ones.",
        numbers=[(n.people, "signed up"), (n.mentors, "mentors"), (n.mentees, "mentees")],
        action=None if over else Action("Import a newer export", "import_signups"),
    )


def _survey(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Survey", _span(program.survey_opens_on, program.survey_closes_on)
    numbers: list[tuple[int | str, str]] = [
        (n.invited, "invited"),
        (f"{n.answered} of {n.people}", "answered"),
        (n.reminders, "reminders sent"),
    ]
    closes = program.survey_closes_on or program.announce_on or program.starts_on
    if not n.people:
        return Step(title, Progress.LATER, "Everybody who signed up is asked for details.", when)
    if not n.not_answered:
        return Step(title, Progress.DONE, "Everybody has answered.", when, numbers)
    if today > closes:
        sentence = f"The survey has closed; {_people(n.not_answered)} did not answer."
        return Step(title, Progress.DONE, sentence, when, numbers)
    if not n.invited:
        return Step(
            title,
            Progress.IN_PROGRESS if n.answered else Progress.NEXT,
            f"{_people(n.to_invite)} can be asked now.",
            when,
            numbers,
            Action("Send the survey", "send_survey"),
        )
    if n.to_invite:
        sentence = f"{_people(n.to_invite)} signed up late and can be asked now."
        action = Action("Ask late sign-ups", "send_survey")
    else:
        sentence = f"{_people(n.not_answered)} did not answer yet."
        action = Action("Send reminders", "send_reminder")
    return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, action)


def _span(first: datetime.date | None, last: datetime.date | None) -> str:
    return " to ".join(filter(None, [_day(first), _day(last)]))


def _research(program: Program, n: Numbers, today: datetime.date) -> Step:
    title = "Research"
    if not (n.invited or n.answered):
        return Step(title, Progress.LATER, "Look up whoever does not answer the survey.")
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
        f"{_people(n.not_answered)} did not answer: {n.researched} filled in, "
        f"{n.left_to_research} left.",
        f"from {_day(closes)}" if closes else "",
        numbers,
        Action("Go on with research", "research"),
    )


def _matches(program: Program, n: Numbers, proposal: Proposal | None) -> Step:
    title, when = "Matches", f"by {_day(program.announce_on)}" if program.announce_on else ""
    pairs = n.drafts + n.announced
    numbers: list[tuple[int | str, str]] = [
        (pairs, "pairs"),
        (n.unmatched_mentees, "mentees without a mentor"),
        (n.idle_mentors, "mentors without a mentee"),
    ]
    if not pairs:
        ready = bool(n.answered and n.mentors and n.mentees)
        return Step(
            title,
            Progress.NEXT if ready else Progress.LATER,
            "The matcher can propose pairs from what is known."
            if ready
            else "Pairs are proposed once people have answered.",
            when,
            [],
            Action("Propose matches", "propose") if ready else None,
        )
    sentence = (
        f"{_many(n.drafts, 'draft', 'drafts')} to look over."
        if n.drafts
        else "All matches are announced."
    )
    if proposal:
        proven = proposal.get_status_display()
        sentence = f"Proposed on {_day(program.local(proposal.created_at).date())}, {proven}. " + (
            sentence
        )
    if n.drafts:
        open_matches = Action("Look over the matches", "matches")
        return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, open_matches)
    return Step(title, Progress.DONE, sentence, when, numbers)


def _announcement(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Announcement", _day(program.announce_on)
    if not (n.drafts or n.announced):
        return Step(title, Progress.LATER, "Each pair is introduced by one mail.", when)
    numbers: list[tuple[int | str, str]] = [
        (n.announced, "pairs announced"),
        (n.drafts, "drafts"),
        (n.queued, "mails waiting"),
    ]
    if not n.drafts:
        return Step(title, Progress.DONE, "Every pair has been introduced.", when, numbers)
    announce = Action("Announce the matches", "announce")
    if n.announced:
        sentence = (
            f"{n.announced} announced, {_many(n.drafts, 'pair is', 'pairs are')} still to be."
        )
        return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, announce)
    due = program.announce_on is None or today >= program.announce_on
    return Step(
        title,
        Progress.NEXT if due else Progress.LATER,
        f"{_many(n.drafts, 'pair is', 'pairs are')} to be introduced.",
        when,
        numbers,
        announce if due else None,
    )


def _problems(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Problems and rematches", _span(program.starts_on, program.ends_on)
    numbers: list[tuple[int | str, str]] = [(n.concerns, "reported"), (n.open_concerns, "open")]
    if n.open_concerns:
        return Step(
            title,
            Progress.IN_PROGRESS,
            "Somebody needs help.",
            when,
            numbers,
            Action("See the problems", "problems"),
        )
    if today > program.ends_on:
        return Step(title, Progress.DONE, "Nothing is open.", when, numbers)
    if n.announced and today >= program.starts_on:
        return Step(title, Progress.IN_PROGRESS, "Nobody has reported a problem.", when, numbers)
    return Step(title, Progress.LATER, "Help whoever cannot reach their match.", when)


def _feedback(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Feedback", f"after {_day(program.ends_on)}"
    numbers: list[tuple[int | str, str]] = [(n.feedback, "answers")]
    if today <= program.ends_on:
        return Step(title, Progress.LATER, "Ask everybody how it went.", when)
    if not n.feedback:
        ask = Action("Ask how it went", "send_feedback")
        return Step(title, Progress.NEXT, "Nobody has been heard yet.", when, numbers, ask)
    read = Action("Read the feedback", "feedback")
    return Step(title, Progress.IN_PROGRESS, "Answers are coming in.", when, numbers, read)


def _decisions(program: Program, n: Numbers) -> list[Decision]:
    """Give what waits for a person, most pressing first; asks only for what there is."""
    people = Participant.objects.filter(program=program)
    found = []
    if n.roles_in_doubt:
        found.append(
            Decision(
                "person_alert",
                f"{_people(n.roles_in_doubt)} said two things about their role",
                _names(people.with_role_in_doubt()),
                Action("Decide", "roles_in_doubt"),
            )
        )
    if n.came_back:
        found.append(
            Decision(
                "unsubscribe",
                f"{_many(n.came_back, 'address', 'addresses')} came back: correct "
                f"{'it' if n.came_back == 1 else 'them'}",
                _names(people.taking_part().filter(mail_bounced_at__isnull=False)),
                Action("Correct", "bounced"),
            )
        )
    if n.to_send_again:
        found.append(
            Decision(
                "forward_to_inbox",
                f"{_many(n.to_send_again, 'mail', 'mails')} came back and can go again",
                "The address has been corrected since.",
                Action("Send again", "came_back_mail"),
            )
        )
    if n.mails_in_trouble:
        parts = [f"{n.failed} failed"] * bool(n.failed)
        parts += [f"{n.uncertain} uncertain"] * bool(n.uncertain)
        found.append(
            Decision(
                "unsubscribe",
                f"{_many(n.mails_in_trouble, 'mail', 'mails')} did not surely arrive",
                ", ".join(parts),
                Action("See why", "failed_mail" if n.failed else "uncertain_mail"),
            )
        )
    if n.doubtful_answers:
        answers = doubtful_answers(program)
        found.append(
            Decision(
                "contact_support",
                f"{_many(len(answers), 'answer is', 'answers are')} in doubt",
                _shortened([str(answer.participant) for answer in answers]),
                Action("Read", "doubtful_answers"),
            )
        )
    if n.missing:
        found.append(
            Decision(
                "event_busy",
                f"{_many(n.missing, 'person is', 'people are')} no longer in the ticket list",
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
                f"{_many(n.open_concerns, 'problem is', 'problems are')} open",
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
