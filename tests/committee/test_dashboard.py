import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.domain.dashboard.picture import read_dashboard
from committee.domain.dashboard.steps import Progress
from committee.domain.numbers import count
from matching.domain.matches.mentor_answers import accept_mentee
from matching.models import Match
from mentorship.models import Participant, Program
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import Kind
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    ProposalFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
INDEX = reverse("admin:index")


def day(month, number):
    return datetime.date(2083, month, number)


@pytest.fixture
def program():
    return ProgramFactory(
        name="SciPy 2083",
        survey_opens_on=day(6, 14),
        survey_closes_on=day(7, 4),
        announce_on=day(7, 8),
    )


def invite(*people):
    for person in people:
        EmailLogFactory(program=person.program, state="sent", sent_at=NOON).people.set([person])


def answer(*people):
    for person in people:
        SurveyResponseFactory(participant=person)


def steps(program, today):
    """Return (progress, sentence, button) of each step."""
    return [
        (step.progress.value, step.sentence, step.action.words if step.action else "")
        for step in read_dashboard(program, today).steps
    ]


def test_mentors_who_are_asked_first_are_asked_before_the_announcement(program):
    type(program).objects.update(mentors_first=True)
    program.refresh_from_db()
    drafts = MatchFactory.create_batch(2, program=program)
    asks = "2 matches need their mentors’ yes first. Send the “Question to a mentor”."
    assert [steps(program, day(7, number))[4] for number in (3, 4)] == [
        ("later", asks, ""),
        ("next", asks, "Ask the mentors"),
    ]
    queue_mail(program, Kind.ASK_MENTOR, now=NOON)
    waits = "Waiting for 2 answers to the “Question to a mentor”."
    assert steps(program, day(7, 8))[4] == ("in progress", waits, "")
    accept_mentee(drafts[0].mentor, drafts[0].pk)
    assert steps(program, day(7, 8))[4] == ("next", "2 pairs to introduce.", "Announce the matches")


def test_who_answered_uninvited_hides_nobody_who_is_still_to_be_asked(program):
    invite(ParticipantFactory(program=program))
    answer(*ParticipantFactory.create_batch(3, program=program))
    ParticipantFactory(program=program)
    EmailLogFactory(program=program, state="sent", sent_at=NOON)  # to somebody who is deleted

    assert steps(program, day(6, 20))[1] == (
        "in progress",
        "1 person signed up late and can be invited now.",
        "Invite late sign-ups",
    )


def test_a_fresh_program_asks_for_the_signups(program):
    picture = read_dashboard(program, day(1, 20))

    assert picture.is_fresh
    assert picture.days_to_go == 173
    assert steps(program, day(1, 20)) == [
        (
            "next",
            "Ask about mentorship in the ticket shop, then import its export.",
            "Import sign-ups",
        ),
        ("later", "Ask everyone who signed up for details.", ""),
        ("later", "Look up people who don't answer the survey.", ""),
        ("later", "Propose pairs once people have answered.", ""),
        ("later", "Introduce each pair by email.", ""),
        ("later", "Help people who can't reach their match.", ""),
        ("later", "Ask everyone how it went.", ""),
    ]


def test_the_way_through_the_program(program):
    mentor, mentee, late = (
        ParticipantFactory(program=program),
        ParticipantFactory(program=program, mentee=True),
        ParticipantFactory(program=program, mentee=True),
    )
    assert steps(program, day(6, 14))[:2] == [
        (
            "done",
            "Sign-ups are in. Import a newer export to add late ones.",
            "Import a newer export",
        ),
        ("next", "3 people can be invited now.", "Send the survey"),
    ]

    invite(mentor, mentee)
    assert steps(program, day(6, 15))[1:3] == [
        (
            "in progress",
            "1 person signed up late and can be invited now.",
            "Invite late sign-ups",
        ),
        ("later", "3 people left to look up.", "Start research"),
    ]

    invite(late)
    answer(mentor, mentee)
    assert steps(program, day(7, 1))[1] == (
        "in progress",
        "1 person hasn't answered yet.",
        "See who is due a reminder",
    )
    assert steps(program, day(7, 5))[1:5] == [
        ("done", "1 person hasn't answered. Late responses are still taken.", ""),
        ("in progress", "1 person left to look up.", "Start research"),
        ("next", "Ready to propose pairs.", "Propose matches"),
        ("later", "Introduce each pair by email.", ""),
    ]

    program.accepts_late_answers = False
    assert steps(program, day(7, 5))[1][1] == "The survey has closed; 1 person hasn't answered."
    program.accepts_late_answers = True

    Participant.objects.filter(pk=late.pk).update(detail_sources={"notes": "research"})
    match = MatchFactory(program=program, mentor=mentor, mentee=mentee)
    ProposalFactory(program=program)
    proposed = program.local(program.proposals.get().created_at)
    assert steps(program, day(7, 8))[2:5] == [
        ("done", "Nobody is left to look up.", ""),
        (
            "in progress",
            f"Proposed on {proposed:%b} {proposed.day}, proven best. 1 draft to review.",
            "Review the matches",
        ),
        ("next", "1 pair to introduce.", "Announce the matches"),
    ]
    assert steps(program, day(7, 7))[4] == ("later", "1 pair to introduce.", "")

    Match.objects.filter(pk=match.pk).update(status=Match.Status.ANNOUNCED)
    waits = EmailLogFactory(program=program, kind=Kind.MATCH_IN_PERSON, state="queued")
    assert steps(program, day(7, 8))[4] == (
        "in progress",
        "1 match email is waiting to be sent.",
        "",
    )
    type(waits).objects.filter(pk=waits.pk).update(state="sent", sent_at=NOON)
    assert steps(program, day(7, 8))[4] == (
        "in progress",
        "Every pair has been introduced. 1 person without a match has not been told.",
        "Tell unmatched mentees",
    )
    EmailLogFactory(program=program, kind=Kind.UNMATCHED_MENTEE).people.set([late])
    assert steps(program, day(7, 13))[3:] == [
        (
            "done",
            f"Proposed on {proposed:%b} {proposed.day}, proven best. All matches are announced.",
            "",
        ),
        ("done", "Every pair has been introduced.", ""),
        ("in progress", "Nobody has asked for help.", ""),
        ("later", "Ask everyone how it went.", ""),
    ]

    ConcernFactory(participant=mentee)
    assert steps(program, day(7, 13))[5] == (
        "in progress",
        "Somebody needs help.",
        "Open help requests",
    )
    assert steps(program, day(7, 19))[6] == (
        "next",
        "No feedback yet.",
        "Ask how it went",
    )
    FeedbackFactory(participant=mentor)
    assert steps(program, day(7, 19))[6] == (
        "in progress",
        "Feedback is coming in.",
        "Read the feedback",
    )


def test_nothing_is_asked_for_any_more_once_the_conference_is_over(program):
    MatchFactory(program=program, status="announced", announced_at=NOON)
    draft = MatchFactory(program=program)
    answer(draft.mentor)
    assert steps(program, day(7, 18))[2:5] == [
        ("in progress", "3 people left to look up.", "Start research"),
        ("in progress", "1 draft to review.", "Review the matches"),
        ("in progress", "1 pair announced, 1 to go.", "Announce the matches"),
    ]
    assert steps(program, day(7, 19))[2:5] == [
        ("done", "3 people never looked up.", ""),
        ("done", "1 draft never announced.", ""),
        ("done", "1 pair introduced; the others were never announced.", ""),
    ]


def test_the_survey_is_done_when_everybody_has_answered(program):
    answer(ParticipantFactory(program=program))

    survey = read_dashboard(program, day(6, 20)).steps[1]

    assert (survey.progress, survey.sentence) == (Progress.DONE, "Everyone has answered.")


def test_counts_whoever_takes_part(program):
    withdrawn = ParticipantFactory(program=program, withdrawn_at=NOON, missing_since=NOON)
    answer(withdrawn)
    match = MatchFactory(program=program)
    MatchFactory(program=program, status=Match.Status.DISSOLVED)
    invite(match.mentor)
    EmailLogFactory(program=program, state="cancelled").people.set([match.mentee])
    EmailLogFactory(program=program, state="failed")
    EmailLogFactory(program=program, state="uncertain")
    EmailLogFactory(program=program, kind=Kind.REMINDER, state="sent", sent_at=NOON)
    ConcernFactory(participant=match.mentee)
    other = ParticipantFactory(survey_role="mentee", missing_since=NOON)
    answer(other)

    numbers = count(program)

    assert (numbers.people, numbers.mentors, numbers.mentees, numbers.withdrawn) == (4, 2, 2, 1)
    assert (numbers.invited, numbers.answered, numbers.not_answered) == (1, 0, 4)
    assert (numbers.drafts, numbers.unmatched_mentees, numbers.idle_mentors) == (1, 1, 1)
    assert (numbers.failed, numbers.uncertain, numbers.emails_in_trouble) == (1, 1, 2)
    assert (numbers.reminders, numbers.open_concerns, numbers.concerns) == (1, 1, 1)
    assert (numbers.roles_in_doubt, numbers.missing) == (0, 0)


def test_invitations_that_came_to_nothing_are_neither_invited_nor_late(program):
    invited, refused, bounced, late, unsubscribed = ParticipantFactory.create_batch(
        5, program=program
    )
    for person, details in (
        (invited, {"state": "sent", "sent_at": NOON}),
        (refused, {"state": "failed"}),
        (bounced, {"state": "sent", "sent_at": NOON, "came_back_at": NOON}),
    ):
        mail = EmailLogFactory(program=program, kind=Kind.SURVEY, about=person.pk, **details)
        mail.people.set([person])
    unsubscribed.unsubscribed_at = NOON
    unsubscribed.save()

    numbers = count(program)

    assert (numbers.invited, numbers.to_invite, numbers.failed) == (1, 1, 1)
    assert queue_mail(program, "survey", now=NOON).queued == 1
    assert late.emails.count() == 1


class TestPage:
    @pytest.fixture
    def member(self, client, program):
        user = MembershipFactory(program=program, level="chair").user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    @pytest.mark.slow
    @pytest.mark.each
    def test_every_link_of_sidebar_steps_and_decisions_opens(self, client, member, program):
        person = ParticipantFactory(program=program, survey_role="mentee", missing_since=NOON)
        SurveyResponseFactory(participant=person, doubts=[{"field": "capacity", "value": "many"}])
        EmailLogFactory(program=program, state="failed")
        ConcernFactory(participant=person)
        MatchFactory(program=program)

        page = client.get(INDEX)

        links = {link for *_, link in page.context["steps"] if link}
        links |= {decision.kind.path for decision in page.context["decisions"]}
        links |= {
            case.path for decision in page.context["decisions"] for case in decision.waiting.cases
        }
        links |= {
            item["link"] for group in page.context["sidebar_navigation"] for item in group["items"]
        }
        assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)

    @pytest.mark.parametrize(
        ("level", "dated"), [("chair", False), ("chair", True), ("member", False)]
    )
    def test_an_empty_program_says_what_to_do_first(self, client, member, program, level, dated):
        member.memberships.update(level=level)
        if not dated:
            Program.objects.filter(pk=program.pk).update(announce_on=None)

        text = client.get(INDEX).content.decode()

        card = text[text.index('class="cm-card cm-empty"') : text.index('id="dashboard"')]
        found = re.findall(r'href="([^"]*)"', card)
        dates = reverse("admin:mentorship_program_change", args=[program.pk])
        invite = reverse("admin:mentorship_membership_add")
        chairs = [invite] if dated else [dates, invite]
        assert found == [*(chairs if level == "chair" else []), reverse("import_signups")]
        assert {client.get(address).status_code for address in found} == {200}

    @pytest.mark.parametrize("begun", [False, True])
    def test_a_reader_is_told_how_it_is_and_not_what_to_do(self, client, member, program, begun):
        member.memberships.update(level="reader")
        if begun:
            people = [ParticipantFactory(program=program) for _ in range(2)]
            mentee = ParticipantFactory(program=program, mentee=True)
            invite(people[0], mentee)
            MatchFactory(program=program, mentor=people[0], mentee=mentee)

        page = client.get(INDEX)

        assert [(sentence, link) for _, sentence, link in page.context["steps"]] == (
            [
                ("Sign-ups are in.", ""),
                ("Signed up late, not invited yet: 1 person.", ""),
                ("3 people left to look up.", ""),
                ("1 draft.", ""),
                ("Not introduced yet: 1 pair.", ""),
                ("Nobody has asked for help.", ""),
                ("Nobody has been asked yet.", ""),
            ]
            if begun
            else [
                ("Nobody has signed up yet.", ""),
                ("Nobody has been asked yet.", ""),
                ("The survey has not begun.", ""),
                ("There are no matches yet.", ""),
                ("There are no matches yet.", ""),
                ("Nobody has asked for help.", ""),
                ("Nobody has been asked yet.", ""),
            ]
        )

    def test_queries_do_not_grow_with_the_people(
        self, client, member, program, django_assert_num_queries
    ):
        def fill(number):
            for _ in range(number):
                answer(ParticipantFactory(program=program, survey_role="mentee"))
                MatchFactory(program=program)

        fill(2)
        client.get(INDEX)
        with CaptureQueriesContext(connection) as few:
            client.get(INDEX)
        fill(10)
        with django_assert_num_queries(len(few)):
            client.get(INDEX)

    def test_a_name_cannot_write_into_the_page(self, client, member, program):
        ParticipantFactory(program=program, name="<script>alert(1)</script>", survey_role="mentee")

        page = client.get(INDEX)

        assert b"<script>alert(1)</script>" not in page.content
        assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in page.content

    @pytest.mark.parametrize("script", [True, False])
    def test_it_finds_the_missing_mentors(self, client, member, program, script):
        ParticipantFactory(program=program, mentee=True)

        if script:
            page = client.get(reverse("mentors_needed"))
        else:
            assert f'hx-get="{reverse("mentors_needed")}"' in client.get(INDEX).content.decode()
            page = client.get(INDEX, {"needed": "1"})

        words = "1 more mentor would place everyone: 1 in Other (in person)."
        assert f"<p>{words}</p>" in page.content.decode()
        assert f"there is room for 0. {words}" in page.content.decode()

    def test_who_is_on_no_committee_is_told_whom_to_ask(self, client):
        user = UserFactory()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        page = client.get(INDEX)

        assert "committee/no_program.html" in [t.name for t in page.templates]
        assert f"your account <strong>{user}</strong>" in page.content.decode()

    def test_a_superuser_without_a_program_can_set_one_up(self, client):
        user = UserFactory(is_superuser=True)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        page = client.get(INDEX)

        add = reverse("admin:mentorship_program_add")
        assert f'href="{add}"' in page.content.decode()
        assert client.get(add).status_code == 200

    def test_the_label_of_the_installation_is_shown(self, client, member, settings):
        settings.ENVIRONMENT_LABEL = "Rehearsal"

        assert client.get(INDEX).context["environment"] == ["Rehearsal", "info"]
