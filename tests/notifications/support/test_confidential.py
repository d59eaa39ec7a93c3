"""Who wrote to the chairs alone is named to no other member, whatever becomes of the receipt."""

import pytest
from django.urls import reverse
from django.utils import timezone

from committee.domain.numbers import badges, count
from notifications.models import Bounce, EmailLog
from notifications.models.bounce_kinds import BounceKind
from tests.matching.support.test_match_page import text
from tests.notifications.support.evening import make_evening, member

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOW = timezone.now()
SENT = {"state": "sent", "sent_at": NOW, "claimed_at": NOW, "sent_to": ["chi@freemail.example"]}


def bounce(mail, **details):
    Bounce.objects.create(
        mail=mail,
        reported="chi@freemail.example",
        report="1",
        kind=BounceKind.WRONG_ADDRESS,
        words="no such user",
        **details,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "also"),
    [
        ({"state": "failed", "state_reason": "Refused: no", "claimed_at": NOW}, None),
        ({"state": "uncertain", "claimed_at": NOW}, None),
        (SENT | {"came_back_at": NOW}, lambda mail: bounce(mail, address="chi@freemail.example")),
        (SENT, bounce),
    ],
    ids=["failed", "uncertain", "bounced", "unclear report"],
)
def test_a_receipt_that_did_not_arrive_names_nobody_to_a_member(client, columns, also):
    evening = make_evening("not_right")
    EmailLog.objects.filter(kind="problem_received").update(**columns)
    mail = EmailLog.objects.get(kind="problem_received")
    if also:
        also(mail)
    outbox = reverse("admin:notifications_emaillog_changelist")
    paths = [
        reverse("admin:index"),
        reverse("send_mail"),
        *(f"{outbox}?view={view}" for view in ("", "failed", "uncertain", "back", "unclear")),
        f"{reverse('resend_mail')}?emails={mail.pk}",
        reverse("admin:notifications_emaillog_change", args=[mail.pk]),
        reverse("admin:notifications_emaillog_export"),
    ]
    named = {}
    for level in ("chair", "member"):
        user = member(evening.program, level.title(), level)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        pages = " ".join(text(client.get(path, follow=True)) for path in paths)
        # The other emails to Chi are to Dee, too.
        pages = pages.replace("dee@freemail.example, chi@freemail.example", "")
        named[level] = ["chi@freemail.example" in pages, "wrote to the chairs" in pages]
        decided = client.post(reverse("decide_on_mail", args=[mail.pk]), {"do": "cancel"})
        named[level].append(decided.status_code)
    assert named == {"chair": [True, True, 302], "member": [False, False, 404]}


def test_the_numbers_of_a_member_leave_it_out():
    evening = make_evening("not_right")
    EmailLog.objects.filter(kind="problem_received").update(state="failed")
    for counted in (count, badges):
        found = [counted(evening.program, chair=chair) for chair in (True, False)]
        assert [numbers.emails_in_trouble for numbers in found] == [1, 0]
