"""The pages on mail in a real browser: look, send, take back, edit a text."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mentorship.domain.heartbeat import beat
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog, EmailTemplate
from tests.factories import (
    NEXT_SUMMER,
    EmailLogFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member():
    return MembershipFactory(program=ProgramFactory(**NEXT_SUMMER))


@pytest.fixture
def program(member):
    return member.program


@pytest.mark.slow
def test_each_page_can_be_used_by_everybody(open_page, looks_right, member, program):
    MatchFactory(program=program, mentee__signup_attendance="virtual")
    queue_mail(program, "match")
    ParticipantFactory.create_batch(21, program=program)
    batch = queue_mail(program, "role", rest_seconds=60).batch
    assert batch is None
    batch = queue_mail(program, "unmatched_mentor", rest_seconds=600).batch
    mail = EmailLog.objects.filter(match__isnull=False).get()
    EmailLog.objects.filter(pk=mail.pk).update(
        state="failed", state_reason="Refused: 550 no such user"
    )
    page = open_page(user=member.user)
    sent = EmailLogFactory(program=program, state="sent", sent_at=batch.leaves_at)
    sent.people.set([mail.match.mentor])
    for address in (
        "notifications/emaillog/",
        f"mail/resend/?emails={sent.pk},{mail.pk}",
        f"notifications/emaillog/{mail.pk}/change/",
        "mail/send/",
        "mail/send/survey/",
        f"mail/batch/{batch.pk}/",
        "mail/texts/",
        "mail/texts/match_call/",
    ):
        page.goto(f"/committee/{address}")
        looks_right(page)


@pytest.mark.slow
def test_look_send_and_take_back(open_page, member, program, picture):
    ParticipantFactory.create_batch(21, program=program)
    page = open_page(user=member.user)
    page.goto("/committee/notifications/emaillog/")
    page.get_by_role("link", name="Send emails").click()
    page.get_by_role("link", name="Survey invitation").click()
    expect(page.get_by_role("heading", name="21 emails are ready to send")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("Answer the questions")).to_be_visible()
    picture(page, "send")
    page.get_by_label("Type 21 to confirm").fill("21")
    page.get_by_role("button", name="Send 21 emails").click()
    expect(page.get_by_role("heading", name="Sending starts in")).to_be_visible()
    assert EmailLog.objects.filter(state="queued").count() == 21
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    assert EmailLog.objects.filter(state="cancelled").count() == 21


@pytest.mark.slow
def test_chosen_mails_go_once_more_for_a_reason(open_page, member, program, picture):
    ParticipantFactory.create_batch(2, program=program)
    queue_mail(program, "survey")
    EmailLog.objects.update(state="sent", sent_at=timezone.now())
    beat()
    page = open_page(user=member.user)
    page.goto("/committee/notifications/emaillog/")
    for box in page.locator("tbody input[name=_selected_action]").all():
        box.check()
    page.locator("select[name=action]").select_option("resend_chosen")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name="2 emails are ready to resend")).to_be_visible()
    page.get_by_label("Why you resend them").fill("Both say that it never came")
    picture(page, "send-once-more")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sending starts in")).to_be_visible()
    again = EmailLog.objects.filter(resend_of__isnull=False)
    assert set(again.values_list("state", "resend_why")) == {
        ("queued", "Both say that it never came")
    }


@pytest.mark.slow
def test_a_batch_shows_by_itself_when_it_has_left(open_page, member, program):
    ParticipantFactory(program=program)
    batch = queue_mail(program, "survey", rest_seconds=0).batch
    page = open_page(user=member.user)
    page.goto(f"/committee/mail/batch/{batch.pk}/")
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    EmailLog.objects.update(state="sent", sent_at=batch.leaves_at)
    expect(page.get_by_role("heading", name="Done")).to_be_visible()


@pytest.mark.slow
def test_a_press_on_undo_counts_although_the_numbers_change_meanwhile(open_page, member, program):
    ParticipantFactory(program=program)
    batch = queue_mail(program, "survey", rest_seconds=600).batch
    page = open_page(user=member.user)
    page.goto(f"/committee/mail/batch/{batch.pk}/")
    left = page.get_by_role("heading", name="Sending starts in")
    page.get_by_role("button", name="Undo").hover()
    page.mouse.down()
    expect(left).not_to_have_text(left.inner_text())
    page.mouse.up()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    assert EmailLog.objects.get().state == "cancelled"


@pytest.mark.slow
def test_undo_is_offered_until_sending_starts(open_page, member, program):
    ParticipantFactory(program=program)
    batch = queue_mail(program, "survey", rest_seconds=600).batch
    page = open_page(user=member.user)
    page.goto(f"/committee/mail/batch/{batch.pk}/")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    type(batch).objects.update(leaves_at=timezone.now())
    expect(page.get_by_role("heading", name="Sending", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


@pytest.mark.slow
def test_a_text_is_previewed_while_it_is_typed(open_page, member, program, picture):
    page = open_page(user=member.user)
    page.goto("/committee/mail/texts/match_call/")
    preview = page.frame_locator("#preview iframe")
    expect(preview.get_by_text("One of you is attending the conference virtually")).to_be_visible()
    picture(page, "mail-text")
    page.get_by_label("Preview with").select_option("both")
    expect(preview.get_by_text("You are both attending the conference virtually")).to_be_visible()
    page.get_by_label("Text (Markdown)").fill("Hello {{ mentor.nam }}")
    mistake = "Line 1: There is no placeholder {{ mentor.nam }} for this kind of email."
    expect(page.locator("#preview").get_by_text(mistake)).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").get_by_text(mistake)).to_be_visible()
    assert EmailTemplate.objects.count() == 0
    page.get_by_label("Text (Markdown)").fill("Hello *{{ mentor.name }}*")
    page.get_by_label("Preview with").select_option("hostile")
    expect(preview.locator("em")).to_have_text(
        "[Robin](https:\u200b//evil.\u200bexample) <b>{{ program.\u200bname }}</b>"
    )
    assert preview.locator("a, b").count() == 0
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("your own", exact=True)).to_be_visible()
    assert EmailTemplate.objects.get().body == "Hello *{{ mentor.name }}*"
