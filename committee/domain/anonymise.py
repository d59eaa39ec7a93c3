"""Anonymize a program after its conference: its people, its matches and its emails."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Count, F, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import ngettext

from committee.domain.traces import leave_to_clean_up
from matching.domain.anonymise import anonymise_matches
from mentorship.domain.programs.anonymise import anonymise_people, forget_log
from mentorship.domain.programs.data_log import log_access
from mentorship.domain.survey.window import survey_is_over
from mentorship.models import ANONYMISED_DOMAIN, DataAccess, Program
from notifications.models import Bounce, EmailLog, EmailReply, Schedule

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = EmailLog.State


@dataclass(frozen=True)
class Anonymised:
    """How many people and emails were, or would be, anonymized."""

    participants: int
    messages: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def what_is_in_the_way(program: Program) -> list[str]:
    """Return, in sentences, why a program cannot be anonymized yet; empty if it can."""
    reasons = []
    if not survey_is_over(program):
        last_day = program.formats.date(program.ends_on)
        reasons.append(f"{program} runs until {last_day}. Anonymize it after that.")
    states = dict(
        EmailLog.objects.filter(program=program)
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    if waiting := sum(states.get(s, 0) for s in (State.QUEUED, State.SENDING, State.HELD)):
        reasons.append(
            ngettext(
                "%(n)d email is still in the outbox, queued or on hold. Send or cancel it first.",
                "%(n)d emails are still in the outbox, queued or on hold. Send or cancel them "
                "first.",
                waiting,
            )
            % {"n": waiting}
        )
    if uncertain := states.get(State.UNCERTAIN, 0):
        reasons.append(
            ngettext(
                "%(n)d email is uncertain. Say first whether it arrived.",
                "%(n)d emails are uncertain. Say first whether they arrived.",
                uncertain,
            )
            % {"n": uncertain}
        )
    return reasons


def would_anonymise(program: Program) -> Anonymised:
    """Return how many people and emails anonymizing this program would reach."""
    return Anonymised(
        participants=program.participants.count(),
        messages=EmailLog.objects.filter(program=program).count(),
    )


def anonymise_program(program: Program, by: User | None = None) -> Anonymised:
    """Replace who a program's people were and what was written by, about or to them.

    Kept are numbers, roles, fields, dates and which match was whose. All or nothing in one
    transaction, during which nobody else writes anything about the program; what files and freed
    space still hold goes right after it, or at the next run of `clean_up`. It cannot be undone, and
    doing it again takes in what has come since. `by` is None if the program does it by itself.
    Raise ValidationError, with nothing changed, while the conference lasts or emails wait.
    """
    with transaction.atomic():
        program = Program.objects.alone(program.pk)
        if reasons := what_is_in_the_way(program):
            raise ValidationError(reasons)
        anonymise_matches(program)
        participants = anonymise_people(program)
        messages = _anonymise_emails(program)
        program.anonymised_at = timezone.now()
        program.save(update_fields=["anonymised_at"])
        log_access(program, by, DataAccess.What.ANONYMISED, "the program", participants)
        leave_to_clean_up(program, EmailLog.objects.filter(program=program))
    return Anonymised(participants, messages)


def _anonymise_emails(program: Program) -> int:
    emails = EmailLog.objects.filter(program=program)
    changed = emails.update(
        recipients=[f"participant@{ANONYMISED_DOMAIN}"],
        delivered_to=[],
        sent_to=[],
        refusals={},
        redirected_to="",
        subject="(anonymised)",
        text_body="",
        html_body="",
        calendar="",
        written_for="",
        state_reason="",
        resend_why="",
    )
    EmailReply.objects.filter(mail__program=program).delete()
    bounces = Bounce.objects.filter(mail__program=program)
    somebody = Concat(Value("bounce-"), Cast(F("pk"), CharField()), Value(f"@{ANONYMISED_DOMAIN}"))
    bounces.update(reported=somebody, words="")
    bounces.exclude(address="").update(address=somebody)
    Schedule.objects.filter(program=program).update(is_on=False, trouble="")
    forget_log(EmailLog, emails)
    return changed
