"""A participant's whole way on a phone, from the invitation to what is stored about them."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from matching.domain.matches.changes import create_match
from matching.models import Concern, Feedback
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.conftest import PHONE, fits
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def program():
    today = timezone.localdate(timezone=datetime.UTC)
    return ProgramFactory(
        name="Conf",
        time_zone="UTC",
        place="Tacoma",
        survey_closes_on=today + DAY,
        announce_on=today + 2 * DAY,
        starts_on=today + 3 * DAY,
        ends_on=today + 8 * DAY,
    )


@pytest.fixture
def people(program):
    """Chi, whose life this is, and two mentors."""
    about = {"program": program, "fields": ["Biology/Health"]}
    return (
        ParticipantFactory(mentee=True, name="Chi Okafor", short_name="Chi", **about),
        ParticipantFactory(name="Dee Marsh", short_name="Dee", notes="Compilers", **about),
        ParticipantFactory(name="Eve Stone", short_name="Eve", **about),
    )


def links_in(kind, person):
    """Return where the newest email of a kind to a person leads, and count it as sent."""
    mail = EmailLog.objects.filter(kind=kind, people=person).order_by("-pk")[0]
    EmailLog.objects.filter(pk=mail.pk).update(state="sent", sent_at=timezone.now())
    return re.findall(r'href="https?://[^/"]+(/p/[^"]*)"', mail.html_body)


def move(program, days):
    """Let so many days pass."""
    for name in ("survey_closes_on", "announce_on", "starts_on", "ends_on"):
        setattr(program, name, getattr(program, name) - days * DAY)
    program.save()


def introduce(mentor, mentee):
    match = create_match(mentor, mentee)
    queue_mail(match.program, "match")
    EmailLog.objects.filter(match=match).update(state="sent", sent_at=timezone.now())
    return match


def rematch(client, concern, mentor):
    """Do as a member does who opens a help request: take the mentor, tell all, settle it."""
    member = MembershipFactory(program=concern.program).user
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    request = reverse("help_request", args=[concern.pk])
    path = reverse("rematch", args=[concern.pk])
    assert path in client.get(request).content.decode()
    option = f"{concern.match.mentee_id}-{mentor.pk}"
    mark = client.get(path, {"option": option}).context["shown"].mark
    client.post(path, {"option": option, "mark": mark, "settles": "1"})
    EmailLog.objects.filter(people=concern.match.mentee, state="queued").update(
        state="sent", sent_at=timezone.now()
    )
    concern.refresh_from_db()
    assert (concern.status, concern.settled_by) == ("settled", member)


@pytest.mark.slow
def test_from_the_invitation_to_what_is_stored(open_page, client, accessible, program, people):
    chi, dee, eve = people
    phone = open_page(viewport=PHONE)

    # The invitation, and a tab that is lost while Chi types.
    queue_mail(program, "survey")
    home = links_in("survey", chi)[0]
    phone.goto(home)
    phone.get_by_label("What would you like to talk about").fill("Compilers, and my first job")
    expect(phone.get_by_text("What you type is kept.")).to_be_visible()
    phone.goto("about:blank")
    phone.goto(home)
    expect(phone.get_by_label("What would you like to talk about")).to_have_value(
        "Compilers, and my first job"
    )
    phone.get_by_label("in person", exact=True).check()
    phone.get_by_label("Biology/Health").check()
    phone.get_by_label("Employment sector").select_option("Industry")
    phone.get_by_role("button", name="Save my answers").click()
    expect(phone.get_by_role("heading", name="Thank you, Chi")).to_be_visible()
    assert "Compilers, and my first job" in EmailLog.objects.get(kind="receipt").text_body

    # The match, and an hour on which the two agree.
    introduce(dee, chi)
    phone.goto(home)
    expect(phone.get_by_role("heading", name="Chi, meet Dee")).to_be_visible()
    expect(phone.get_by_text("a word that both of you used")).to_be_visible()
    accessible(phone)
    phone.get_by_role("button", name=re.compile("^Propose ")).first.click()
    expect(phone.get_by_text("You proposed")).to_be_visible()
    other = open_page(viewport=PHONE, javascript=False)
    other.goto(links_in("meeting", dee)[0])
    other.get_by_role("button", name="Accept this hour").click()
    expect(other.get_by_text("You’re meeting:")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("You’re meeting:")).to_be_visible()
    accessible(phone)
    with phone.expect_download() as file:
        phone.get_by_role("link", name="Put it into my calendar").click()
    assert file.value.suggested_filename == "meeting.ics"

    # Dee does not answer; the committee finds somebody else.
    phone.get_by_role("link", name="I can’t reach Dee").click()
    accessible(phone)
    phone.get_by_label("What should the committee know?").fill("Two emails, no answer")
    phone.get_by_role("button", name="Ask the committee for help").click()
    expect(phone.get_by_role("heading", name="Your message arrived")).to_be_visible()
    assert "Two emails, no answer" in EmailLog.objects.get(kind="problem_received").text_body
    rematch(client, Concern.objects.get(), eve)
    assert (
        "introduces you to Eve" in EmailLog.objects.get(kind="match_changed", people=chi).text_body
    )
    phone.goto(links_in("match_changed", chi)[0])
    expect(phone.get_by_role("heading", name="Chi, meet Eve")).to_be_visible()

    # During the conference: the check-in.
    move(program, 4)
    queue_mail(program, "check_in")
    contact = next(link for link in links_in("check_in", chi) if link.endswith("/contact/"))
    phone.goto(contact)
    expect(
        phone.get_by_role("heading", name="Have you and Eve Stone been in touch?")
    ).to_be_visible()
    accessible(phone)
    phone.get_by_role("button", name="We’ve been in touch").click()
    expect(phone.get_by_role("heading", name="Good to hear")).to_be_visible()

    # After it: how it was.
    move(program, 6)
    queue_mail(program, "feedback")
    phone.goto(links_in("feedback", chi)[0])
    expect(phone.get_by_role("heading", name="Chi, how was it?")).to_be_visible()
    accessible(phone)
    phone.get_by_role("group", name="Did you and Eve Stone meet?").get_by_label("Yes").check()
    phone.get_by_label("5, very good").check()
    phone.get_by_role("group", name="Would you take part again").get_by_label("Yes").check()
    phone.get_by_label("as a mentor").check()
    phone.get_by_label("What went well?").fill("Eve knew the way")
    phone.get_by_role("button", name="Send my feedback").click()
    expect(phone.get_by_role("heading", name="Thank you, Chi")).to_be_visible()
    said = Feedback.objects.get()
    assert (said.met, said.rating, said.again_as) == (True, 5, "mentor")

    # What is stored about Chi has all of it.
    phone.get_by_role("link", name="What is stored about me").click()
    phone.wait_for_load_state("load")
    stored = phone.locator("main").inner_text()
    for words in ("Dee Marsh", "Eve Stone", "Two emails, no answer", "Eve knew the way", "Hour:"):
        assert words in stored
    accessible(phone)
    assert fits(phone)
