"""The worker: sending what is due, and committing what became of it."""

from __future__ import annotations

import datetime
import math
import os
import random
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from mentorship.domain.heartbeat import SENDING, beat, note_trouble, troubles, waits_until
from mentorship.models import Program
from notifications.domain.outbox.limits import MINUTE, full_until
from notifications.domain.outbox.queueing import rewrite_if_outdated
from notifications.domain.outbox.states import allowed, perform
from notifications.domain.reasons import Candidate, ask_again
from notifications.domain.transport.message import message_id
from notifications.domain.transport.smtp import (
    UNREACHABLE,
    Outcome,
    Postman,
    ServerUnreachable,
    in_words,
)
from notifications.models import EmailLog
from notifications.models.states import WAITS, Actor, named
from notifications.models.states import EmailState as State

TRIES = 8
# Minutes after each refusal until the next try; the last is for the seventh.
BACK_OFF = (1, 4, 10, 30, 60, 120, 240)
# A worker that has not ended its email by then is dead: it waits ten minutes for the server's last
# answer (EMAIL_ANSWER_TIMEOUT), and less for all before.
LEASE = datetime.timedelta(minutes=15)
# A server that refuses us is asked about two emails in one run, in case it is about the first.
REFUSALS = 2
# So many emails in a row of which the server does not say whether it took them are enough.
UNKNOWN = 5
# Where it has taken an email since, a refusal is about the email and counts as a try.
LATELY = datetime.timedelta(minutes=10)
DATABASE_RESTARTS_WITHIN = datetime.timedelta(minutes=1)
LOST = (
    "The worker stopped while it was handing this email to the server, which may have taken it. "
    "Find out whether it arrived, then say so or send it again."
)
NEVER_SAYS = (
    "The mail server did not say of the last {number} emails whether it took them. Sending has "
    "stopped, and one email is tried now and then"
)
FULL = "The limit of the mailbox provider is reached; sending continues in {minutes} min."

Clock = Callable[[], datetime.datetime]


@dataclass
class Tally:
    """What a run did. `left`: emails still queued; `trouble`: why the server was no use."""

    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    left: int = 0
    trouble: str = ""

    def as_dict(self) -> dict[str, int]:
        return {
            "sent": self.sent,
            "failed": self.failed,
            "uncertain": self.uncertain,
            "left": self.left,
        }


@dataclass
class _Run:
    """One worker's run through the outbox; `full`: until when programs are at their limit."""

    clock: Clock
    program: Program | None = None
    full: dict[int, datetime.datetime] = field(default_factory=dict)
    refused: int = 0
    is_well: bool = False

    def due(self) -> QuerySet[EmailLog]:
        due = due_now(self.clock())
        return due.filter(program=self.program) if self.program else due

    def until_a_place_is_free(self) -> datetime.timedelta | None:
        """Return how long until a program that is full may go on; None if none is full."""
        return min(self.full.values()) - self.clock() if self.full else None


def due_now(now: datetime.datetime | None = None) -> QuerySet[EmailLog]:
    """Return the emails that may leave now: none of a program that waits after a restore."""
    return EmailLog.objects.filter(
        state=State.QUEUED,
        not_before__lte=now or timezone.now(),
        program__restored_to=None,
    )


def drop(emails: QuerySet[EmailLog], why: str, by: Actor) -> int:
    """Cancel those that are queued or on hold, because their reason is gone; return their number.

    They are freed, so that the same email can be queued again should its reason return.
    """
    return perform("drop", emails, by, state_reason=sentence(why), freed=True)


def stop(emails: QuerySet[EmailLog], candidate: Candidate, by: Actor) -> int:
    """Cancel emails whose reason is gone, or put them on hold while somebody has to decide.

    Return how many were canceled.
    """
    if not candidate.waits:
        return drop(emails, candidate.obstacle, by)
    perform("wait", emails, by, state_reason=WAITS + sentence(candidate.obstacle))
    return 0


def drop_what_nobody_decided(now: datetime.datetime) -> int:
    """Cancel emails that wait for a decision and whose reason time has taken away meanwhile.

    Return how many. Nothing else looks at them once nobody changes anything any more.
    """
    waiting = EmailLog.objects.filter(allowed("resume")).select_related("program").order_by("pk")
    return sum(
        stop(EmailLog.objects.filter(pk=mail.pk), candidate, Actor.WORKER)
        for mail in waiting
        if not (candidate := ask_again(mail, now)).is_due
    )


def sweep(now: datetime.datetime, program: Program | None = None) -> int:
    """Mark the emails of workers that died as uncertain; return their number."""
    lost = EmailLog.objects.filter(claimed_at__lt=now - LEASE)
    if program:
        lost = lost.filter(program=program)
    return perform("expire", lost, Actor.SWEEP, state_reason=LOST)


def deliver_due(
    *,
    program: Program | None = None,
    clock: Clock = timezone.now,
    seconds: float | None = None,
    wait: Callable[[float], None] | None = None,
    backs_off: bool = False,
) -> Tally:
    """Send what is due, of one program or of all, and give what became of it.

    Ends when nothing more is due or `seconds` are over. Where one of a program's limits is
    reached, the rest stays queued; with `wait` (such as `time.sleep`) a minute is waited for.
    With `backs_off`, a server that did not let us in is left alone until its time is over.
    What keeps all email from leaving is noted for the alarms, until an email leaves.
    """
    tally = Tally(uncertain=sweep(clock(), program))
    run = _Run(clock, program)
    if backs_off and waits_until(SENDING, clock()):
        tally.trouble = troubles().get(SENDING, "")
        tally.left = _left(program)
        return tally
    ends = time.monotonic() + seconds if seconds is not None else None
    postman = Postman()
    try:
        some = run.due().exists()  # a server is not bothered for nothing
        while some and (ends is None or time.monotonic() < ends):
            postman.open()
            mail = claim(run, metered=postman.is_metered)
            if mail is not None:
                outcome = postman.send(mail, partial(note_refusals, mail))
                _count(tally, _surely(partial(finish, mail, outcome, clock())))
                _mind(run, outcome)
                continue
            pause = run.until_a_place_is_free()
            if pause is None:
                break
            if not wait or pause > MINUTE:
                tally.trouble = FULL.format(minutes=math.ceil(pause / MINUTE))
                break
            wait(max(0.1, pause.total_seconds()))
            run.full.clear()
    except ServerUnreachable as error:
        tally.trouble = str(error)
        note_trouble(SENDING, tally.trouble, clock(), back_off=error.back_off)
        run.due().update(state_reason=tally.trouble)
    finally:
        postman.close()
    tally.left = _left(program)
    return tally


def _left(program: Program | None) -> int:
    queued = EmailLog.objects.filter(state=State.QUEUED)
    return (queued.filter(program=program) if program else queued).count()


def _mind(run: _Run, outcome: Outcome) -> None:
    """Note whether the server is of use. Raise ServerUnreachable if it is not, for now."""
    if outcome.unknown:
        run.is_well = False  # so that the next email that arrives ends the row
        in_a_row = note_trouble(SENDING, "", run.clock())
        if in_a_row >= UNKNOWN:
            raise ServerUnreachable(NEVER_SAYS.format(number=in_a_row), back_off=True)
    elif outcome.trouble:
        run.refused, run.is_well = run.refused + 1, False
        if run.refused >= REFUSALS:
            raise ServerUnreachable(_of_all(outcome))
        note_trouble(SENDING, _of_all(outcome), run.clock())
    elif outcome.accepted and not run.is_well:
        beat(run.clock(), SENDING)
        run.refused, run.is_well = 0, True


def _of_all(outcome: Outcome) -> str:
    return f"{UNREACHABLE}: it refuses all emails ({outcome.trouble})"


def _count(tally: Tally, state: State | None) -> None:
    tally.sent += state == State.SENT
    tally.failed += state == State.FAILED
    tally.uncertain += state == State.UNCERTAIN


def claim(run: _Run, *, metered: bool) -> EmailLog | None:
    """Take the next due email, whose reason still holds, and commit that it is being sent.

    Emails whose reason is gone are cancelled on the way, and those fail that would have to be
    written anew and cannot be. Gives None when there is none to take: nothing is due, other
    workers have it all, or every program with email has reached its limit.
    """
    passed: set[int] = set()
    while True:
        waiting = run.due().exclude(program__in=passed.union(run.full)).order_by("not_before", "pk")
        first = waiting.values_list("program", flat=True).first()
        if first is None:
            return None
        with transaction.atomic():
            now = run.clock()
            program = Program.objects.get(pk=first)
            if metered and (program.mails_per_minute or program.mails_per_day):
                # Held before the email, in the order in which everybody holds the two.
                Program.objects.locked(program.pk)
                if until := full_until(program, now):
                    run.full[first] = until
                    continue
            mail = (
                waiting.filter(program=first)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("program")
                .first()
            )
            if mail is None:
                passed.add(first)
                continue
            this = EmailLog.objects.filter(pk=mail.pk)
            candidate = ask_again(mail, now)
            if not candidate.is_due:
                stop(this, candidate, Actor.WORKER)
                continue
            try:
                rewrite_if_outdated(mail, candidate, now)
            except ValidationError as error:
                # Left in the queue it would be the next one again, and stop all others.
                why = f"It could not be rewritten: {' '.join(error.messages)}"
                perform("spoil", this, Actor.WORKER, state_reason=why)
                continue
            if _start(mail, now):
                return mail


def _start(mail: EmailLog, now: datetime.datetime) -> bool:
    """Commit that this worker sends an email; return whether it was still there to be taken."""
    claimed = {
        "attempts": mail.attempts + 1,
        "claimed_at": now,
        "claimed_by": f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}",
        "state_reason": "",
        "refusals": {},
        "message_id": message_id(mail),
        "redirected_to": settings.MAIL_REDIRECT_TO,
    }
    if not perform("claim", EmailLog.objects.filter(pk=mail.pk), Actor.WORKER, **claimed):
        return False
    mail.refresh_from_db(fields=["state", *claimed])
    return True


def finish(mail: EmailLog, outcome: Outcome, now: datetime.datetime) -> State | None:
    """Commit what became of an email that this worker sent, and return its new state.

    Should the sweep have taken the worker for dead meanwhile, what it knows still counts; should
    a person have decided meanwhile, their decision does, and this returns None.
    """
    delivered = [*mail.delivered_to, *([] if outcome.unknown else outcome.accepted)]
    words = in_words(outcome.refusals)
    counts = not outcome.trouble or (not outcome.is_throttled and _took_another(mail, now))
    change: dict[str, object] = {
        "delivered_to": delivered,
        "sent_to": list(dict.fromkeys([*mail.sent_to, *outcome.accepted])),
        "refusals": outcome.refusals,
    }
    if outcome.unknown:
        name = "lose"
        change["state_reason"] = f"{outcome.unknown} Refused: {words}" if words else outcome.unknown
    elif not outcome.refused:
        name = "deliver"
        change["sent_at"] = now
        change["state_reason"] = (
            f"Went to {mail.redirected_to} instead." if mail.redirected_to else ""
        )
    elif not counts:
        name = "postpone"
        change["attempts"] = mail.attempts - 1
        change["not_before"] = now + MINUTE
        change["state_reason"] = _of_all(outcome)
    elif (outcome.for_now or outcome.trouble) and mail.attempts < TRIES:
        name = "postpone"
        change["not_before"] = now + back_off(mail.attempts)
        change["state_reason"] = f"Refused for now: {words}"
    else:
        name = "refuse"
        again = outcome.for_now or outcome.trouble
        tries = f"Refused {mail.attempts} times: " if again else "Refused: "
        change["state_reason"] = tries + words
    if not perform(name, _claimed_as(mail), Actor.WORKER, **change):
        return None
    return named(name)[0].target


def _took_another(mail: EmailLog, now: datetime.datetime) -> bool:
    """Return whether the server has lately taken an email, so that it does not refuse all."""
    taken = EmailLog.objects.filter(sent_at__gt=now - LATELY, sent_at__lte=now)
    return taken.exclude(pk=mail.pk).exists()


def _claimed_as(mail: EmailLog) -> QuerySet[EmailLog]:
    """Return this email if it is still being sent by the worker that has it, as far as is known."""
    return EmailLog.objects.filter(
        pk=mail.pk, claimed_by=mail.claimed_by, state__in=[State.SENDING, State.UNCERTAIN]
    )


def note_refusals(mail: EmailLog, outcome: Outcome) -> None:
    """Commit who cannot get an email that is about to go out to somebody else."""
    _claimed_as(mail).update(refusals=outcome.refusals)


def _surely(commit: Callable[[], State | None]) -> State | None:
    """Commit something, however long the database is away while it restarts.

    What the server said of an email is known here only: forgotten, the email would be uncertain.
    """
    gives_up = time.monotonic() + DATABASE_RESTARTS_WITHIN.total_seconds()
    while True:
        try:
            return commit()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > gives_up:
                raise
            connection.close()
            time.sleep(1)


def back_off(attempts: int) -> datetime.timedelta:
    """Return how long to wait after this many tries: longer each time, and never all at once."""
    minutes = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return datetime.timedelta(minutes=minutes * random.uniform(0.8, 1.2))  # noqa: S311


def sentence(why: str) -> str:
    """Return a reason as it is kept with an email."""
    return why[0].upper() + why[1:] + "."
