"""Every page that people see without an account: for every eye, on every screen, by the keyboard.

Each template of these pages has to be shown here, also one that is new.
"""

import datetime
from pathlib import Path

import pytest
from django.dispatch import receiver
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone

from matching.models import Match, MentorAnswer
from mentorship.domain.people.decisions import withdraw
from mentorship.domain.signup.limits import may_ask
from mentorship.domain.signup.tokens import opened_token, signup_token
from mentorship.models import Source
from tests.browser.personal.readable import faults
from tests.conftest import PHONE, ROOT
from tests.factories import (
    CheckInFactory,
    ConcernFactory,
    FeedbackFactory,
    MatchFactory,
    MeetingFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

FOLDERS = ("mentorship/public", "matching/personal")
DAY = datetime.timedelta(days=1)
LONG = "Maximiliana Alexandrina von Hohenstein-Sigmaringen"


@pytest.fixture
def today():
    return timezone.localdate(timezone=datetime.UTC)


@pytest.fixture
def shown():
    """The templates of people's pages that were rendered so far."""
    names = set()

    @receiver(template_rendered, weak=False)
    def note(sender, template, **kwargs):
        names.add(template.name)

    yield names
    template_rendered.disconnect(note)


def announced(program, **people):
    match = MatchFactory(program=program, **people)
    Match.objects.filter(pk=match.pk).update(status="announced", announced_at=timezone.now())
    match.refresh_from_db()
    return match


def pages_of_a_conference(today):
    """Yield the pages before and during a conference."""
    program = ProgramFactory(
        name="Conf",
        time_zone="UTC",
        color="#7a1f5c",
        open_signup=True,
        mentors_first=True,
        place="Tacoma",
        meeting_places="Mentoring table in the lobby, 12:30",
        privacy_notice="We keep little.",
        kept_months=9,
        code_of_conduct_url="https://conf.example/conduct",
        survey_closes_on=today + DAY,
        announce_on=today + DAY,
        contact_by=today + 3 * DAY,
        starts_on=today + 2 * DAY,
        ends_on=today + 6 * DAY,
    )
    about = {"program": program, "fields": ["Biology/Health"]}
    dee = ParticipantFactory(
        name=LONG, notes="Compilers", virtual=True, time_zone="Europe/Berlin", **about
    )
    chi = ParticipantFactory(mentee=True, name="Chi Okafor", topics_wanted="Compilers", **about)
    match = announced(program, mentor=dee, mentee=chi)
    noon = datetime.datetime.combine(program.starts_on, datetime.time(12), tzinfo=datetime.UTC)
    MeetingFactory(match=match, starts_at=noon, proposed_by=dee)
    SurveyResponseFactory(participant=chi, role="mentee", topics_wanted="Compilers")
    ConcernFactory(participant=chi, text="No answer", match=match)
    own = chi.personal_path
    yield own
    for part in ("contact/", "cannot-reach/", "not-right/"):
        yield f"{own}match/{match.pk}/{part}"
    for part in ("answers/", "goodbye/", "role/", "thanks/", "reminders/", "privacy/", "data/"):
        yield f"{own}{part}"
    CheckInFactory(match=match, participant=dee, in_touch=False)
    yield dee.personal_path
    yield f"{dee.personal_path}match/{match.pk}/contact/"

    eve, flo, gus, hal = (ParticipantFactory(**about) for _ in range(4))
    asked = MatchFactory(program=program, mentor=eve, mentee__name="Zoë Quill")
    MentorAnswer.objects.create(
        program=program, mentor=eve, mentee=asked.mentee, asked_at=timezone.now()
    )
    yield eve.personal_path
    for part in ("accept", "decline"):
        yield reverse("answer_asked", args=[eve.link_key, asked.pk, part])
    yield reverse("asked_declined", args=[eve.link_key])
    yield reverse("answer_asked", args=[flo.link_key, asked.pk, "accept"])
    SurveyResponseFactory(participant=flo, role="mentor")
    yield flo.personal_path
    withdraw(gus, "Ill", by=Source.SURVEY)
    withdraw(hal, "No ticket", by=Source.COMMITTEE)
    yield gus.personal_path
    yield hal.personal_path
    leaving = announced(program, mentee__name="Left Behind").mentor
    SurveyResponseFactory(participant=leaving, taking_part=False)
    withdraw(leaving, "Ill", by=Source.SURVEY)
    yield f"{leaving.personal_path}thanks/"

    yield reverse("signup", args=[program.slug])
    yield reverse("signup_sent", args=[program.slug])
    for address in ("new@mail.example", chi.email):
        yield reverse("confirm_signup", args=[signup_token(program, address)])
    yield from (
        "/",
        "/link/",
        "/link/sent/",
        "/sign-up/none/",
        "/sign-up/confirm/x/",
        "/p/x/",
        "/no",
    )


def pages_afterward(today):
    """Yield the pages of a form that has closed, and of a conference that is over."""
    closed = ProgramFactory(
        survey_closes_on=today - DAY,
        accepts_late_answers=False,
        starts_on=today + DAY,
        ends_on=today + DAY,
    )
    yield ParticipantFactory(program=closed).answers_path
    yield ParticipantFactory(program=closed).personal_path
    over = ProgramFactory(starts_on=today - 9 * DAY, ends_on=today - 3 * DAY)
    chi = announced(over).mentee
    yield chi.personal_path
    FeedbackFactory(participant=chi, went_well="All")
    yield reverse("feedback_thanks", args=[chi.link_key])
    yield reverse("my_match", args=[chi.link_key])
    yield ParticipantFactory(program=over).personal_path


@pytest.mark.slow
def test_every_page_can_be_read_and_used_by_everyone(open_page, violations, today, shown):
    page = open_page(viewport=PHONE)
    wrong = {}
    for pages in (pages_of_a_conference, pages_afterward):
        for path in pages(today):
            page.set_viewport_size(PHONE)
            page.goto(path)
            if found := faults(page, violations):
                wrong[path] = found
    assert wrong == {}
    for number in range(21):
        may_ask("visitor", "127.0.0.1", number)
    page.goto("/link/")
    page.get_by_label("Your email address").fill("a@mail.example")
    earlier = opened_token(timezone.now() - datetime.timedelta(seconds=10))
    page.locator("[name=opened]").evaluate("(box, token) => { box.value = token }", earlier)
    page.get_by_role("button", name="Send me my link").click()
    assert violations(page) == []
    files = {
        str(file.relative_to(ROOT / "templates"))
        for folder in FOLDERS
        for file in Path(ROOT / "templates" / folder).rglob("*.html")
    }
    # This one is shown after a press, and looked at in the test of a whole life.
    assert files - shown == {"matching/personal/helped.html"}
