"""The placeholders of the email templates: which ones each kind has, and what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import ngettext

from matching.domain.matches.meetings import clock_of, on_clocks
from matching.models import Match
from mentorship.domain.people.greeting import greeting
from mentorship.domain.signup.tokens import HOURS as SIGNUP_HOURS
from mentorship.domain.survey.readable import RATHER_NOT, answer_lines, questions_of
from mentorship.domain.survey.window import takes_answers
from notifications.domain.content.escaping import Joined, Lines, Link, Mailbox, Trusted
from notifications.models import Kind

if TYPE_CHECKING:
    from matching.models import Concern, Meeting
    from mentorship.models import Participant, Program, SurveyResponse


PROGRAM = {
    "program.name": "Name of the program",
    "program.year": "Year of the first day",
    "program.place": "Place, if given",
    "program.dates": "First to last day",
    "program.answers_by": "Day by which to answer the survey, if set and not past",
    "program.announce_on": "Day on which matches are announced, if set and not past",
    "program.contact_by": "Day by which matches should have been in touch, if set and not past",
    "program.people": "First names of the committee, if given",
    "program.signature": "The committee as it signs",
    "program.contact_email": "The committee's email address, if set",
    "program.code_of_conduct_url": "Link to the code of conduct, if set",
    "program.call_service_name": "Name of the call service",
    "program.call_service_url": "Link to the call service",
}
PERSON = {
    "person.called": "The recipient's first name where it is certain, otherwise the whole name",
    "person.name": "The recipient's whole name",
    "person.role": "mentor or mentee, as the program counts them now",
    "person.signed_up_openly": "yes for somebody who signed up on the program's own page",
    "person.earlier_role": "The role they gave before, if it was the other one",
    "person.link": "Link to the recipient's own page",
    "person.answers_link": "Link to the recipient's questions and answers",
    "person.role_link": "Link to the recipient's page that asks mentor or mentee",
    "person.feedback_link": "Link to the recipient's page that asks how it was",
    "person.goodbye_link": "Link to the recipient's page for people who can't take part",
    "person.reminders_link": "Link that stops the recipient's reminders",
}
ROLE = {
    "person.has_match": "yes for somebody who has been introduced to a match",
}
PAIR = {
    f"{who}.{part}": about.format(who)
    for who in ("mentor", "mentee")
    for part, about in {
        "called": "The {}'s first name where it is certain, otherwise the whole name",
        "name": "The {}'s whole name",
        "email": "The {}'s email address",
        "attendance": "How the {} attends: in person or virtual",
    }.items()
} | {
    "match.virtual": "How many of the two attend virtually: none, one or both",
    "match.meeting": "First hour when both are free, if they told us and there is one",
    "match.propose_times": "Link that starts an email in which to propose times",
}
MENTEES = {
    "mentees.called": "The mentees' first names, as in a greeting",
    "mentees.names": "The mentees' whole names",
    "mentees.contacts": "The mentees' names and email addresses",
    "mentees.number": "one or several",
    "mentees.virtual": "Who needs a call: nobody, some or everyone",
    "mentees.meetings": "First hour when each is free with the mentor, if they told us",
}
PARTNER = {
    "partner.called": "The other person's first name where it is certain, otherwise the whole name",
    "partner.name": "The other person of the match",
}
NEXT = {
    "partner.next": "Who the recipient has been matched with since, if somebody",
}
CHECK_IN = {
    "match.contact_link": "Link to the recipient's page that asks whether they have been in touch",
    "match.help_link": "Link to the recipient's page for people who can't reach their match",
}
MEETING = {
    "meeting.status": "What became of the hour: proposed, agreed or canceled",
    "meeting.when": "The hour on the recipient's clock",
}
CONCERN = {
    "concern.kind": "What they need help with",
    "concern.text": "Their own words; empty where only the chairs may read them",
    "concern.confidential": "yes if only the chairs read it, otherwise empty",
}
ASK = {
    "ask.link": "Link to the page on which a mentor accepts or declines",
    "ask.days": "How long a mentor has to answer: 3 days",
}
SIGNUP = {
    "signup.link": "Link that confirms the email address",
    "signup.hours": "How long that link works: 48 hours",
}

RECEIPT = {
    "receipt.answers": "What they answered, one answer a line",
    "receipt.taking_part": "yes, or empty for somebody who cannot take part",
    "receipt.private": "yes if they named somebody they would rather not be matched with",
    "receipt.has_match": "yes for somebody who has been introduced to a match",
    "receipt.can_change": "yes while the form is open",
}

BY_KIND: dict[str, dict[str, str]] = {
    Kind.SURVEY: PROGRAM | PERSON,
    Kind.REMINDER: PROGRAM | PERSON,
    Kind.ROLE: PROGRAM | PERSON | ROLE,
    Kind.MATCH_IN_PERSON: PROGRAM | PAIR,
    Kind.MATCH_CALL: PROGRAM | PAIR,
    Kind.MATCH_MENTOR: PROGRAM | PERSON | MENTEES,
    Kind.MATCH_MENTEE: PROGRAM | PERSON | PAIR,
    Kind.UNMATCHED_MENTOR: PROGRAM | PERSON,
    Kind.UNMATCHED_MENTEE: PROGRAM | PERSON,
    Kind.MATCH_CHANGED: PROGRAM | PERSON | PARTNER | NEXT,
    Kind.MEETING: PROGRAM | PERSON | PARTNER | MEETING,
    Kind.CHECK_IN: PROGRAM | PERSON | PARTNER | CHECK_IN,
    Kind.PROBLEM_RECEIVED: PROGRAM | PERSON | CONCERN,
    Kind.FEEDBACK: PROGRAM | PERSON,
    Kind.RECEIPT: PROGRAM | PERSON | RECEIPT,
    Kind.ASK_MENTOR: PROGRAM | PERSON | PARTNER | ASK,
    Kind.ASK_MENTOR_AGAIN: PROGRAM | PERSON | PARTNER | ASK,
    Kind.LINK: PROGRAM | PERSON,
    Kind.SIGNUP: PROGRAM | SIGNUP,
}
LINKS = {
    "program.code_of_conduct_url",
    "program.call_service_url",
    "person.link",
    "person.answers_link",
    "person.role_link",
    "person.feedback_link",
    "person.goodbye_link",
    "person.reminders_link",
    "match.contact_link",
    "match.help_link",
    "match.propose_times",
    "ask.link",
    "signup.link",
}


def absolute(path: str) -> Link:
    """Return the whole address of a page of this site."""
    return Link(settings.SITE_URL + path)


def _link(url: str) -> Trusted:
    return Link(url) if url.startswith(("https://", "http://")) else Trusted(url)


def of_program(program: Program) -> dict[str, Any]:
    """Return the values of `program.…`; days that are not set, or have passed, are empty."""
    formats = program.formats
    return {
        "name": Trusted(program.name),
        "year": Trusted(program.starts_on.year),
        "place": Trusted(program.place),
        "dates": Trusted(formats.span(program.starts_on, program.ends_on)),
        "answers_by": Trusted(formats.weekday(program.ahead(program.survey_closes_on))),
        "announce_on": Trusted(formats.weekday(program.ahead(program.announce_on))),
        "contact_by": Trusted(formats.weekday(program.ahead(program.contact_by))),
        "people": Trusted(program.committee_people),
        "signature": Trusted(program.signature),
        "contact_email": Mailbox(program.contact_email),
        "code_of_conduct_url": _link(program.code_of_conduct_url),
        "call_service_name": Trusted(program.call_service_name),
        "call_service_url": _link(program.call_service_url),
    }


def earlier_role(person: Participant) -> str:
    """Return the role that this person gave before the one that counts now, or ""."""
    for stated in (person.signup_role, person.previous_signup_role):
        if stated and stated != person.role:
            return stated
    return ""


def reminders_link(person: Participant) -> str:
    """Return the link that stops a person's reminders."""
    return absolute(reverse("intake_reminders", args=[person.link_key]))


def of_person(person: Participant) -> dict[str, Any]:
    """Return the values of `person.…`."""
    return {
        "called": greeting(person) or "there",
        "name": str(person),
        "role": Trusted(person.role),
        "signed_up_openly": Trusted("yes" if person.signed_up_openly_at else ""),
        "earlier_role": Trusted(earlier_role(person)),
        "link": absolute(person.personal_path),
        "reminders_link": reminders_link(person),
        **{
            f"{name}_link": absolute(reverse(route, args=[person.link_key]))
            for name, route in PAGES.items()
        },
    }


def has_match(person: Participant) -> Trusted:
    """Return "yes" for somebody who has been introduced to a match that stands."""
    return Trusted("yes" if Match.objects.announced().of_person(person).exists() else "")


# The pages of a person that emails lead to.
PAGES = {
    "answers": "intake_form",
    "role": "role_choice",
    "feedback": "feedback",
    "goodbye": "intake_goodbye",
}


def of_match(person: Participant, match: Match) -> dict[str, Any]:
    """Return the values of `match.…` for one person of a match."""
    key = person.link_key
    return {
        "contact_link": absolute(reverse("match_contact", args=[key, match.pk])),
        "help_link": absolute(reverse("match_help", args=[key, match.pk, "cannot-reach"])),
    }


def of_hour(person: Participant, meeting: Meeting) -> dict[str, Any]:
    """Return the values of `meeting.…` for one person of a match."""
    program = meeting.match.program
    partner = meeting.match.partner_of(person)
    clocks = (clock_of(person) or program.time_zone, clock_of(partner))
    status = "canceled" if not meeting.stands else "agreed" if meeting.accepted_at else "proposed"
    return {
        "status": Trusted(status),
        "when": Trusted(on_clocks(program, meeting.starts_at, clocks)),
    }


def of_partner(person: Participant, match: Match) -> dict[str, Any]:
    """Return the values of `partner.…`: the one of the match who is not `person`."""
    partner = match.partner_of(person)
    return {
        "called": greeting(partner) or str(partner),
        "name": str(partner),
        "next": ", ".join(matched_since(person, match)),
    }


def matched_since(person: Participant, match: Match) -> list[str]:
    """Return who a person was matched with, and told of, since a match of theirs has ended."""
    if match.dissolved_at is None:
        return []
    since = Match.objects.announced().of_person(person)
    since = since.filter(announced_at__gte=match.dissolved_at)
    rows = since.select_related("mentor", "mentee").order_by("announced_at", "pk")
    return [str(row.partner_of(person)) for row in rows]


def of_ask(mentor: Participant) -> dict[str, Any]:
    """Return the values of `ask.…`: where a mentor answers, and within how many days."""
    days = mentor.program.mentor_days
    return {
        "link": absolute(reverse("asked", args=[mentor.link_key])),
        "days": Trusted(ngettext("%(n)d day", "%(n)d days", days) % {"n": days}),
    }


def of_signup(token: str) -> dict[str, Any]:
    """Return the values of `signup.…`: where a sign-up with this token goes on."""
    return {
        "link": absolute(reverse("confirm_signup", args=[token])),
        "hours": Trusted(f"{SIGNUP_HOURS} hours"),
    }


def of_concern(concern: Concern) -> dict[str, Any]:
    """Return the values of `concern.…`; what only the chairs may read is not repeated."""
    confidential = concern.kind in concern.CONFIDENTIAL
    return {
        "kind": Trusted(concern.get_kind_display()),
        "text": "" if confidential else concern.text,
        "confidential": Trusted("yes" if confidential else ""),
    }


def of_receipt(response: SurveyResponse) -> dict[str, Any]:
    """Return the values of `receipt.…`.

    Who somebody would rather not be matched with is for the committee's eyes, so no email has it.
    """
    person = response.participant
    program = person.program
    questions = questions_of(program) if response.other_answers else {}
    told = [
        (question, answer)
        for question, answer in answer_lines(response, questions, program.formats)
        if question != RATHER_NOT
    ]
    return {
        "answers": Lines([Joined([Trusted(question), answer], ": ") for question, answer in told]),
        "taking_part": Trusted("yes" if response.taking_part else ""),
        "private": Trusted("yes" if response.rather_not_meet else ""),
        "has_match": has_match(person),
        "can_change": Trusted("yes" if takes_answers(program) else ""),
    }
