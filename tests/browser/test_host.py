"""What a host sees, and a committee after a restore, at a desk and on a phone."""

import datetime

import pytest

from mentorship.domain.heartbeat import BEAT, SENDING, beat, note_trouble
from notifications.models import EmailLog
from tests.factories import EmailLogFactory, MembershipFactory, ProgramFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
MADE_AT = datetime.datetime(2027, 6, 1, 12, tzinfo=datetime.UTC)


@pytest.mark.slow
def test_the_pages_look_right(open_page, looks_right):
    program = ProgramFactory(restored_to=MADE_AT)
    EmailLogFactory.create_batch(2, program=program, state=EmailLog.State.UNCERTAIN)
    beat(part=BEAT)
    note_trouble(SENDING, "The mail server smtp.example does not let us in.")
    host = open_page(user=UserFactory(is_superuser=True, is_staff=True))
    member = open_page(user=MembershipFactory(program=program).user)

    host.goto("/committee/host/")
    host.get_by_role("heading", name="Is everything well?").wait_for()
    looks_right(host)

    member.goto("/committee/")
    member.get_by_role("link", name="Look at it").click()
    member.get_by_role("heading", name="Restored from a backup").wait_for()
    looks_right(member)
    member.get_by_role("button", name="Let emails leave").click()
    member.get_by_text("Emails leave again.").wait_for()
    program.refresh_from_db()
    assert program.restored_to is None
