"""What a bulk send would do, shown before it is done."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import ngettext

from matching.domain.board.board import read_board
from matching.domain.exclusions.wish_decisions import UnsettledWishes, refuse_unsettled
from mentorship.models import Participant, Program
from notifications.domain.content.rendering import Rendered
from notifications.domain.content.templates import text_for
from notifications.domain.content.validation import missing_link
from notifications.domain.outbox.queueing import REVEALING, Renderer, plan
from notifications.domain.outbox.rematch import REMATCH
from notifications.domain.outbox.resending import RESEND
from notifications.domain.reasons import MATCH, Candidate
from notifications.domain.reasons.matches import in_full
from notifications.models import MATCH_KINDS, Kind

CONFIRM_ABOVE = 20


@dataclass
class SendPreview:
    """How many emails would go, who gets them, who is left out and why, and how each looks."""

    kind: str
    title: str
    people: list[tuple[str, str]] = field(default_factory=list)
    emails: int = 0
    left_out: dict[str, list[str]] = field(default_factory=dict)
    samples: list[tuple[str, int, Rendered, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str = ""
    refused: str = ""

    @property
    def needs_typing(self) -> bool:
        """Whether the number must be typed to confirm."""
        return self.emails > CONFIRM_ABOVE

    @property
    def mark(self) -> str:
        """A mark that changes with who gets it and with how it looks."""
        looks = [(number, mail.subject, mail.html) for _, number, mail, _ in self.samples]
        return hashlib.sha256(repr((self.people, looks)).encode()).hexdigest()

    @property
    def left_out_count(self) -> int:
        return sum(len(addresses) for addresses in self.left_out.values())


def title_of(kind: str) -> str:
    """Return a kind's name as people read it; `match` is all variants, `resend` what was lost."""
    if kind == RESEND:
        return "Resent emails"
    if kind == REMATCH:
        return "Emails of a rematch"
    return "Match emails" if kind == MATCH else str(Kind(kind).label)


def preview(
    program: Program,
    kind: str,
    now: datetime.datetime | None = None,
    only: Sequence[int] | None = None,
) -> SendPreview:
    """Say what queueing this kind now would do, of matches for `only` these. Changes nothing."""
    now = now or timezone.now()
    shown = SendPreview(kind, title_of(kind))
    renderer = Renderer(program)
    left_out: list[dict[str, str]] = []
    first: dict[str, Candidate] = {}
    variants: Counter[str] = Counter()
    mentees: set[int] = set()
    people: set[int] = set()
    for candidate in plan(program, kind, now, left_out, only, only_who=True):
        variants[candidate.kind] += 1
        mentees.update(match.mentee_id for match in candidate.introduced)
        people.update(person.pk for person in candidate.people)
        first.setdefault(candidate.kind, candidate)
        names = " and ".join(str(person) for person in candidate.people)
        shown.people.append((names, ", ".join(person.email for person in candidate.people)))
    shown.emails = variants.total()
    for out in left_out:
        shown.left_out.setdefault(out["why"], []).append(out["email"])
    samples = list(first.values())
    if set(first) & set(MATCH_KINDS):
        samples = in_full(program, now, samples)
    try:
        shown.samples = [
            (str(Kind(one.kind).label), variants[one.kind], renderer.render(one), one.kind)
            for one in samples
        ]
    except ValidationError as error:
        shown.error = " ".join(error.messages)
    if kind in REVEALING:
        try:
            refuse_unsettled(program)
        except UnsettledWishes as unsettled:
            shown.refused = " ".join(unsettled.messages)
    if shown.emails:
        shown.warnings = _warnings(program, set(first), mentees, people, now)
    return shown


def _warnings(
    program: Program,
    variants: set[str],
    mentees: set[int],
    people: set[int],
    now: datetime.datetime,
) -> list[str]:
    """Return what the committee should look at before it sends."""
    found = []
    if program.is_over(now) and variants != {Kind.FEEDBACK}:
        found.append("The conference is over, and these emails speak of what is still to come.")
    if not program.contact_email:
        found.append("The program has no contact address, so replies go to the sending mailbox.")
    if variants & {Kind.SURVEY, Kind.REMINDER} and not program.announce_on:
        found.append("The program does not say when matches are announced.")
    if variants & set(MATCH_KINDS) and not program.contact_by:
        found.append("The program does not say by when people should hear from each other.")
    if variants & set(MATCH_KINDS):
        found_with = [f for of_pair in read_board(program).findings.values() for f in of_pair]
        odd = {f.mentee.pk for f in found_with if f.warning and f.mentee} & mentees
        if odd:
            has = ngettext("%(n)s match has", "%(n)s matches have", len(odd)) % {"n": len(odd)}
            found.append(f"{has} a warning (mixed attendance, or no shared field).")
        found += _undecided(program, people)
    texts = ((variant, text_for(program, variant).body) for variant in sorted(variants))
    found += filter(None, (missing_link(variant, body) for variant, body in texts))
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        found.append(
            f"No mail server is set up: emails are written to {settings.MAIL_DIR} and reach nobody."
        )
    return found


def _undecided(program: Program, people: set[int]) -> list[str]:
    """Return what the dashboard asks about these people before they are introduced."""
    here = Participant.objects.filter(program=program)
    unclear = people.intersection(here.with_role_in_doubt().values_list("pk", flat=True))
    gone = people.intersection(here.not_in_signups().values_list("pk", flat=True))
    found = []
    if unclear:
        words = ngettext(
            "The role of %(n)s person is unclear",
            "The roles of %(n)s people are unclear",
            len(unclear),
        )
        found.append(words % {"n": len(unclear)})
    if gone:
        words = ngettext(
            "%(n)s person is no longer registered",
            "%(n)s people are no longer registered",
            len(gone),
        )
        found.append(words % {"n": len(gone)})
    return [f"{sentence}. Decide on the dashboard first." for sentence in found]
