"""The whole way through a program, as its people go it.

A ticket shop's export goes in, everybody gets a link, some answer on the form and the rest with
another tool, the matcher proposes, a committee member changes a pair, everybody gets their mail:
in a real browser, with a worker and a beat as processes of their own, over SMTP. What arrives is
compared with what should have.
"""

import datetime
import re

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from playwright.sync_api import expect

from matching.domain.matches.checks import check_matches
from matching.models import Match
from mentorship.domain.programs.create import create_program
from mentorship.models import Membership, Participant
from mentorship.models.program import free_mail_domains
from tests.conftest import PHONE, ROOT
from tests.factories import NEXT_SUMMER, YEAR, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)

FILES = ROOT / "mentorship" / "demo"
CONTACT_BY = datetime.date(YEAR, 7, 13)
FACTS = [
    f"at least an hour during the conference week (July 12 to 18, {YEAR})",
    f"by {CONTACT_BY:%A}, July 13",
    "mentors@scipy.example",
    "https://scipy.example/conduct",
    f"Ann and Bob\nSciPy {YEAR} Activities Committee",
]
CALL = {
    "both": "You are both attending the conference virtually, so you will need to set up a call.",
    "one": "One of you is attending the conference virtually, so you will need to set up a call.",
}
JITSI = "Jitsi: https://meet.jit.si/"
LUNCH = "we recommend meeting for lunch early in the week"


@pytest.fixture
def program():
    return create_program(
        **NEXT_SUMMER,
        slug="scipy",
        code_of_conduct_url="https://scipy.example/conduct",
        time_zone="America/Los_Angeles",
        announce_on=datetime.date(YEAR, 7, 8),
        contact_by=CONTACT_BY,
        committee_people="Ann and Bob",
        contact_email="mentors@scipy.example",
        mails_per_minute=0,
        mails_per_day=0,
        free_mail_domains=[*free_mail_domains(), "freemail.example"],
    )


@pytest.fixture
def chair(program):
    return MembershipFactory(
        program=program, level=Membership.Level.CHAIR, user__username="ann"
    ).user


@pytest.fixture
def post_office(settings, live_server, smtp, start_process):
    """A worker and a beat that send what the site queues, looking every second."""
    settings.SITE_URL = live_server.url
    settings.BULK_REST_SECONDS = 0
    sweeps = PeriodicTask.objects.filter(task="notifications.tasks.deliver_due")
    sweeps.update(interval=IntervalSchedule.objects.create(every=1, period="seconds"))
    variables = {"EMAIL_URL": smtp.url, "SITE_URL": live_server.url}
    celery = ("-m", "celery", "--quiet", "--app", "mentorship")
    start_process(*celery, "worker", "--pool", "solo", "--loglevel", "warning", **variables)
    start_process(*celery, "beat", "--pidfile=", "--loglevel", "warning", **variables)
    return smtp


def import_file(page, kind, name, button):
    page.goto("/committee/mentorship/participant/")
    page.get_by_role("link", name=f"Import {kind}").click()
    content = (FILES / name).read_bytes().replace(b"2027", b"%d" % YEAR)
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text(f"Imported {name}")).to_be_visible()


def send(page, kind, count):
    """Send all mails of a kind from its page, which must offer this many; wait for the end."""
    page.goto(f"/committee/mail/send/{kind}/")
    if count > 20:
        page.get_by_label(f"Type {count} to confirm").fill(str(count))
    page.get_by_role("button", name=f"Send {count} email").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()


def as_sent(message):
    """Return the addresses that a message went to, and its subject."""
    to = sorted(address.addr_spec for address in message["To"].addresses)
    return to, message["Subject"].strip()  # a long one is folded before its first word


def replies_to(message):
    return sorted(address.addr_spec for address in message["Reply-To"].addresses)


def text_of(message):
    """Return a message's text, its flowed lines joined as a reader's program joins them."""
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n").replace(" \n", " ")


@pytest.mark.slow
def test_from_the_ticket_shop_to_every_introduction(
    open_page, program, chair, post_office, accessible, picture
):
    desk = open_page(user=chair)

    # Sign-ups in, everybody invited, each with their own link.
    import_file(desk, "sign-ups", "signups-2027-06-12.csv", "Import these sign-ups")
    people = list(Participant.objects.order_by("email"))
    assert len(people) == 77
    send(desk, "survey", 77)
    post_office.wait_for(77)
    invitations = {as_sent(mail)[0][0]: text_of(mail) for mail in post_office.messages}
    assert sorted(invitations) == [person.email for person in people]
    links = {
        address: re.findall(r"http://\S+/p/[\w-]+/", text) for address, text in invitations.items()
    }
    assert {person.email: {post_office_link(desk, person)} for person in people} == {
        address: set(found) for address, found in links.items()
    }

    # One of them answers on a phone, as a mentee although the ticket said mentor.
    phone = open_page(viewport=PHONE)
    phone.goto(links["acarkan.duran@meridian.example"][0])
    phone.get_by_role("radio", name="a mentee").check()
    phone.get_by_role("radio", name="in person").check()
    phone.get_by_label("Software Engineering").check()
    phone.get_by_label("Employment sector").select_option(label="Academia")
    phone.get_by_role("button", name="Save my answers").click()
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    accessible(phone)
    post_office.wait_for(78)
    assert as_sent(post_office.messages[77]) == (
        ["acarkan.duran@meridian.example"],
        f"SciPy {YEAR} mentorship: we have your answers",
    )
    duran = Participant.objects.get(email="acarkan.duran@meridian.example")
    assert (duran.role, duran.attendance, [field.name for field in duran.fields.all()]) == (
        "mentee",
        "in_person",
        ["Software Engineering"],
    )
    assert duran in Participant.objects.with_role_in_doubt()

    # Three weeks later: late sign-ups are invited, nobody else; other answers come as a file.
    import_file(desk, "sign-ups", "signups-2027-07-01.csv", "Import these sign-ups")
    send(desk, "survey", 8)
    post_office.wait_for(86)
    import_file(desk, "responses", "survey-2027.csv", "Import these responses")
    desk.goto("/committee/mail/send/reminder/")
    expect(desk.get_by_role("heading", name="Nobody is due for this email")).to_be_visible()

    # The matcher proposes; a second proposal changes no pair.
    propose(desk)
    proposed = pairs()
    assert len(proposed) == 39
    propose(desk)
    assert pairs() == proposed

    # A committee member moves a mentee to a mentor with a free place, warnings read.
    match = Match.objects.live().get(mentee__email="melissa.brown13@freemail.example")
    free = idle_mentors().exclude(affiliation=match.mentee.affiliation).first()
    desk.goto(f"/committee/board/?mentee={match.mentee_id}#chosen")
    desk.get_by_label("Move to another mentor").select_option(value=str(free.pk))
    desk.get_by_role("button", name="Move to this mentor").click()
    sure = desk.get_by_role("button", name="Match anyway")
    done = desk.get_by_text(f"{match.mentee} is now matched with {free}.")
    expect(sure.or_(done).first).to_be_visible()
    if sure.is_visible():
        sure.click()
        expect(done).to_be_visible()
    desk.goto(f"/committee/board/?mentee={match.mentee_id}")
    picture(desk, "board")
    desk.goto("/committee/board/compare/")
    expect(desk.get_by_role("heading", name="1 mentee with another mentor")).to_be_visible()
    picture(desk, "compare")
    changed = {mentee: mentor for mentor, mentee in proposed}
    changed["melissa.brown13@freemail.example"] = free.email
    assert {mentee: mentor for mentor, mentee in pairs()} == changed
    assert [found for found in check_matches(program)[0] if not found.warning] == []

    # Announced: one mail to each pair, and one to each mentor without a mentee.
    idle = sorted(idle_mentors().values_list("email", flat=True))
    send(desk, "match", 39)
    send(desk, "unmatched_mentor", len(idle))
    post_office.wait_for(86 + 39 + len(idle))
    introductions = post_office.messages[86 : 86 + 39]
    goodbyes = post_office.messages[86 + 39 :]
    assert sorted(map(as_sent, introductions)) == sorted(map(introduction, Match.objects.all()))
    for mail in introductions:
        assert missing_facts(mail) == []
    desk.goto("/committee/report/")
    picture(desk, "report")
    assert sorted(map(as_sent, goodbyes)) == [
        ([address], f"SciPy {YEAR} mentorship: no mentee for you right now") for address in idle
    ]
    assert set(Match.objects.values_list("status", flat=True)) == {"announced"}
    # A reply to an introduction goes to the pair, any other to the committee.
    for mail in introductions:
        assert replies_to(mail) == as_sent(mail)[0]
    others = [mail for mail in post_office.messages if mail not in introductions]
    assert len(others) == 86 + len(idle)
    assert {*map(tuple, map(replies_to, others))} == {("mentors@scipy.example",)}


def post_office_link(page, person):
    return page.evaluate("location.origin") + person.personal_path


def propose(page):
    page.goto("/committee/board/")
    page.get_by_role("link", name="Propose matches").click()
    page.get_by_role("button", name="Save as drafts").click()
    expect(page.get_by_text("proven to be the best possible")).to_be_visible()


def pairs():
    live = Match.objects.live().order_by("mentor__email", "mentee__email")
    return list(live.values_list("mentor__email", "mentee__email"))


def idle_mentors():
    matched = Match.objects.live().values("mentor")
    return Participant.objects.taking_part().mentors().exclude(pk__in=matched).order_by("email")


def introduction(match):
    people = sorted([match.mentor.email, match.mentee.email])
    return people, f"SciPy {YEAR} mentorship: {match.mentor.name}, meet {match.mentee.name}"


def missing_facts(mail):
    """Return what should stand in an introduction and does not, or stands there and should not."""
    text = text_of(mail)
    addresses = as_sent(mail)[0]
    match = Match.objects.get(mentor__email__in=addresses, mentee__email__in=addresses)
    virtual = sum([match.mentor.is_virtual, match.mentee.is_virtual])
    wanted = [*FACTS, match.mentor.name, match.mentee.name, *addresses]
    wanted += [LUNCH] if not virtual else [CALL["both" if virtual == 2 else "one"], JITSI]
    unwanted = {LUNCH, JITSI, *CALL.values()} - set(wanted)
    return [fact for fact in wanted if fact not in text] + [f for f in unwanted if f in text]
