"""What the outbox says of each mail, held against what the mail server took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from notifications.models import EmailLog

State = EmailLog.State


@dataclass
class Verdict:
    """How many mails ended in which state, and each that contradicts the server's log."""

    states: Counter[str] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        return [*self.twice, *self.lost, *self.wrong]


def judge(taken: Mapping[str, Counter[str]]) -> Verdict:
    """Compare the whole outbox with how often each address got which Message-ID."""
    verdict = Verdict()
    known: set[str] = set()
    for mail in EmailLog.objects.order_by("pk").iterator():
        verdict.states[mail.state] += 1
        known.add(mail.message_id)
        got = taken.get(mail.message_id, Counter())
        who = f"{mail.pk} ({mail.state}) to {mail.recipients}"
        if any(times > 1 for times in got.values()):
            verdict.twice.append(f"{who}: {dict(got)}")
        if set(got) - set(mail.recipients):
            verdict.wrong.append(f"{who}: went to {sorted(got)}")
        if mail.state == State.SENT:
            missing = set(mail.recipients) - set(got)
        elif mail.state == State.FAILED:
            missing = set(mail.delivered_to) ^ set(got)
        elif mail.state == State.UNCERTAIN:
            missing = set(mail.delivered_to) - set(got)
        else:
            missing = {f"it is still {mail.state}"}
        if missing:
            verdict.lost.append(f"{who}: {sorted(missing)}")
        if mail.state in (State.FAILED, State.UNCERTAIN) and not mail.state_reason:
            verdict.wrong.append(f"{who}: no reason given")
    strangers = set(taken) - known
    verdict.wrong.extend(f"nobody queued {message_id}" for message_id in sorted(strangers))
    return verdict
