"""The seven steps of a program: how far each is, in words and numbers, and what to do next."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.utils.translation import ngettext

from committee.domain.numbers import Numbers, people_counted
from matching.domain.matches.asked import drafts_asked_about
from matching.models import Proposal
from mentorship.domain.survey.window import takes_answers
from mentorship.models import Program


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
    """One of the seven steps. `numbers` are (number, what it counts).

    `state` says how it is to readers, where `sentence` says what to do, which they may not.
    """

    title: str
    progress: Progress
    sentence: str
    when: str = ""
    numbers: list[tuple[int | str, str]] = field(default_factory=list)
    action: Action | None = None
    state: str = ""

    def sentence_for(self, acts: bool) -> str:
        """Return the sentence for somebody who may act on this step, or for a reader."""
        return self.sentence if acts else self.state or self.sentence


def read_steps(program: Program, numbers: Numbers, today: datetime.date) -> list[Step]:
    """Return the seven steps as they are on this day of the program's clock."""
    proposal = Proposal.objects.filter(program=program).first()
    return [
        _signups(program, numbers, today),
        _survey(program, numbers, today),
        _research(program, numbers, today),
        _matches(program, numbers, proposal, today),
        _announcement(program, numbers, today),
        _support(program, numbers, today),
        _feedback(program, numbers, today),
    ]


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
            state="Nobody has signed up yet.",
        )
    over = today >= program.starts_on
    return Step(
        title,
        Progress.DONE,
        "Sign-ups are in." if over else "Sign-ups are in. Import a newer export to add late ones.",
        numbers=[(n.people, "signed up"), (n.mentors, "mentors"), (n.mentees, "mentees")],
        action=None if over else Action("Import a newer export", "import_signups"),
        state="Sign-ups are in.",
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
        ask, state = "Ask everyone who signed up for details.", "Nobody has been asked yet."
        return Step(title, Progress.LATER, ask, when, state=state)
    if not n.not_answered:
        return Step(title, Progress.DONE, "Everyone has answered.", when, numbers)
    unanswered = ngettext(
        "%(n)d person hasn't answered", "%(n)d people haven't answered", n.not_answered
    ) % {"n": n.not_answered}
    if today > closes:
        sentence = f"The survey has closed; {unanswered}."
        if takes_answers(program, today):
            sentence = f"{unanswered}. Late responses are still taken."
        return Step(title, Progress.DONE, sentence, when, numbers)
    if not n.invited:
        return Step(
            title,
            Progress.IN_PROGRESS if n.answered else Progress.NEXT,
            f"{people_counted(n.to_invite)} can be invited now.",
            when,
            numbers,
            Action("Send the survey", "send_survey"),
            f"Not invited yet: {people_counted(n.to_invite)}.",
        )
    if n.to_invite:
        sentence = f"{people_counted(n.to_invite)} signed up late and can be invited now."
        state = f"Signed up late, not invited yet: {people_counted(n.to_invite)}."
        action = Action("Invite late sign-ups", "send_survey")
    else:
        sentence = state = f"{unanswered} yet."
        action = Action("See who is due a reminder", "send_reminder")
    return Step(title, Progress.IN_PROGRESS, sentence, when, numbers, action, state)


def _dates(program: Program, first: datetime.date | None, last: datetime.date | None) -> str:
    if first and last and first <= last:
        return program.formats.short_span(first, last)
    return " to ".join(program.formats.short_day(day) for day in (first, last) if day)


def _research(program: Program, n: Numbers, today: datetime.date) -> Step:
    title = "Research"
    if not (n.invited or n.answered):
        look_up = "Look up people who don't answer the survey."
        return Step(title, Progress.LATER, look_up, state="The survey has not begun.")
    numbers: list[tuple[int | str, str]] = [
        (n.researched, "filled in"),
        (n.left_to_research, "left"),
    ]
    if not n.left_to_research:
        return Step(title, Progress.DONE, "Nobody is left to look up.", "", numbers)
    if today > program.ends_on:
        left = f"{people_counted(n.left_to_research)} never looked up."
        return Step(title, Progress.DONE, left, "", numbers)
    closes = program.survey_closes_on
    waiting = closes and today <= closes and not n.researched
    return Step(
        title,
        Progress.LATER if waiting else Progress.IN_PROGRESS,
        f"{people_counted(n.left_to_research)} left to look up.",
        f"from {program.formats.short_day(closes)}" if closes else "",
        numbers,
        Action("Continue research" if n.researched else "Start research", "research"),
    )


def _matches(program: Program, n: Numbers, proposal: Proposal | None, today: datetime.date) -> Step:
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
            "There are no matches yet.",
        )
    proposed = ""
    if proposal:
        day = program.formats.short_day(program.local(proposal.created_at).date())
        proposed = f"Proposed on {day}, {proposal.get_status_display()}. "
    if not n.drafts:
        return Step(title, Progress.DONE, f"{proposed}All matches are announced.", when, numbers)
    drafts = ngettext("%(n)d draft", "%(n)d drafts", n.drafts) % {"n": n.drafts}
    if today > program.ends_on:
        return Step(title, Progress.DONE, f"{proposed}{drafts} never announced.", when, numbers)
    return Step(
        title,
        Progress.IN_PROGRESS,
        f"{proposed}{drafts} to review.",
        when,
        numbers,
        Action("Review the matches", "matches"),
        f"{proposed}{drafts}.",
    )


def _announcement(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Announcement", program.formats.short_day(program.announce_on)
    if not (n.drafts or n.announced):
        introduce, state = "Introduce each pair by email.", "There are no matches yet."
        return Step(title, Progress.LATER, introduce, when, state=state)
    numbers: list[tuple[int | str, str]] = [
        (n.announced, "pairs announced"),
        (n.drafts, "drafts"),
        (n.queued, "emails waiting"),
    ]
    if not n.drafts:
        return _told(program, n, today, Step(title, Progress.DONE, "", when, numbers))
    if today > program.ends_on:
        sentence = f"{_pairs(n.announced)} introduced; the others were never announced."
        return Step(title, Progress.DONE, sentence, when, numbers)
    if program.mentors_first and (asking := _mentors_to_ask(program, today, when, numbers)):
        return asking
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
        f"Not introduced yet: {_pairs(n.drafts)}.",
    )


def _told(program: Program, n: Numbers, today: datetime.date, step: Step) -> Step:
    """Return the step once every pair is announced: whose email is still to come."""
    if n.introducing:
        words = ngettext(
            "%(n)d match email is waiting to be sent.",
            "%(n)d match emails are waiting to be sent.",
            n.introducing,
        )
        waits = words % {"n": n.introducing}
        return replace(step, progress=Progress.IN_PROGRESS, sentence=waits, state=waits)
    untold = n.untold_mentors + n.untold_mentees
    if not untold or today > program.ends_on:
        return replace(step, sentence="Every pair has been introduced.")
    words = ngettext(
        "Every pair has been introduced. %(n)d person without a match has not been told.",
        "Every pair has been introduced. %(n)d people without a match have not been told.",
        untold,
    )
    tell = (
        Action("Tell unmatched mentors", "send_unmatched_mentor")
        if n.untold_mentors
        else Action("Tell unmatched mentees", "send_unmatched_mentee")
    )
    said = words % {"n": untold}
    return replace(step, progress=Progress.IN_PROGRESS, sentence=said, action=tell, state=said)


def _mentors_to_ask(
    program: Program,
    today: datetime.date,
    when: str,
    numbers: list[tuple[int | str, str]],
) -> Step | None:
    """Return the step while mentors are to be asked or answer; None once one has accepted."""
    drafts = drafts_asked_about(program)
    accepted = sum(asked.may_be_announced for asked in drafts)
    waiting = sum(asked.waits for asked in drafts)
    to_ask = len(drafts) - accepted - waiting
    numbers = [*numbers, (waiting, "waiting for a mentor"), (accepted, "accepted")]
    if to_ask:
        # A day to spare after the last answer.
        days = datetime.timedelta(days=program.mentor_days + 1)
        due = program.announce_on is None or today >= program.announce_on - days
        words = ngettext(
            "%(n)d match needs its mentor’s yes first. Send the “Question to a mentor”.",
            "%(n)d matches need their mentors’ yes first. Send the “Question to a mentor”.",
            to_ask,
        )
        return Step(
            "Announcement",
            Progress.NEXT if due else Progress.LATER,
            words % {"n": to_ask},
            when,
            numbers,
            Action("Ask the mentors", "ask_mentors") if due else None,
            f"Waiting for mentors to be asked: {_pairs(to_ask)}.",
        )
    if accepted:
        return None
    words = ngettext(
        "Waiting for %(n)d answer to the “Question to a mentor”.",
        "Waiting for %(n)d answers to the “Question to a mentor”.",
        waiting,
    )
    return Step("Announcement", Progress.IN_PROGRESS, words % {"n": waiting}, when, numbers)


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
    help_them, state = "Help people who can't reach their match.", "Nobody has asked for help."
    return Step(title, Progress.LATER, help_them, when, state=state)


def _feedback(program: Program, n: Numbers, today: datetime.date) -> Step:
    title, when = "Feedback", f"after {program.formats.short_day(program.ends_on)}"
    numbers: list[tuple[int | str, str]] = [(n.feedback, "received")]
    if today <= program.ends_on:
        ask_all, state = "Ask everyone how it went.", "Nobody has been asked yet."
        return Step(title, Progress.LATER, ask_all, when, state=state)
    if not n.feedback:
        ask = Action("Ask how it went", "send_feedback")
        return Step(title, Progress.NEXT, "No feedback yet.", when, numbers, ask)
    read = Action("Read the feedback", "feedback")
    return Step(title, Progress.IN_PROGRESS, "Feedback is coming in.", when, numbers, read)
