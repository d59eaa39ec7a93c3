"""The states of an email and the transitions between them: the one table that all else follows.

The worker, a person's buttons, the filters of the outbox and the words of every page come from
here; a test compares docs/mail.md with it. Only `notifications.domain.outbox.states.perform`
carries a transition out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.db.models import Exists, OuterRef, Q

from mentorship.models import Participant
from notifications.models.bounce_kinds import unclear


class EmailState(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "Uncertain"
    HELD = "held", "On hold"
    CANCELLED = "cancelled", "Canceled"


# What the reader sees of an email that was sent and came back; the row keeps the state `sent`.
BOUNCED = "bounced"


class Actor(StrEnum):
    """Who may trigger a transition."""

    WORKER = "worker"
    PERSON = "person"
    SWEEP = "sweep"
    RECEIVER = "receiver"  # of the signals that people, responses or matches have changed
    HOST = "host"  # with a command


@dataclass(frozen=True)
class StateWords:
    """What a reader is told of a state: its name, its color, what it means and what to do."""

    label: str
    tone: str
    meaning: str
    what_to_do: str

    def __str__(self) -> str:
        return f"{self.meaning} {self.what_to_do}"


@dataclass(frozen=True)
class Transition:
    """One allowed way from a state to another.

    `condition` narrows which emails of the source state may take it; `button` is what a person
    presses.
    """

    name: str
    source: EmailState
    target: EmailState
    by: tuple[Actor, ...]
    when: str
    button: str = ""
    condition: Callable[[], Q] = Q


_QUEUED, _SENDING, _SENT, _FAILED, _UNCERTAIN, _HELD, _CANCELLED = EmailState
_LOOK = "Look for its Message-ID in the sending mailbox, or ask the recipient."

STATES: dict[str, StateWords] = {
    _QUEUED: StateWords(
        _QUEUED.label,
        "info",
        "It waits for its time, its turn or the next try.",
        "Nothing: it is sent automatically. If everything stays queued, the reason beside it "
        "says why.",
    ),
    _SENDING: StateWords(
        _SENDING.label,
        "info",
        "A worker is handing it to the mail server right now.",
        "Nothing. If the worker dies, the email becomes uncertain after 15 minutes.",
    ),
    _SENT: StateWords(
        _SENT.label,
        "success",
        "The mail server took it.",
        "Nothing. If somebody says that it never came, resend it.",
    ),
    BOUNCED: StateWords(
        "Bounced",
        "danger",
        "The mail server took it, but another server returned it.",
        "Do what the report on its page says.",
    ),
    _FAILED: StateWords(
        _FAILED.label,
        "danger",
        "The mail server refused it, or its template cannot be used; the reason stands beside it.",
        "Fix what it names, then press “Send again”. Anyone who already got it does not get it "
        "twice.",
    ),
    _UNCERTAIN: StateWords(
        _UNCERTAIN.label,
        "warning",
        "The mail server may or may not have taken it.",
        f"{_LOOK} Then press “Mark as arrived” or “Send again”: it is never sent twice by itself.",
    ),
    _HELD: StateWords(
        _HELD.label,
        "warning",
        "A committee member put it on hold, or its match waits for a decision; the reason stands "
        "beside it.",
        "Decide about the match, or press “Release” or “Cancel”.",
    ),
    _CANCELLED: StateWords(
        _CANCELLED.label,
        "primary",
        "It was not sent.",
        "Nothing, if its reason was gone: a new one is queued should the reason return. What a "
        "person canceled stays canceled until a person presses “Send again”.",
    ),
}


def can_go_again() -> Q:
    """Return what holds of an email that bounced, once it is clear where it may be sent again.

    That is when no address of it is marked as wrong any more, and each report says whose it is.
    """
    people = Participant.objects.filter(emails=OuterRef("pk"))
    in_the_way = people.filter(
        Q(mail_bounced_at__isnull=False) | unclear("emails__bounces__"), emails=OuterRef("pk")
    )
    return Q(~Exists(in_the_way), came_back_at__isnull=False)


def _is_reachable() -> Q:
    return Q(came_back_at=None) | can_go_again()


def _was_canceled_by_hand() -> Q:
    return Q(freed=False) & _is_reachable()


def _did_not_arrive() -> Q:
    return can_go_again() | ~Q(redirected_to="")


def _waits_for_a_decision() -> Q:
    return Q(state_reason__startswith=WAITS)


# How the reason begins with which an email is on hold until its match is decided on.
WAITS = "Waits for a decision: "
_REASON_GONE = "its reason is gone"
_UNDONE = "the batch is undone before it starts"
_RESTORED = "the site is restored from a backup, it may have been sent since"
_SLOW = "the worker was only slow, and reports after all"
_AGAIN = "sent again"
_WORKER, _PERSON = (Actor.WORKER,), (Actor.PERSON,)
_NOTICED = (Actor.WORKER, Actor.RECEIVER)

TRANSITIONS: tuple[Transition, ...] = (
    Transition("claim", _QUEUED, _SENDING, _WORKER, "a worker takes it, its reason still holds"),
    Transition("deliver", _SENDING, _SENT, _WORKER, "the server took it"),
    Transition("deliver", _UNCERTAIN, _SENT, _WORKER, _SLOW),
    Transition(
        "postpone", _SENDING, _QUEUED, _WORKER, "refused for now, tried again (8 times at most)"
    ),
    Transition("postpone", _UNCERTAIN, _QUEUED, _WORKER, _SLOW),
    Transition("refuse", _SENDING, _FAILED, _WORKER, "refused for good, or 8 times"),
    Transition("refuse", _UNCERTAIN, _FAILED, _WORKER, _SLOW),
    Transition("lose", _SENDING, _UNCERTAIN, _WORKER, "the connection broke"),
    Transition("lose", _UNCERTAIN, _UNCERTAIN, _WORKER, _SLOW),
    Transition("expire", _SENDING, _UNCERTAIN, (Actor.SWEEP,), "the worker died"),
    Transition(
        "spoil", _QUEUED, _FAILED, _WORKER, "it has to be rewritten, its template cannot be used"
    ),
    Transition("doubt", _QUEUED, _UNCERTAIN, (Actor.HOST,), _RESTORED),
    Transition("doubt", _SENDING, _UNCERTAIN, (Actor.HOST,), _RESTORED),
    Transition("doubt", _HELD, _UNCERTAIN, (Actor.HOST,), _RESTORED),
    Transition("drop", _QUEUED, _CANCELLED, _NOTICED, _REASON_GONE),
    Transition("drop", _HELD, _CANCELLED, _NOTICED, _REASON_GONE),
    Transition("wait", _QUEUED, _HELD, _NOTICED, "its match waits for a decision"),
    Transition(
        "resume",
        _HELD,
        _QUEUED,
        (Actor.RECEIVER,),
        "its match stands after all",
        condition=_waits_for_a_decision,
    ),
    Transition("undo", _QUEUED, _CANCELLED, _PERSON, _UNDONE),
    Transition("undo", _HELD, _CANCELLED, _PERSON, _UNDONE),
    Transition(
        "revive",
        _CANCELLED,
        _QUEUED,
        _PERSON,
        "what made its reason go is undone",
        condition=lambda: Q(freed=True),
    ),
    Transition("hold", _QUEUED, _HELD, _PERSON, "put on hold", "Put on hold"),
    Transition("release", _HELD, _QUEUED, _PERSON, "released", "Release"),
    Transition("was_sent", _UNCERTAIN, _SENT, _PERSON, "it arrived", "Mark as arrived"),
    Transition(
        "was_sent_to_one", _UNCERTAIN, _FAILED, _PERSON, "it arrived, but not at one of two people"
    ),
    Transition("send_again", _FAILED, _QUEUED, _PERSON, _AGAIN, "Send again", _is_reachable),
    Transition("send_again", _UNCERTAIN, _QUEUED, _PERSON, _AGAIN, "Send again", _is_reachable),
    Transition(
        "send_again",
        _CANCELLED,
        _QUEUED,
        _PERSON,
        f"{_AGAIN}, if a person canceled it",
        "Send again",
        _was_canceled_by_hand,
    ),
    Transition(
        "send_again",
        _SENT,
        _QUEUED,
        _PERSON,
        f"{_AGAIN}, if it bounced or went to another address",
        "Send again",
        _did_not_arrive,
    ),
    Transition("cancel", _QUEUED, _CANCELLED, _PERSON, "canceled", "Cancel"),
    Transition("cancel", _HELD, _CANCELLED, _PERSON, "canceled", "Cancel"),
    Transition("cancel", _FAILED, _CANCELLED, _PERSON, "canceled", "Cancel"),
)


def named(name: str, by: Actor | None = None) -> list[Transition]:
    """Return the transitions of this name, of those that `by` may trigger.

    Raise KeyError if there is none.
    """
    found = [step for step in TRANSITIONS if step.name == name and (not by or by in step.by)]
    if not found:
        raise KeyError(name)
    return found
