"""Every mail to one address: nobody else is written to, and no mail is taken for one that came."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from notifications.domain.outbox.decisions import send_again
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import MatchFactory, MembershipFactory
from tests.notifications.conftest import NOON, invitations

TRIAL = "trial@host.example"
pytestmark = pytest.mark.django_db


@pytest.fixture
def redirected(settings, moody):
    settings.MAIL_REDIRECT_TO = TRIAL
    return moody


def deliver():
    return deliver_due(clock=lambda: NOON).as_dict()


def test_nobody_else_is_written_to_by_any_mail(redirected):
    invitations(1)
    match = MatchFactory(
        mentor__email="mentor@freemail.example", mentee__email="mentee@freemail.example"
    )
    queue_mail(match.program, "match", now=NOON)
    assert deliver()["sent"] == 2
    call_command("send_test_mail", "host@conf.example")
    assert {tuple(people) for _, people in redirected.envelopes} == {(TRIAL,)}
    assert [(m["To"], m["Cc"], m["Bcc"]) for m in redirected.messages] == [(TRIAL, None, None)] * 3
    assert [m["Subject"].partition("]")[0] for m in redirected.messages] == [
        "[for a@mail.example",
        "[for mentor@freemail.example, mentee@freemail.example",
        "[for host@conf.example",
    ]


def test_the_row_keeps_whom_it_was_for_and_that_they_did_not_get_it(redirected):
    (mail,) = invitations(1)
    deliver()
    mail.refresh_from_db()
    assert (mail.state, mail.recipients, mail.delivered_to, mail.redirected_to) == (
        "sent",
        ["a@mail.example"],
        [],
        TRIAL,
    )
    assert mail.state_reason == f"Went to {TRIAL} instead."


def test_a_refusal_by_the_one_address_is_a_refusal(redirected):
    (mail,) = invitations(1)
    redirected.rcpt[TRIAL] = ["550 unknown"]
    deliver()
    mail.refresh_from_db()
    assert (mail.state, mail.state_reason) == ("failed", f"Refused: {TRIAL}: 550 unknown")


def test_a_trial_works_like_the_real_thing_and_counts_for_nothing_after_it(redirected, settings):
    (mail,) = invitations(1)
    deliver()
    why = {
        "survey": "was sent this already",
        "reminder": "was emailed recently; a reminder is due on June 25",
    }
    for kind, words in why.items():
        assert queue_mail(mail.program, kind, now=NOON).left_out == [
            {"email": "a@mail.example", "why": words}
        ]
    settings.MAIL_REDIRECT_TO = ""
    why = {
        "survey": f"it went to {TRIAL} instead; it can be sent again in the outbox",
        "reminder": "has not been sent an invitation yet",
    }
    for kind, words in why.items():
        assert queue_mail(mail.program, kind, now=NOON).left_out == [
            {"email": "a@mail.example", "why": words}
        ]
    assert send_again(EmailLog.objects.all(), NOON) == 1
    deliver()
    assert [people for _, people in redirected.envelopes] == [[TRIAL], ["a@mail.example"]]
    mail.refresh_from_db()
    assert (mail.redirected_to, mail.delivered_to) == ("", ["a@mail.example"])
    assert send_again(EmailLog.objects.all(), NOON) == 0


def test_mail_in_files_is_redirected_too(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH, settings.MAIL_REDIRECT_TO = tmp_path, TRIAL
    invitations(1)
    assert deliver()["sent"] == 1
    (file,) = tmp_path.iterdir()
    assert [line for line in file.read_text().splitlines() if line.startswith("To: ")] == [
        f"To: {TRIAL}"
    ]


WORDS = (
    "<strong>Nobody gets email from here.</strong> Every email goes to trial@host.example instead"
)


def test_every_committee_page_and_the_sign_in_say_so(settings, client):
    (mail,) = invitations(1)
    membership = MembershipFactory(program=mail.program, level="chair")
    person = mail.people.get()
    paths = [
        reverse("admin:index"),
        reverse("matching_board"),
        reverse("send_mail"),
        reverse("send_survey"),
        reverse("mail_texts"),
        reverse("import_signups"),
        reverse("admin:password_change"),
        reverse("admin:mentorship_participant_changelist"),
        reverse("admin:mentorship_participant_change", args=[person.pk]),
        reverse("admin:mentorship_participant_history", args=[person.pk]),
        reverse("admin:notifications_emaillog_change", args=[mail.pk]),
    ]
    sign_in = reverse("admin:login")
    assert "Nobody gets mail" not in client.get(sign_in).content.decode()
    settings.MAIL_REDIRECT_TO = TRIAL
    assert WORDS in client.get(sign_in).content.decode()
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    assert [path for path in paths if WORDS not in client.get(path).content.decode()] == []
