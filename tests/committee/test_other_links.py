"""Whoever holds a personal link gets nothing of anybody else, whichever address they try.

This walks every address that a personal link opens, those of a new page included: with the link of
somebody else in the program, of somebody in another one, a revoked one, one of an anonymized
program and one that never was. Looked at and posted to, none may show or change anything of the
person it is tried on.
"""

import datetime
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from committee.domain.anonymise import anonymise_program
from matching.models import Match, MentorAnswer
from mentorship.domain.people.decisions import renew_link
from mentorship.domain.signup.tokens import signup_token
from mentorship.interfaces.personal.phases import Phase, phase_of
from mentorship.models import Draft, Participant
from tests import factories
from tests.committee.access.addresses import personal

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MARK = "Zzyzx"
DAY = datetime.timedelta(days=1)
# In place of what an address takes besides the key.
WORDS = {"choice": ("accept", "decline"), "what": ("cannot-reach",)}
# What a person finds on their own pages: the test of the others could not fail if nobody saw it.
THEIR_OWN = {
    "during": {"intake", "intake_form", "intake_data", "intake_data_file", "intake_thanks",
               "intake_goodbye", "role_choice", "asked", "answer_asked", "my_match",
               "match_contact", "match_help", "match_calendar", "feedback", "feedback_thanks"},
    "after": {"intake", "intake_data", "intake_data_file", "intake_thanks", "role_choice", "asked",
              "answer_asked", "my_match", "match_contact", "match_help", "match_calendar",
              "feedback", "feedback_thanks"},
}  # fmt: skip


def conference(when, **details):
    today = timezone.localdate(timezone=datetime.UTC)
    starts = today - DAY if when == "during" else today - 9 * DAY
    return factories.ProgramFactory(
        time_zone="UTC",
        mentors_first=True,
        survey_closes_on=today if when == "during" else None,
        starts_on=starts,
        ends_on=starts + 5 * DAY,
        **details,
    )


LIVING = ("neighbor", "other program")


def announced(program, **people):
    match = factories.MatchFactory(program=program, **people)
    Match.objects.filter(pk=match.pk).update(
        status="announced", announced_at=timezone.now(), note=MARK
    )
    match.refresh_from_db()
    return match


@pytest.fixture(params=["during", "after"])
def when(request):
    return request.param


@pytest.fixture
def ana(when):
    """A mentor of one mentee who is asked about another, and has said something everywhere."""
    program = conference(when)
    ana = factories.ParticipantFactory(
        program=program,
        name=f"{MARK} Lima",
        email=f"{MARK}@freemail.example",
        short_name=MARK,
        affiliation=MARK,
        topics_offered=MARK,
        notes=MARK,
        committee_notes=MARK,
        capacity=2,
        mentee=False,
    )
    now = timezone.now()
    mentee = {"mentee__name": f"{MARK} mentee", "mentee__email": f"{MARK}.mentee@freemail.example"}
    match = announced(program, mentor=ana, **mentee)
    draft = factories.MatchFactory(program=program, mentor=ana, mentee__name=f"{MARK} draft")
    MentorAnswer.objects.create(program=program, mentor=ana, mentee=draft.mentee, asked_at=now)
    factories.SurveyResponseFactory(participant=ana, notes=MARK, rather_not_meet=MARK)
    Draft.objects.create(
        participant=ana,
        answers={"notes": [MARK]},
        seen=ana.responses.get().pk,
        saved_at=now,
        minute_began_at=now,
    )
    factories.ConcernFactory(participant=ana, text=MARK, match=match)
    factories.FeedbackFactory(participant=ana, went_well=MARK, match=match)
    factories.CheckInFactory(match=match, participant=ana)
    factories.MeetingFactory(match=match, proposed_by=ana, accepted_at=now)
    mail = factories.EmailLogFactory(program=program, subject=MARK, state="sent", sent_at=now)
    mail.people.add(ana)
    return ana


def other_links(when, ana):
    """Return links that are not this person's, by what they are."""
    over = conference("after")
    old = factories.ParticipantFactory(program=over).link_key
    anonymise_program(over)
    return {
        "neighbor": announced(ana.program).mentor.link_key,
        "other program": factories.ParticipantFactory(program=conference(when)).link_key,
        "revoked": ana.link_key,
        "anonymized": old,
        "unknown": "x" * 32,
    }


def tries(key, ana):
    """Return the name and path of each address, filled with this key and what is this person's."""
    pks = list(Match.objects.filter(mentor=ana).values_list("pk", flat=True))
    for name, taken in personal().items():
        filled = [{"key": key}]
        for word in taken.keys() - {"key"}:
            values = WORDS.get(word, pks)
            filled = [{**one, word: value} for one in filled for value in values]
        yield from ((name, reverse(name, kwargs=one)) for one in filled)


def sent(ana):
    """Return what pages post, as far as it can name somebody else's rows."""
    match = Match.objects.announced().get(mentor=ana)
    return {
        "role": "mentee",
        "said": "not-yet",
        "do": "cancel",
        "hour": match.meeting.starts_at.isoformat(),
        "text": "Somebody else writes",
        "words": "x",
        "match": match.pk,
        "person": ana.pk,
        "participant": ana.pk,
        "seen": ana.responses.get().pk,
        "version": ana.draft.version,
        "notes": "x",
        f"met_{match.pk}": "no",
        f"rating_{match.pk}": "1",
        "List-Unsubscribe": "One-Click",
    }


def rows_about(ana):
    """Return every row that names this person, or a match of theirs, by model."""
    matches = list(Match.objects.filter(mentor=ana).values_list("pk", flat=True))
    found = {}
    for label in ("mentorship", "matching", "notifications"):
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                if field.related_model not in (Participant, Match) or not field.concrete:
                    continue
                keys = [ana.pk] if field.related_model is Participant else matches
                rows = model._base_manager.filter(**{f"{field.name}__in": keys}).order_by("pk")
                found[model, field.name] = list(rows.values())
    return found | {Participant: Participant.objects.values().get(pk=ana.pk)}


@contextmanager
def undone():
    """Let what happens inside be forgotten afterward."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.slow
def test_no_page_gives_anything_of_anybody_else_away(client, when, ana):
    links = other_links(when, ana)
    renew_link(ana)
    ana.refresh_from_db()
    before, posted = rows_about(ana), sent(ana)
    leaks, changes, unlike = [], [], []
    nothing = client.get(reverse("intake", args=["y" * 32])).content

    for whose, key in links.items():
        for _, path in tries(key, ana):
            answers = [client.get(path)]
            with undone():
                answers.append(client.post(path, posted))
                if whose in LIVING and rows_about(ana) != before:
                    changes.append((whose, path))
            if any(MARK in answer.content.decode() + str(answer.headers) for answer in answers):
                leaks.append((whose, path))
            if whose not in LIVING and {answer.content for answer in answers} != {nothing}:
                unlike.append((whose, path))

    assert leaks == []
    assert changes == []
    # What a link was once cannot be told from one that never was.
    assert unlike == []


@pytest.mark.slow
def test_the_same_addresses_show_their_person_what_is_theirs(client, when, ana):
    """The test above could not fail if nobody saw the mark, or if nothing could be changed."""
    phase = {"during": Phase.MATCH, "after": Phase.FEEDBACK}[when]
    assert phase_of(ana) == phase
    before, posted = rows_about(ana), sent(ana)
    seen, changed = set(), set()

    for name, path in tries(ana.link_key, ana):
        if MARK.encode() in client.get(path).content:
            seen.add(name)
        with undone():
            client.post(path, posted)
            if rows_about(ana) != before:
                changed.add(name)

    assert seen == THEIR_OWN[when]
    assert {"intake_reminders", "match_contact", "match_help", "match_hour"} <= changed


def test_a_sign_up_link_gives_away_nothing_of_another_program(client, ana):
    """It names its address to whoever holds it, and nothing else of anybody."""
    ana.program.open_signup = True
    ana.program.save()
    token = signup_token(conference("during", open_signup=True), ana.email)
    page = client.get(reverse("confirm_signup", args=[token]))
    assert (page.status_code, MARK in page.content.decode().replace(ana.email, "")) == (200, False)
    assert ana.link_key not in page.content.decode()
    for wrong in (f"{token}x", token[:-5], token.replace(":", "."), "x"):
        page = client.get(reverse("confirm_signup", args=[wrong]))
        assert (page.status_code, ana.email in page.content.decode()) == (410, False)
