"""What workers and mail server agree on over one connection, and what a mail is known by."""

import pytest

from notifications.domain.outbox import decisions
from notifications.models import EmailLog
from tests.notifications.conftest import arrived, deliver, invitations, later

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "refuse",
    [
        lambda server: server.rcpt.update({"a@mail.example": ["550 no such user"]}),
        lambda server: server.data.append("554 looks like spam"),
    ],
)
def test_a_refused_mail_leaves_the_connection_to_the_next(moody, refuse):
    invitations(3)
    refuse(moody)
    assert deliver() == {"sent": 2, "failed": 1, "uncertain": 0, "left": 0}
    assert (arrived(moody), moody.connections) == ([["b@mail.example"], ["c@mail.example"]], 1)


@pytest.mark.parametrize(
    "end",
    [
        lambda server: server.mail.append("421 too many mails on this connection"),
        lambda server: server.data.append("take and drop"),
    ],
)
def test_a_connection_that_ended_is_made_anew_once(moody, end):
    invitations(3)
    end(moody)
    deliver()
    assert (arrived(moody)[-2:], moody.connections) == ([["b@mail.example"], ["c@mail.example"]], 2)


def test_a_mail_keeps_its_message_id_however_often_it_is_sent(moody):
    mails = invitations(2)
    moody.data.append("take and drop")
    deliver()
    decisions.send_again(EmailLog.objects.filter(state="uncertain"), later(hours=1))
    deliver(later(hours=1))
    first, second = (EmailLog.objects.get(pk=mail.pk).message_id for mail in mails)
    assert [str(message["Message-ID"]) for message in moody.messages] == [first, second, first]
    assert first != second
