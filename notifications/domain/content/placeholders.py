"""The placeholders of the mail texts: which there are for each kind, and what stands in them.

A value is either the committee's own (`Trusted`, and its special cases `Link` and `Mailbox`) or
somebody else's words (a plain `str`). Both are escaped wherever they are shown; the words of
others moreover never become a link, not even by the recipient's mail program.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as format_date

from notifications.domain.content.greeting import greeting
from notifications.models import Kind

if TYPE_CHECKING:
    from matching.models import Concern, Match
    from mentorship.models import Participant, Program


class Trusted(str):
    """The committee's words."""


class Link(Trusted):
    """An http or https address of the committee's or of this site."""


class Mailbox(Trusted):
    """The committee's own mail address."""


class PersonAddress(str):
    """A participant's address: shown as it is, so that it can be written to, but never linked."""


class Compose(Link):
    """A link that starts a mail to participants; as text it is their addresses."""

    def __new__(cls, addresses: Sequence[str], subject: str, body: str) -> Compose:
        to = ",".join(quote(address, safe="@") for address in addresses)
        made = super().__new__(cls, f"mailto:{to}?subject={quote(subject)}&body={quote(body)}")
        made.text = ", ".join(addresses)
        return made

    text: str


class Joined(str):
    """Several values one after the other, each of which keeps whose words it is."""

    def __new__(cls, parts: Sequence[str], between: str) -> Joined:
        made = super().__new__(cls, between.join(parts))
        made.parts, made.between = tuple(parts), between
        return made

    parts: tuple[str, ...]
    between: str


PROGRAM = {
    "program.name": "Name of the program",
    "program.year": "Year of the first day",
    "program.place": "Place, if given",
    "program.dates": "First to last day",
    "program.answers_by": "Day by which answers are wanted, if set",
    "program.announce_on": "Day on which matches are announced, if set",
    "program.contact_by": "Day by which people should have heard from their match, if set",
    "program.people": "First names of the committee, if given",
    "program.signature": "The committee as it signs",
    "program.contact_email": "The committee's address, if set",
    "program.code_of_conduct_url": "Link to the code of conduct",
    "program.call_service_name": "Name of the call service",
    "program.call_service_url": "Link to the call service",
}
PERSON = {
    "person.called": "How the recipient is addressed",
    "person.name": "The recipient's whole name",
    "person.role": "mentor or mentee, as it counts now",
    "person.earlier_role": "What the recipient said before, if that was something else",
    "person.link": "Link to the recipient's own page",
    "person.reminders_link": "Link to where the recipient ends reminders",
}
PAIR = {
    f"{who}.{part}": about.format(who)
    for who in ("mentor", "mentee")
    for part, about in {
        "called": "How the {} is addressed",
        "name": "The {}'s whole name",
        "email": "The {}'s address",
        "attendance": "How the {} attends: in person or virtual",
    }.items()
} | {
    "match.virtual": "How many of the two attend virtually: none, one or both",
    "match.meeting": "First hour in which both said that they are free, if there is one",
    "match.propose_times": "Link that starts a mail in which to propose times",
}
MENTEES = {
    "mentees.called": "How the mentees are addressed",
    "mentees.names": "Their whole names",
    "mentees.contacts": "Their names and addresses",
    "mentees.number": "one or several",
    "mentees.virtual": "Who needs a call: nobody, some or everyone",
    "mentees.meetings": "When each is free together with the mentor, if stated",
}
PARTNER = {"partner.name": "The other person of the match"}
CONCERN = {"concern.kind": "What is reported", "concern.text": "In the person's own words"}

BY_KIND: dict[str, dict[str, str]] = {
    Kind.SURVEY: PROGRAM | PERSON,
    Kind.REMINDER: PROGRAM | PERSON,
    Kind.ROLE: PROGRAM | PERSON,
    Kind.MATCH_IN_PERSON: PROGRAM | PAIR,
    Kind.MATCH_CALL: PROGRAM | PAIR,
    Kind.MATCH_MENTOR: PROGRAM | PERSON | MENTEES,
    Kind.MATCH_MENTEE: PROGRAM | PERSON | PAIR,
    Kind.UNMATCHED_MENTOR: PROGRAM | PERSON,
    Kind.UNMATCHED_MENTEE: PROGRAM | PERSON,
    Kind.MATCH_CHANGED: PROGRAM | PERSON | PARTNER,
    Kind.CHECK_IN: PROGRAM | PERSON | PARTNER,
    Kind.PROBLEM_RECEIVED: PROGRAM | PERSON | CONCERN,
    Kind.FEEDBACK: PROGRAM | PERSON,
}
LINKS = {
    "program.code_of_conduct_url",
    "program.call_service_url",
    "person.link",
    "person.reminders_link",
    "match.propose_times",
}

Values = Mapping[str, Any]


def day(value: datetime.date | None) -> Trusted:
    """Give a day as a mail says it (Tuesday 13 July), or nothing where there is none."""
    return Trusted(format_date(value, "l j F") if value else "")


def span(first: datetime.date, last: datetime.date) -> Trusted:
    """Give two days as a mail says them: 12 to 18 July 2027."""
    start = "j F Y" if first.year != last.year else "j F" if first.month != last.month else "j"
    if first == last:
        return Trusted(format_date(last, "j F Y"))
    return Trusted(f"{format_date(first, start)} to {format_date(last, 'j F Y')}")


def absolute(path: str) -> Link:
    """Give the whole address of a page of this site."""
    return Link(settings.SITE_URL + path)


def _link(url: str) -> Trusted:
    return Link(url) if url.startswith(("https://", "http://")) else Trusted(url)


def of_program(program: Program) -> dict[str, Any]:
    """Give the values of `program.…`; days that are not set are empty."""
    return {
        "name": Trusted(program.name),
        "year": Trusted(program.starts_on.year),
        "place": Trusted(program.place),
        "dates": span(program.starts_on, program.ends_on),
        "answers_by": day(program.survey_closes_on),
        "announce_on": day(program.announce_on),
        "contact_by": day(program.contact_by),
        "people": Trusted(program.committee_people),
        "signature": Trusted(program.signature),
        "contact_email": Mailbox(program.contact_email),
        "code_of_conduct_url": _link(program.code_of_conduct_url),
        "call_service_name": Trusted(program.call_service_name),
        "call_service_url": _link(program.call_service_url),
    }


def earlier_role(person: Participant) -> str:
    """Give the role that this person stated before the one that counts now, or nothing."""
    for stated in (person.signup_role, person.previous_signup_role):
        if stated and stated != person.role:
            return stated
    return ""


def reminders_link(person: Participant) -> str:
    """Give the address at which a person ends reminders."""
    return absolute(reverse("intake_reminders", args=[person.link_key]))


def of_person(person: Participant) -> dict[str, Any]:
    """Give the values of `person.…`."""
    return {
        "called": greeting(person) or "there",
        "name": str(person),
        "role": Trusted(person.role),
        "earlier_role": Trusted(earlier_role(person)),
        "link": absolute(person.personal_path),
        "reminders_link": reminders_link(person),
    }


def of_partner(person: Participant, match: Match) -> dict[str, Any]:
    """Give the values of `partner.…`: the one of the match who is not `person`."""
    return {"name": str(match.mentee if match.mentor_id == person.pk else match.mentor)}


def of_concern(concern: Concern) -> dict[str, Any]:
    """Give the values of `concern.…`."""
    return {"kind": Trusted(concern.get_kind_display()), "text": concern.text}
