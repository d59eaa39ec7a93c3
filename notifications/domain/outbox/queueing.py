"""Putting emails into the outbox, each together with its reason in one transaction."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from matching.domain.exclusions.wish_decisions import refuse_unsettled
from matching.domain.matches.asked import note_asked
from matching.domain.matches.changes import announce
from mentorship.domain.jobs import hand_over
from mentorship.models import Program, SurveyResponse
from notifications.domain.content import placeholders
from notifications.domain.content.rendering import Rendered, render
from notifications.domain.content.templates import text_for
from notifications.domain.reasons import MATCH, RULES, Audience, Candidate, parse_kind
from notifications.domain.reasons.candidates import Units
from notifications.domain.reasons.receipts import receipt_of
from notifications.models import MATCH_KINDS, EmailBatch, EmailLog, Kind
from notifications.models.email import kinds_like

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# Email of these kinds tells people of each other.
REVEALING = (MATCH, *MATCH_KINDS, Kind.ASK_MENTOR, Kind.ASK_MENTOR_AGAIN)
logger = logging.getLogger(__name__)
# So many emails are written at once, and so many looked at where none is written.
CHUNK, WHOLE = 500, 10_000
DELIVER_TASK = "notifications.tasks.deliver_due"
State = EmailLog.State

# What somebody who has the email already is told to look at, by the state that it is in.
_ALREADY = {
    State.QUEUED: "is queued already",
    State.SENDING: "is being sent",
    State.SENT: "was sent this already",
    State.FAILED: "could not be sent this; see the email that failed",
    State.UNCERTAIN: "may or may not have received this; see the outbox",
    State.HELD: "is on hold in the outbox",
    State.CANCELLED: "was canceled by hand; it can be queued again in the outbox",
}


@dataclass
class Queued:
    """How many emails were (or would be) queued, who was left out and why, and the batch."""

    queued: int = 0
    left_out: list[dict[str, str]] = field(default_factory=list)
    batch: EmailBatch | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"queued": self.queued, "left_out": self.left_out}


def queue_mail(
    program: Program,
    kind: str,
    *,
    dry_run: bool = False,
    by: AbstractBaseUser | None = None,
    rest_seconds: int | None = None,
    only: Sequence[int] | None = None,
    now: datetime.datetime | None = None,
) -> Queued:
    """Queue an email of this kind for everyone who is due one and has none yet.

    `kind` is a Kind, or `match` for both variants; drafts are announced in the same
    transaction. With `rest_seconds` the emails rest that long as one batch, which can be taken
    back; without it they are due at once. `only` are the matches to look at (match emails only).
    A dry run changes nothing. Raises ValidationError for an unknown kind, a text that cannot
    be used, a program that is anonymized, or match emails while a wish waits for a decision.
    """
    kind = parse_kind(kind)
    now = now or timezone.now()
    with transaction.atomic():
        program = Program.objects.locked(program.pk)
        refuse_anonymised(program)
        if kind in REVEALING:
            refuse_unsettled(program)
        result = Queued()
        writer = Writer(program, now, by, rest_seconds, kind)
        for due in _in_chunks(plan(program, kind, now, result.left_out, only)):
            result.queued += len(due)
            if not dry_run:
                writer.write(due)
        result.batch = writer.batch
        if result.queued and not dry_run and rest_seconds is None:
            transaction.on_commit(wake_worker)
    return result


def queue_at_once(program: Program, kind: str, about: int) -> int:
    """Queue the emails that one event calls for, in its transaction; return how many.

    `about` is the key of what the kind is about. Without the lock on the program that `queue_mail`
    takes: the event holds people's rows already. The next sweep sends them. A template that cannot
    be used stops no event; these emails are left to the committee then.
    """
    found = RULES[kind].rule(program, now := timezone.now(), Audience([about]))
    known = EmailLog.objects.like(kind, [about]).filter(repeat=0)
    there = set(known.values_list("about", "which"))
    due = [one for one in found if one.is_due and (one.about, one.which) not in there]
    if not due or program.anonymised_at:
        return 0
    try:
        with transaction.atomic():
            Writer(program, now, None, None, kind).write(due)
    except ValidationError:
        logger.exception("No email of the kind %s could be written for %s", kind, program)
        return 0
    return len(due)


def refuse_anonymised(program: Program) -> None:
    """Raise ValidationError if nobody in this program can be written to any more."""
    if program.anonymised_at:
        raise ValidationError(f"{program} is anonymized: nobody can be emailed any more.")


def plan(
    program: Program,
    kind: str,
    now: datetime.datetime,
    left_out: list[dict[str, str]],
    only: Sequence[int] | None = None,
    *,
    only_who: bool = False,
) -> Iterator[Candidate]:
    """Yield each email that is due and not in the outbox yet; add all others to `left_out`.

    With `only_who` these may be such that cannot be written; see Audience.
    """
    of_kind = RULES[kind]
    for keys in _parts(of_kind.units(program), only, WHOLE if only_who else CHUNK):
        found = of_kind.rule(program, now, Audience(keys, only_who=only_who))
        known = {
            (kinds_like(mail.kind), mail.about, mail.which): mail
            for like in {kinds_like(candidate.kind) for candidate in found}
            for mail in program.emails.like_around(like[0], keys)
            .filter(repeat=0)
            .only("program", "kind", "about", "which", "state", "came_back_at", "redirected_to")
        }
        for candidate in found:
            if kind in MATCH_KINDS and candidate.kind != kind:
                continue
            why = candidate.obstacle
            if mail := known.get((kinds_like(candidate.kind), candidate.about, candidate.which)):
                why = _already(mail)
            if not why:
                yield candidate
            else:
                left_out.extend({"email": p.email, "why": why} for p in candidate.people)


def _parts(units: Units, only: Sequence[int] | None, size: int) -> Iterator[list[int]]:
    """Yield the keys of these units, or those of them in `only`, about `size` at a time."""
    wanted = None if only is None else set(only)
    part: list[int] = []
    for unit in units:
        if len(part) >= size:
            yield part
            part = []
        part += [key for key in unit if wanted is None or key in wanted]
    if part:
        yield part


def _already(mail: EmailLog) -> str:
    """Say to somebody who has this email already why they do not get another."""
    if mail.came_back_at:
        return "the email bounced; it can be sent again in the outbox"
    if mail.state == State.SENT and mail.redirected_to and not settings.MAIL_REDIRECT_TO:
        return f"it went to {mail.redirected_to} instead; it can be sent again in the outbox"
    return _ALREADY[State(mail.state)]


def _in_chunks(candidates: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    while chunk := list(islice(candidates, CHUNK)):
        yield chunk


class Renderer:
    """Renders the emails of one program, whose values and texts it looks up once, when needed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.values = {"program": placeholders.of_program(program)}
        self.text_of = cache(partial(text_for, program))

    def render(self, candidate: Candidate) -> Rendered:
        """Return the email; raise ValidationError if the text of its kind cannot be used."""
        text = self.text_of(candidate.kind)
        return render(text.subject, text.body, {**self.values, **candidate.values()})


class Writer:
    """Writes emails into the outbox, many at a time."""

    def __init__(
        self,
        program: Program,
        now: datetime.datetime,
        by: AbstractBaseUser | None,
        rest_seconds: int | None,
        kind: str,
    ) -> None:
        self.program, self.now, self.by, self.kind = program, now, by, kind
        self.rest_seconds = rest_seconds
        self.renderer = Renderer(program)
        self.batch: EmailBatch | None = None

    def write(self, candidates: list[Candidate]) -> list[EmailLog]:
        """Write these emails, announce the matches that they introduce, and give the emails.

        Raise ValidationError, with nothing written, if the program is anonymized by now.
        """
        Program.objects.in_use(self.program.pk)
        if self.rest_seconds is not None and self.batch is None:
            self.batch = EmailBatch.objects.create(
                program=self.program,
                kind=self.kind,
                created_by_id=self.by.pk if self.by else None,
                leaves_at=self.now + datetime.timedelta(seconds=self.rest_seconds),
            )
        if matches := [match for candidate in candidates for match in candidate.introduced]:
            announce(matches, by=self.by)
        asked = [c.match for c in candidates if c.kind == Kind.ASK_MENTOR and c.match]
        note_asked(asked, self.batch.leaves_at if self.batch else self.now)
        emails = EmailLog.objects.bulk_create([self._mail(candidate) for candidate in candidates])
        through = EmailLog.people.through
        through.objects.bulk_create(
            through(emaillog_id=mail.pk, participant_id=person.pk)
            for mail, candidate in zip(emails, candidates, strict=True)
            for person in candidate.people
        )
        of_groups = EmailLog.matches.through
        of_groups.objects.bulk_create(
            of_groups(emaillog_id=mail.pk, match_id=match.pk)
            for mail, candidate in zip(emails, candidates, strict=True)
            for match in candidate.group
        )
        return emails

    def _mail(self, candidate: Candidate) -> EmailLog:
        rendered = self.renderer.render(candidate)
        return EmailLog(
            program=self.program,
            kind=candidate.kind,
            about=candidate.about,
            which=candidate.which,
            repeat=candidate.repeat,
            match=candidate.match,
            batch=self.batch,
            recipients=[person.email for person in candidate.people],
            subject=rendered.subject,
            text_body=rendered.text,
            html_body=rendered.html,
            calendar=candidate.calendar(self.now),
            written_for=candidate.mark,
            reply_to=self.program.contact_email,
            not_before=self.batch.leaves_at if self.batch else self.now,
        )


def wake_worker() -> None:
    """Tell a worker that email is due. Without a broker the sweep of the outbox finds it."""
    hand_over(DELIVER_TASK)


def queue_receipts(program: Program, responses: Sequence[SurveyResponse]) -> None:
    """Queue the receipt of each of these responses, in the transaction that saves them.

    They are the newest of their people, who are locked until that transaction ends.
    The next sweep of the outbox sends it: nobody who sends the form waits for a broker. Raise
    ValidationError, with nothing queued, if the template of receipts cannot be used.
    """
    due = [candidate for candidate in map(receipt_of, responses) if candidate.is_due]
    if due:
        Writer(program, timezone.now(), None, None, Kind.RECEIPT).write(due)


def rewrite_if_outdated(mail: EmailLog, candidate: Candidate, now: datetime.datetime) -> bool:
    """Write an email anew for other addresses, links, hours or ways of attending.

    Return whether it was. Save nothing but what is written. The caller holds the row, or does not
    mind that a worker takes it meanwhile: the worker looks again itself. Raise ValidationError if
    the template of the kind cannot be used.
    """
    if mail.written_for == candidate.mark:
        return False
    rendered = Renderer(mail.program).render(candidate)
    written = {
        "kind": candidate.kind,
        "recipients": [person.email for person in candidate.people],
        "subject": rendered.subject,
        "text_body": rendered.text,
        "html_body": rendered.html,
        "calendar": candidate.calendar(now),
        "written_for": candidate.mark,
    }
    for name, value in written.items():
        setattr(mail, name, value)
    waiting = [State.QUEUED, State.HELD]
    if EmailLog.objects.filter(pk=mail.pk, state__in=waiting).update(**written):
        mail.matches.set(candidate.group)
    return True
