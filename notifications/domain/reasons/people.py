"""Emails to one person, for a reason that lies in this person."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from matching.models import Feedback, Match
from mentorship.domain.signup.tokens import signup_token
from mentorship.domain.survey.window import takes_answers
from mentorship.models import Participant, Program, Role, SurveyResponse
from notifications.domain.content import placeholders
from notifications.domain.reasons.candidates import (
    Audience,
    Candidate,
    Units,
    common_obstacle,
    each,
)
from notifications.domain.schedule_defaults import schedule_of
from notifications.models import EmailLog, Kind
from notifications.models.email import around

State = EmailLog.State


def _to_each(
    kind: str,
    program: Program,
    audience: Audience,
    obstacle: Callable[[Participant], str],
    which: Callable[[Participant], str] = lambda person: "",
) -> list[Candidate]:
    keys = set(audience.about)
    people = Participant.objects.filter(program=program, pk__range=around(keys)).order_by("pk")
    return [
        Candidate(
            str(kind),
            person.pk,
            (person,),
            which(person),
            obstacle=common_obstacle(person) or obstacle(person),
        )
        for person in people
        if person.pk in keys
    ]


def everyone(program: Program) -> Units:
    """Return everyone in the program."""
    return each(program.participants.order_by("pk").values_list("pk", flat=True))


def survey(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Invite everyone who takes part and has not answered."""
    unanswered, closed = _unanswered(audience.about), _form_closed(program, moment)
    return _to_each(Kind.SURVEY, program, audience, lambda person: unanswered(person) or closed)


def _form_closed(program: Program, moment: datetime.datetime) -> str:
    """Return what stops every email about the survey once no answer is taken any more, or ""."""
    closed = not takes_answers(program, program.local(moment).date())
    return "the form has closed" if closed else ""


def _unanswered(keys: Sequence[int]) -> Callable[[Participant], str]:
    """Return what says of each of these people why they are not asked about the survey."""
    answers = SurveyResponse.objects.filter(participant__pk__range=around(keys))
    answered = set(answers.values_list("participant", flat=True))

    def obstacle(person: Participant) -> str:
        if person.pk in answered:
            return "has answered"
        return "wants no more reminders" if person.unsubscribed_at else ""

    return obstacle


@dataclass
class SurveyEmails:
    """What one person was sent about the survey, and when the last of it was sent."""

    last: datetime.datetime | None = None
    invited: bool = False
    uncertain: bool = False
    reminders: int = 0


def survey_emails(keys: Sequence[int]) -> dict[int, SurveyEmails]:
    """Return what each of these people was sent about the survey. A resent reminder counts once."""
    found = {key: SurveyEmails() for key in keys}
    emails = EmailLog.objects.filter(
        people__in=keys,
        kind__in=[Kind.SURVEY, Kind.REMINDER],
        state__in=[State.SENT, State.UNCERTAIN],
    )
    columns = ("people", "kind", "sent_at", "resend_of")
    for key, kind, sent_at, resend_of in emails.values_list(*columns):
        one = found[key]
        one.reminders += kind == Kind.REMINDER and not resend_of
        if sent_at is None:
            one.uncertain = True
        else:
            one.last = max(sent_at, one.last or sent_at)
    invitations = emails.told().filter(kind=Kind.SURVEY, state=State.SENT)
    for key in invitations.values_list("people", flat=True):
        found[key].invited = True
    return found


def reminder(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Remind everyone who was invited long enough ago and has not answered.

    How long, and how often, the schedule of reminders says.
    """
    schedule = schedule_of(program, Kind.REMINDER)
    after_days, at_most = schedule.after_days or 0, schedule.at_most or 0
    unanswered, sent = _unanswered(audience.about), survey_emails(audience.about)
    today, closed = program.local(moment).date(), _form_closed(program, moment)

    def obstacle(person: Participant) -> str:
        emails = sent[person.pk]
        if why := unanswered(person) or closed:
            return why
        if program.announce_on and today > program.announce_on:
            return f"matches were to be announced on {program.formats.day(program.announce_on)}"
        if audience.is_resend:
            # It was sent to this person already, and counts once.
            return ""
        if emails.uncertain:
            return _UNCERTAIN
        if not emails.invited or emails.last is None:
            return "has not been sent an invitation yet"
        if emails.reminders >= at_most:
            return ngettext(
                "was reminded %(n)d time already",
                "was reminded %(n)d times already",
                emails.reminders,
            ) % {"n": emails.reminders}
        due = reminder_moment(program, emails.last, after_days)
        if due > moment:
            return f"was emailed recently; a reminder is due on {program.formats.day(due.date())}"
        return ""

    return _to_each(Kind.REMINDER, program, audience, obstacle, lambda p: _number(sent[p.pk]))


_UNCERTAIN = "the last email about the survey may or may not have arrived"


def reminder_ever(program: Program, keys: Sequence[int]) -> dict[int, Candidate]:
    """Return the next reminder of each of these people, stopped by what stops it for good."""
    unanswered, sent = _unanswered(keys), survey_emails(keys)

    def obstacle(person: Participant) -> str:
        return _UNCERTAIN if sent[person.pk].uncertain else unanswered(person)

    candidates = _to_each(
        Kind.REMINDER, program, Audience(keys), obstacle, lambda p: _number(sent[p.pk])
    )
    return {candidate.about: candidate for candidate in candidates}


def _number(emails: SurveyEmails) -> str:
    return str(emails.reminders + 1)


def reminder_moment(
    program: Program, last: datetime.datetime, after_days: int
) -> datetime.datetime:
    """Return when a reminder is due for a person whose last email was sent at this moment.

    Counted on the program's own clock, so that a change to summer time does not move the hour.
    """
    return program.local(last) + datetime.timedelta(days=after_days)


def with_unclear_role(program: Program) -> Units:
    """Return everyone whose role is unclear."""
    people = program.participants.with_role_in_doubt()
    return each(people.order_by("pk").values_list("pk", flat=True))


def role(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Ask everyone whose role is unclear; another contradiction later is asked about anew."""
    people = program.participants.with_role_in_doubt().filter(pk__in=audience.about)
    unclear = set(people.values_list("pk", flat=True))
    return _to_each(
        Kind.ROLE,
        program,
        audience,
        lambda person: "" if person.pk in unclear else "the role is clear now",
        lambda person: f"{placeholders.earlier_role(person)}-{person.role}",
    )


def unmatched_people(program: Program, role: str) -> Units:
    """Return everyone of this role who takes part and has no announced match."""
    announced = program.matches.filter(status=Match.Status.ANNOUNCED)
    matched = announced.values("mentor" if role == Role.MENTOR else "mentee")
    people = program.participants.taking_part().filter(role=role).exclude(pk__in=matched)
    return each(people.order_by("pk").values_list("pk", flat=True))


def unmatched(
    program: Program, moment: datetime.datetime, audience: Audience, *, kind: str, role: str
) -> list[Candidate]:
    """Tell everyone of this role who has no match, once matches are announced."""
    announced = program.matches.filter(announced_at__isnull=False).exists()
    matched: dict[int, str] = {}
    for mentor, mentee, status in program.matches.live().values_list("mentor", "mentee", "status"):
        for key in (mentor, mentee):
            if matched.get(key) != Match.Status.ANNOUNCED:
                matched[key] = status

    def obstacle(person: Participant) -> str:
        if person.role != role:
            return f"is a {person.role} now"
        if status := matched.get(person.pk):
            draft = status == Match.Status.DRAFT
            return "has a match that is not announced yet" if draft else "has a match"
        if role == Role.MENTOR and not person.capacity:
            return "is not taking mentees"
        return "" if announced else "no match has been announced yet"

    return _to_each(kind, program, audience, obstacle)


def link(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Send people who asked for it their link, also those who do not take part any more."""
    which = audience.email.which if audience.email else ""
    people = Participant.objects.filter(program=program, pk__in=audience.about)
    return [
        Candidate(
            Kind.LINK.value,
            person.pk,
            (person,),
            which,
            obstacle="email to this address bounced" if person.mail_bounced_at else "",
        )
        for person in people.order_by("pk")
    ]


def signup(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Send somebody who is not in the program yet the link that confirms their address."""
    assert audience.email is not None
    email = audience.email
    here = Participant.objects.filter(program=program, email__in=email.recipients).exists()
    obstacle = "is in the program by now" if here else ""
    if not program.open_signup:
        obstacle = "sign-up is not open any more"
    token = signup_token(program, email.recipients[0])
    return [
        Candidate(Kind.SIGNUP.value, email.about, which=email.which, token=token, obstacle=obstacle)
    ]


def with_a_match(program: Program) -> Units:
    """Return everyone who takes part and had an announced match."""
    people = program.participants.taking_part().filter(pk__in=_had_a_match(program))
    return each(people.order_by("pk").values_list("pk", flat=True))


def feedback(program: Program, moment: datetime.datetime, audience: Audience) -> list[Candidate]:
    """Ask everyone who had an announced match how it was, once the conference is over."""
    today = program.local(moment).date()
    rows = Feedback.objects.filter(participant__in=audience.about)
    given = set(rows.values_list("participant", flat=True))
    matched = _had_a_match(program)

    def obstacle(person: Participant) -> str:
        if person.pk not in matched:
            return "had no match"
        if person.pk in given:
            return "has given feedback"
        if today > program.feedback_until:
            return "feedback is not taken any more"
        return "" if today > program.ends_on else "the conference is not over yet"

    return _to_each(Kind.FEEDBACK, program, audience, obstacle)


def _had_a_match(program: Program) -> set[int]:
    pairs = program.matches.filter(announced_at__isnull=False).values_list("mentor", "mentee")
    return {key for pair in pairs for key in pair}
