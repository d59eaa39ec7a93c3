"""Each email leads to pages that answer what it said, whenever it is opened.

Every kind of email is written for people of every phase of the program; each of its links is
followed in each phase, by looking only, and the page must have the words that answer the email
then. A link that a kind gained, and a kind of email that is new, needs its words here.
"""

import datetime
import html
import re

import pytest
from django.urls import resolve
from django.utils import timezone

from matching.models import Concern, Match, Meeting, MentorAnswer
from mentorship.domain.signup.tokens import signup_token
from mentorship.interfaces.personal.phases import Phase, phase_of
from mentorship.models import Participant, SurveyResponse
from notifications.domain.outbox.queueing import Renderer
from notifications.domain.reasons import Candidate
from notifications.models import PAIR_KINDS, EmailLog, Kind
from tests.factories import (
    ConcernFactory,
    MatchFactory,
    MeetingFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

P = Phase
FORM = "a few questions about you"
LATER = "What happens next"
MATCH = "Have you been in touch?"
NO_MATCH = "No match for you right now"
FEEDBACK = "how was it?"
OUT = "You said that you can’t take part"
OVER = "Conf is over"
ASKED = "Would you mentor"
NOTHING = "We aren’t waiting for an answer from you about a mentee"
SIGN_UP = "Your email address is new@mail.example. Tell us who you are"
# What a person's own page answers in each phase.
PAGE = {
    P.FORM: FORM,
    P.WAITING: LATER,
    P.ASKED: ASKED,
    P.UNMATCHED: NO_MATCH,
    P.MATCH: MATCH,
    P.OUT: OUT,
    P.OVER: OVER,
    P.FEEDBACK: FEEDBACK,
}
# Where a page is not the one of the day: what it answers in each phase.
ROUTES = {
    "intake": PAGE,
    "intake_form": PAGE
    | dict.fromkeys([P.WAITING, P.ASKED, P.UNMATCHED, P.MATCH], FORM)
    | {P.FEEDBACK: OVER},
    "role_choice": PAGE
    | dict.fromkeys([P.FORM, P.WAITING, P.ASKED, P.UNMATCHED, P.MATCH], "Mentor or mentee?"),
    "feedback": PAGE,
    "match_contact": PAGE | {P.MATCH: "been in touch?", P.FEEDBACK: "been in touch?"},
    "match_help": PAGE | {P.MATCH: "You can’t reach", P.FEEDBACK: "You can’t reach"},
    "intake_reminders": dict.fromkeys(Phase, "Reminders about the survey")
    | {P.OUT: "You’re off the list"},
    "asked": dict.fromkeys(Phase, NOTHING) | {P.ASKED: ASKED},
    "confirm_signup": dict.fromkeys(Phase, SIGN_UP)
    | dict.fromkeys([P.OVER, P.FEEDBACK], "Sign-up isn’t open here"),
}
# The pages of people to which each kind leads.
LINKS = {
    Kind.SURVEY: {"intake", "intake_reminders"},
    Kind.RECEIPT: {"intake_form"},
    Kind.REMINDER: {"intake", "intake_reminders"},
    Kind.ROLE: {"role_choice"},
    Kind.ASK_MENTOR: {"asked"},
    Kind.ASK_MENTOR_AGAIN: {"asked"},
    Kind.MATCH_IN_PERSON: set(),
    Kind.MATCH_CALL: set(),
    Kind.MATCH_MENTOR: {"intake"},
    Kind.MATCH_MENTEE: {"intake"},
    Kind.UNMATCHED_MENTOR: {"intake"},
    Kind.UNMATCHED_MENTEE: {"intake"},
    Kind.MATCH_CHANGED: {"intake"},
    Kind.MEETING: {"intake"},
    Kind.CHECK_IN: {"intake", "match_contact", "match_help"},
    Kind.PROBLEM_RECEIVED: set(),
    Kind.FEEDBACK: {"feedback"},
    Kind.LINK: {"intake"},
    Kind.SIGNUP: {"confirm_signup"},
}


def text(response):
    body = re.sub(r"<(head|script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())


@pytest.fixture
def today():
    return timezone.localdate(timezone=datetime.UTC)


@pytest.fixture
def person(today):
    """Somebody in a conference that is on, whose form is open still."""
    program = ProgramFactory(
        name="Conf",
        open_signup=True,
        time_zone="UTC",
        survey_closes_on=today,
        starts_on=today - datetime.timedelta(days=1),
        ends_on=today + datetime.timedelta(days=5),
    )
    return ParticipantFactory(program=program, name="Ana Lima", mentee=True)


def bring_to(phase, person, today):
    """Let a person with a draft of a match, and their program, come into this phase."""
    program, day = person.program, datetime.timedelta(days=1)
    if phase != P.FORM:
        program.survey_closes_on = today - 9 * day
        SurveyResponseFactory(participant=person, role="mentor" if phase == P.ASKED else "mentee")
    if phase == P.ASKED:
        program.mentors_first = True
        MentorAnswer.objects.create(
            program=program,
            mentor=person,
            mentee=Match.objects.get(mentor=person).mentee,
            asked_at=timezone.now(),
        )
    if phase == P.MATCH or phase == P.FEEDBACK:
        Match.objects.update(status="announced", announced_at=timezone.now())
    if phase == P.UNMATCHED:
        other = MatchFactory(program=program)
        Match.objects.filter(pk=other.pk).update(status="announced", announced_at=timezone.now())
    if phase == P.OUT:
        Participant.objects.filter(pk=person.pk).update(
            withdrawn_at=timezone.now(), detail_sources={"withdrawn": "survey"}
        )
    if phase in (P.FEEDBACK, P.OVER):
        program.starts_on, program.ends_on = today - 9 * day, today - 3 * day
    program.save()
    person.refresh_from_db()


def written(person, match):
    """Return the HTML of an email of each kind as it is written by default."""
    concern = ConcernFactory(participant=person, match=match)
    response = person.responses.first() or SurveyResponseFactory(participant=person)
    hour = Meeting.objects.first() or MeetingFactory(match=match, proposed_by=match.mentor)
    renderer = Renderer(match.program)
    found = {}
    for kind in Kind:
        people = (match.mentor, match.mentee) if kind in PAIR_KINDS else (person,)
        about = {"match": match, "group": (match,), "concern": concern}
        token = signup_token(match.program, "new@mail.example")
        candidate = Candidate(kind, 1, people, response=response, hour=hour, token=token, **about)
        found[kind] = renderer.render(candidate).html
    return found


def links_to_people(body):
    """Return the paths of the pages for people to which an email leads."""
    return re.findall(r'href="https?://[^/"]+(/(?:p|sign-up)/[^"]*)"', body)


def test_every_kind_and_every_phase_is_here():
    assert set(LINKS) == set(Kind)
    assert set(PAGE) == set(Phase)


@pytest.mark.slow
@pytest.mark.parametrize("phase", PAGE)
def test_the_pages_answer_what_the_emails_said(client, person, today, phase):
    # Only mentors are asked about a match first.
    match = MatchFactory(
        program=person.program, **{"mentor" if phase == P.ASKED else "mentee": person}
    )
    emails = written(person, match)
    bring_to(phase, person, today)
    assert phase_of(person, today) == phase
    before = state_of_everything()
    leads, wrong = {}, []
    for kind, body in emails.items():
        paths = links_to_people(body)
        leads[kind] = {resolve(path).url_name for path in paths}
        for path in paths:
            shown = text(client.get(path))
            client.head(path)
            if ROUTES[resolve(path).url_name][phase] not in shown:
                wrong.append((kind, path, shown[:300]))
    assert wrong == []
    assert leads == LINKS
    # Scanners of email open every link.
    assert state_of_everything() == before


def state_of_everything():
    models = (Participant, SurveyResponse, Match, MentorAnswer, Concern, EmailLog)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_an_email_asks_for_an_answer_only_where_a_page_takes_it(person):
    """No email asks people to do by reply what a page of theirs does."""
    emails = written(person, MatchFactory(program=person.program, mentee=person))
    asking = [
        kind
        for kind, body in emails.items()
        for words in ("a yes or a no is enough", "Please reply to this email")
        if words in text_of(body)
    ]
    assert asking == []


def text_of(body):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())


DAYS = ("survey_closes_on", "announce_on", "contact_by")


def test_no_email_names_a_day_that_has_passed(person, today):
    match = MatchFactory(program=person.program, mentee=person)
    program = match.program
    for ahead in (True, False):
        for number, name in enumerate(DAYS):
            days = datetime.timedelta(days=number if ahead else -number - 1)
            setattr(program, name, today + days)
        program.save()
        words = [program.formats.weekday(getattr(program, name)) for name in DAYS]
        emails = {kind: text_of(body) for kind, body in written(person, match).items()}
        assert ("we'll email you about your match." in emails[Kind.RECEIPT]) == ahead
        named = {word for body in emails.values() for word in words if word in body}
        assert named == (set(words) if ahead else set())
    assert "You can return to it and change your answers. What" in emails[Kind.SURVEY]
    assert "Once we have a match for you, we'll email you" in emails[Kind.SURVEY]
    assert "haven't heard from each other within two days" in emails[Kind.MATCH_CALL]


def test_who_signed_up_openly_is_not_thanked_for_a_ticket(person):
    match = MatchFactory(program=person.program, mentee=person)
    ticket = "as a mentee when you got your ticket for Conf"
    assert ticket in text_of(written(person, match)[Kind.SURVEY])
    person.signed_up_openly_at = timezone.now()
    assert "as a mentee for Conf" in text_of(written(person, match)[Kind.SURVEY])
