"""The database goes away while a mail is on its way."""

from dataclasses import dataclass

import pytest

from tests.conftest import connection_number, end_connection, free_port, run_mail_server
from tests.notifications.conftest import MoodyServer, arrived, deliver, invitations, states


@dataclass
class Unplugging(MoodyServer):
    """Takes the message, and ends the worker's connection to the database before it says so."""

    worker: int = 0

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        end_connection(self.worker)
        return answer


@pytest.mark.django_db(transaction=True)
def test_what_the_server_said_is_kept_once_the_database_is_back(settings):
    invitations(1)
    with run_mail_server(Unplugging(port=free_port()), settings) as server:
        server.worker = connection_number()
        assert deliver() == {"sent": 1, "failed": 0, "uncertain": 0, "left": 0}
        assert arrived(server) == [["a@mail.example"]]
    assert states() == ["sent"]
