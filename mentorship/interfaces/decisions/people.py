"""Decisions about people: unclear roles, bounced addresses, who is no longer registered."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import ngettext

from mentorship.domain.people import decisions
from mentorship.interfaces.decisions.registry import (
    Blank,
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    person_path,
    register_decision,
    unknown_choice,
    waiting_people,
    waiting_row,
)
from mentorship.models import Participant, Program, Role, validate_address

_LIST = "admin:mentorship_participant_changelist"


def _unclear(program: Program) -> QuerySet[Participant]:
    return Participant.objects.filter(program=program).with_role_in_doubt()


def _unclear_role(person: Participant) -> OpenCase:
    buttons = tuple(Button(role.value, role.label) for role in Role)
    doubt = person.role_doubt
    return OpenCase(
        str(person.pk),
        str(person),
        doubt[:1].upper() + doubt[1:],
        person_path(person),
        None,
        buttons,
    )


def _decide_role(settled: Settled) -> str:
    person = waiting_row(_unclear(settled.program), settled.key)
    if settled.choice not in Role.values:
        raise unknown_choice()
    person = decisions.decide_role(person, settled.choice)
    return f"{person} is a {person.role}."


def _bounced(program: Program) -> QuerySet[Participant]:
    people = Participant.objects.filter(program=program).taking_part()
    return people.filter(mail_bounced_at__isnull=False)


def _bounced_address(person: Participant) -> OpenCase:
    return OpenCase(
        str(person.pk),
        str(person),
        person.mail_bounced_why or "The mail server did not say why.",
        person_path(person),
        Blank("Email address", "email", person.email),
        (Button("correct", "Save address"), Button("right", "It is right")),
    )


def _correct_address(settled: Settled) -> str:
    person = waiting_row(_bounced(settled.program), settled.key)
    if settled.choice == "right":
        decisions.trust_address(person)
        return f"Emails to {person} are sent again."
    if settled.choice != "correct":
        raise unknown_choice()
    before, person.email = person.email, settled.value
    person.normalise()
    validate_address(person.email)
    if person.email == before:
        raise ValidationError(
            f"{before} is the address that bounced. Correct it, or say that it is right."
        )
    decisions.save_details(person, ["email"])
    return f"The address of {person} is {person.email} now."


def _missing(program: Program) -> QuerySet[Participant]:
    return Participant.objects.filter(program=program).not_in_signups()


def _missing_person(person: Participant) -> OpenCase:
    assert person.missing_since
    since = person.program.formats.short_date(person.missing_since)
    return OpenCase(
        str(person.pk),
        str(person),
        f"Not in the newest export, since {since}",
        person_path(person),
        None,
        (Button("withdraw", "Withdraw"), Button("keep", "Keep")),
    )


def _find_missing(program: Program, at_most: int) -> Waiting:
    return waiting_people(_missing(program).select_related("program"), at_most, _missing_person)


def _settle_missing(settled: Settled) -> str:
    person = waiting_row(_missing(settled.program), settled.key)
    if settled.choice == "keep":
        decisions.keep_registered(person)
        return f"{person} stays registered, whatever the next export says."
    if settled.choice != "withdraw":
        raise unknown_choice()
    decisions.withdraw(person, "No longer registered")
    return f"{person} has withdrawn."


register_decision(
    DecisionKind(
        "role",
        "person_alert",
        20,
        lambda total: (
            ngettext("Role unclear for %(n)d person", "Role unclear for %(n)d people", total)
            % {"n": total}
        ),
        lambda program, at_most: waiting_people(_unclear(program), at_most, _unclear_role),
        _LIST,
        "See all of them",
        "role=doubt",
        _decide_role,
        until_end=True,
    )
)
register_decision(
    DecisionKind(
        "bounced",
        "unsubscribe",
        30,
        lambda total: (
            ngettext(
                "%(n)d email address bounced: correct it",
                "%(n)d email addresses bounced: correct them",
                total,
            )
            % {"n": total}
        ),
        lambda program, at_most: waiting_people(_bounced(program), at_most, _bounced_address),
        _LIST,
        "See all of them",
        "part=bounced",
        _correct_address,
    )
)
register_decision(
    DecisionKind(
        "missing",
        "event_busy",
        70,
        lambda total: (
            ngettext(
                "%(n)d person is no longer registered",
                "%(n)d people are no longer registered",
                total,
            )
            % {"n": total}
        ),
        _find_missing,
        _LIST,
        "See all of them",
        "part=missing",
        _settle_missing,
        until_end=True,
    )
)
