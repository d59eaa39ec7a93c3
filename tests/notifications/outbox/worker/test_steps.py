"""Every step that there is, from every state: where it leads, and where it is refused."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from notifications.domain.outbox import decisions
from notifications.domain.outbox.worker import (
    LEASE,
    TRIES,
    _Run,
    claim,
    deliver_due,
    drop,
    finish,
    note_refusals,
    sweep,
)
from notifications.domain.transport.smtp import Outcome, Postman
from notifications.models import EmailLog, EmailTemplate
from notifications.models.states import Actor
from tests.notifications.conftest import NOON, announced_pair, at, invitations, later, states

State = EmailLog.State
pytestmark = pytest.mark.django_db
WORKER = "host:1:a"
ADDRESS = "a@mail.example"
FOR_NOW = Outcome(refused={ADDRESS: (450, "greylisted")})
FOR_GOOD = Outcome(refused={ADDRESS: (550, "no such user")})
AFTER_THE_LEASE = NOON + LEASE + datetime.timedelta(seconds=1)


def one_in_each_state(**details):
    """Return a mail in each state, all of them claimed by one worker at noon."""
    mails = invitations(len(State.values))
    for mail, state in zip(mails, State.values, strict=True):
        EmailLog.objects.filter(pk=mail.pk).update(
            **{
                "state": state,
                "sent_at": NOON if state == "sent" else None,
                "claimed_at": NOON,
                "claimed_by": WORKER,
                "attempts": 1,
                **details,
            }
        )
    return list(EmailLog.objects.order_by("pk"))


def ends(outcome):
    """The worker that claimed all of them commits what the server said."""

    def step():
        for mail in EmailLog.objects.order_by("pk"):
            finish(mail, outcome, NOON)

    return step


def claimed():
    while claim(_Run(at(NOON)), metered=False):
        pass


def everything(decide):
    return lambda: decide(EmailLog.objects.all())


STEPS = {
    "a person holds it": (everything(decisions.hold_emails), {"queued": "held"}),
    "a person lets it go on": (everything(decisions.release_emails), {"held": "queued"}),
    "a person cancels it": (
        everything(decisions.cancel_by_hand),
        {"queued": "cancelled", "held": "cancelled", "failed": "cancelled"},
    ),
    "a person sends it again": (
        everything(decisions.send_again),
        {"failed": "queued", "uncertain": "queued", "cancelled": "queued"},
    ),
    "a person says that it arrived": (everything(decisions.was_sent), {"uncertain": "sent"}),
    "its reason is gone": (
        lambda: drop(EmailLog.objects.all(), "has answered", Actor.RECEIVER),
        {"queued": "cancelled", "held": "cancelled"},
    ),
    "a worker takes it": (claimed, {"queued": "sending"}),
    "its worker is alive": (lambda: sweep(NOON + LEASE), {}),
    "its worker is dead": (lambda: sweep(AFTER_THE_LEASE), {"sending": "uncertain"}),
    "the server takes it": (
        ends(Outcome(accepted=[ADDRESS])),
        {"sending": "sent", "uncertain": "sent"},
    ),
    "the server refuses it for now": (
        ends(FOR_NOW),
        {"sending": "queued", "uncertain": "queued"},
    ),
    "the server refuses it for good": (
        ends(FOR_GOOD),
        {"sending": "failed", "uncertain": "failed"},
    ),
    "the connection breaks": (ends(Outcome(unknown="It broke.")), {"sending": "uncertain"}),
}


@pytest.mark.parametrize(("step", "becomes"), STEPS.values(), ids=STEPS)
def test_changes_what_is_in_a_state_from_which_it_may_and_nothing_else(step, becomes):
    one_in_each_state()
    before = dict(EmailLog.objects.values_list("pk", "state_reason"))
    step()
    assert states() == [becomes.get(state, state) for state in State.values]
    untouched = {
        mail.pk: mail.state_reason
        for mail, state in zip(EmailLog.objects.order_by("pk"), State.values, strict=True)
        if state not in {*becomes, "uncertain"}
    }
    assert untouched == {pk: before[pk] for pk in untouched}


@pytest.mark.parametrize(
    "outcome", [Outcome(accepted=[ADDRESS]), FOR_NOW, FOR_GOOD, Outcome(unknown="It broke.")]
)
def test_a_worker_says_nothing_of_what_is_not_its_own_any_more(outcome):
    mails = one_in_each_state()
    EmailLog.objects.update(claimed_by="another:2:b")
    before = list(EmailLog.objects.order_by("pk").values())
    for mail in mails:
        finish(mail, outcome, NOON)
    assert list(EmailLog.objects.order_by("pk").values()) == before


def test_the_eighth_refusal_for_now_is_the_last():
    one_in_each_state(attempts=TRIES)
    ends(FOR_NOW)()
    becomes = {"sending": "failed", "uncertain": "failed"}
    assert states() == [becomes.get(state, state) for state in State.values]


def test_what_was_cancelled_for_its_reason_is_not_sent_again_by_hand():
    invitations(1)
    drop(EmailLog.objects.all(), "has answered", Actor.RECEIVER)
    assert decisions.send_again(EmailLog.objects.all()) == 0
    assert states() == ["cancelled"]


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_the_database_lets_nothing_be_on_its_way_that_nobody_claimed(state):
    (mail,) = invitations(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailLog.objects.filter(pk=mail.pk).update(state=state, claimed_at=None)


def test_a_text_that_cannot_be_used_fails_its_mail_and_stops_no_other(moody):
    mail, _ = invitations(2)
    EmailTemplate.objects.create(
        program=mail.program, kind="survey", subject="Hello", body="[Answer]({{ person.link }})"
    )
    EmailTemplate.objects.update(body="{{ person.shoe_size }}")
    EmailLog.objects.filter(pk=mail.pk).update(written_for="another address")
    assert deliver_due(clock=at(NOON)).as_dict() == {
        "sent": 1,
        "failed": 0,
        "uncertain": 0,
        "left": 0,
    }
    assert states() == ["failed", "sent"]
    mail.refresh_from_db()
    assert mail.state_reason == (
        "It could not be rewritten: This email template cannot be used: "
        "'dict object' has no attribute 'shoe_size'"
    )


class TestOneOfTwoRefused:
    """The server takes a mail for one of two people, and then nobody knows what became of it."""

    REFUSED = {"mentee@freemail.example": "550 no such user"}
    WORDS = "Refused: mentee@freemail.example: 550 no such user"

    def refuse(self, moody):
        moody.rcpt["mentee@freemail.example"] = ["550 no such user"]
        moody.data.append("take and drop")

    def settle(self, moody):
        """It arrived; and what was refused is sent again, to whom it was refused alone."""
        assert decisions.was_sent(EmailLog.objects.all()) == 1
        mail = EmailLog.objects.get()
        assert (mail.state, mail.state_reason, mail.delivered_to) == (
            "failed",
            f"A committee member found that it had arrived. {self.WORDS}",
            ["mentor@freemail.example"],
        )
        decisions.send_again(EmailLog.objects.all(), later(hours=1))
        assert deliver_due(clock=at(later(hours=1))).sent == 1
        assert moody.envelopes[-1][1] == ["mentee@freemail.example"]

    def test_by_a_connection_that_breaks(self, moody):
        announced_pair()
        self.refuse(moody)
        assert deliver_due(clock=at(NOON)).uncertain == 1
        mail = EmailLog.objects.get()
        assert mail.refusals == self.REFUSED
        assert mail.state_reason.endswith(f"It may have taken the email. {self.WORDS}")
        self.settle(moody)
        assert len(moody.envelopes) == 2

    def test_by_a_worker_that_dies(self, moody):
        announced_pair()
        self.refuse(moody)
        mail = claim(_Run(at(NOON)), metered=True)
        postman = Postman()
        postman.open()
        told = []

        def note(outcome):
            told.append((outcome.refusals, len(moody.envelopes)))
            note_refusals(mail, outcome)

        postman.send(mail, note)
        postman.close()
        assert told == [(self.REFUSED, 0)]
        assert deliver_due(clock=at(AFTER_THE_LEASE)).uncertain == 1
        self.settle(moody)
