"""My match: what the two see of each other, and what they never do."""

import datetime
import html
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from matching.domain.matches.changes import dissolve
from matching.domain.support import meetings
from matching.domain.support.in_common import InCommon, in_common, shared_words
from matching.models import CheckIn, Meeting
from mentorship.domain.people.decisions import rejoin, withdraw
from mentorship.interfaces.personal.phases import Phase, phase_of
from mentorship.models import CareerStage, Participant
from notifications.domain.outbox.ending import dissolve_and_tell
from notifications.models import EmailLog
from tests.factories import (
    MatchFactory,
    ParticipantFactory,
    QuestionFactory,
    SurveyResponseFactory,
)
from tests.matching.support.conftest import announce_now

pytestmark = pytest.mark.django_db


def text(response):
    """Return a page's text without its markup, each run of spaces as one."""
    body = re.sub(r"<(head|script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())


def shown(client, person):
    response = client.get(person.personal_path)
    assert response.status_code == 200
    return text(response)


def address(name, person, *args):
    return reverse(name, args=[person.link_key, *args])


def emails(kind):
    return [
        (mail.state, mail.recipients, mail.subject)
        for mail in EmailLog.objects.filter(kind=kind).order_by("pk")
    ]


def test_each_sees_the_other_and_what_they_have_in_common(client, pair):
    pair.mentor.fields.set(pair.program.fields.filter(name__startswith="Bio"))
    pair.mentee.fields.set(pair.program.fields.filter(name__startswith="Bio"))
    chi = shown(client, pair.mentee)
    for words in (
        "Chi, meet Dee",
        "Dee Marsh is your mentor. You, Chi Okafor, are the mentee.",
        "Write to Dee dee@freemail.example",
        "Biology/Health a field of both of you",
        "Both in Tacoma so you can meet there",
        "compilers a word that both of you used",
        "Mentoring table in the lobby, 12:30",
        "Café",
        "Be in touch by",
        "You wanted to talk about: “How to package compilers; my own doubts”",
        "Have you been in touch?",
        "I can’t reach Dee",
        "Something isn’t right",
        "I can’t take part any more",
    ):
        assert words in chi
    dee = shown(client, pair.mentor)
    assert "Dee, meet Chi" in dee
    assert "Chi Okafor is your mentee. You, Dee Marsh, are the mentor." in dee
    page = client.get(pair.mentee.personal_path).content.decode()
    assert 'href="mailto:dee@freemail.example"' in page


def test_nothing_that_one_wrote_for_the_committee_is_shown_to_the_other(client, pair):
    question = QuestionFactory(program=pair.program, text="Salary?", counts="same")
    for person, word in ((pair.mentor, "Zmentor"), (pair.mentee, "Zmentee")):
        Participant.objects.filter(pk=person.pk).update(
            notes=f"{word} notes",
            topics_offered=f"{word} offered",
            topics_wanted=f"{word} wanted",
            affiliation=f"{word} place",
            committee_notes=f"{word} committee",
            career_stage=CareerStage.STUDENT,
        )
        SurveyResponseFactory(
            participant=person,
            wants_to_meet=f"{word} wish",
            rather_not_meet=f"{word} enemy",
            notes=f"{word} notes",
            other_answers={str(question.pk): f"{word} answer"},
        )
    pair.affinity, pair.affinity_parts = 777, {"wish": 333, "interests": 444}
    pair.save()
    for person, other in ((pair.mentor, "Zmentee"), (pair.mentee, "Zmentor")):
        for path in (person.personal_path, address("my_match", person)):
            page = client.get(path).content.decode()
            assert pair.partner_of(person).name in page
            assert other not in page
            for number in ("777", "333", "444"):
                assert number not in page


def test_words_in_common_are_those_that_both_wrote():
    one, other = (
        Participant(name=name, notes=notes, topics_wanted=wanted)
        for name, notes, wanted in (
            ("Ann Rust", "I write Rust and WebAssembly; I like Cython.", "gene sequencing"),
            ("Bo Cython", "webassembly, rust, cython, work with people", "Gene SEQUENCING!"),
        )
    )
    # Not the words of their names, nor those that say nothing.
    assert shared_words(one, other) == ["webassembly", "sequencing", "gene"]


def test_what_they_have_in_common_is_told_in_words(pair):
    question = QuestionFactory(
        program=pair.program,
        text="Languages?",
        kind="multiple",
        choices=["Python", "R", "Julia"],
        counts="overlap",
    )
    sector = pair.program.sectors.first()
    for person, stage, chosen in (
        (pair.mentor, CareerStage.SENIOR, ["Python", "R"]),
        (pair.mentee, CareerStage.EARLY, ["R", "Julia"]),
    ):
        Participant.objects.filter(pk=person.pk).update(
            sector=sector,
            career_stage=stage,
            signup_attendance="virtual",
            notes="",
            topics_wanted="",
        )
        SurveyResponseFactory(participant=person, other_answers={str(question.pk): chosen})
    assert in_common(pair) == InCommon(
        [
            (sector.name, "where both of you work"),
            ("A few steps apart", "the mentor is further along in their career"),
            ("Both attending virtually", "so you’ll meet on a call"),
            ("R", "what both of you answered to “Languages?”"),
        ],
        [],
    )


def test_the_link_opens_the_match_only_while_it_stands(client, pair):
    today = timezone.localdate(timezone=pair.program.zone)
    chi = pair.mentee
    assert phase_of(chi, today) == Phase.MATCH
    dissolve(pair, "no time")
    assert phase_of(chi, today) == Phase.UNMATCHED
    page = shown(client, chi)
    assert "Your match with Dee Marsh is no longer going ahead" in page
    assert "I can’t take part any more" in page
    assert pair.mentor.email not in page


def test_who_has_no_match_is_told_once_others_have(client, pair):
    today = timezone.localdate(timezone=pair.program.zone)
    ana = ParticipantFactory(program=pair.program, mentee=True)
    assert phase_of(ana, today) == Phase.FORM
    SurveyResponseFactory(participant=ana, role="mentee")
    assert phase_of(ana, today) == Phase.UNMATCHED
    assert "No match for you right now" in shown(client, ana)


def test_a_draft_is_shown_to_nobody(client, program):
    match = MatchFactory(program=program, mentor__name="Secret Mentor")
    today = timezone.localdate(timezone=program.zone)
    assert phase_of(match.mentee, today) == Phase.FORM
    assert "Secret Mentor" not in shown(client, match.mentee)
    for name in ("match_contact", "match_calendar"):
        page = text(client.get(address(name, match.mentee, match.pk)))
        assert "Secret Mentor" not in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_reaches_the_match_of_somebody_else(client, pair, method):
    eve = ParticipantFactory(program=pair.program, name="Eve")
    mine = MatchFactory(program=pair.program, mentor=eve)
    announce_now(mine)
    sent = {"said": "yes", "do": "cancel", "text": "x"}
    for name, more in (
        ("match_contact", ()),
        ("match_hour", ()),
        ("match_help", ("cannot-reach",)),
        ("match_calendar", ()),
    ):
        response = getattr(client, method)(address(name, eve, pair.pk, *more), sent)
        assert response.status_code in (404, 405)
        for word in ("Dee", "Chi", "dee@", "chi@"):
            assert word not in response.content.decode()
    assert CheckIn.objects.count() == 0


def test_a_mentor_of_two_sees_both_and_the_mentees_not_each_other(client, pair):
    Participant.objects.filter(pk=pair.mentor_id).update(capacity=2)
    other = MatchFactory(
        program=pair.program,
        mentor=pair.mentor,
        mentee__name="Zoe Young",
        mentee__email="zoe@freemail.example",
    )
    announce_now(other)
    dee = shown(client, pair.mentor)
    assert "Dee, meet your matches" in dee
    assert "chi@freemail.example" in dee
    assert "zoe@freemail.example" in dee
    chi = shown(client, pair.mentee)
    assert "Zoe" not in chi
    assert "zoe@" not in chi


class TestContact:
    def test_a_tap_says_it_and_a_visit_does_not(self, client, pair):
        path = address("match_contact", pair.mentee, pair.pk)
        assert "One tap is enough" in text(client.get(path))
        client.head(path)
        assert CheckIn.objects.count() == 0
        after = text(client.post(path, {"said": "not-yet"}, follow=True))
        assert "haven’t been in touch yet" in after
        assert "I can’t reach Dee" in after
        after = text(client.post(path, {"said": "yes"}, follow=True))
        assert "have been in touch" in after
        said = CheckIn.objects.get()
        assert (said.participant, said.in_touch) == (pair.mentee, True)
        assert "You said: we’ve been in touch." in shown(client, pair.mentee)
        # The other person is not told.
        assert "You said" not in shown(client, pair.mentor)

    def test_nonsense_is_not_kept(self, client, pair):
        path = address("match_contact", pair.mentee, pair.pk)
        assert client.post(path, {"said": "perhaps"}).status_code == 400
        assert CheckIn.objects.count() == 0


def hours_on(page):
    """Return the hours that a page offers to propose."""
    return re.findall(r'name="hour" value="([^"]+)"', page)


class TestHours:
    def propose(self, client, person, match, hour=None, do="propose"):
        hour = hour or hours_on(client.get(person.personal_path).content.decode())[0]
        path = address("match_hour", person, match.pk)
        return hour, client.post(path, {"do": do, "hour": hour}, follow=True)

    def test_one_proposes_the_other_accepts_and_both_have_it(self, client, pair):
        offered = hours_on(client.get(pair.mentee.personal_path).content.decode())
        assert len(offered) == 3
        hour, page = self.propose(client, pair.mentee, pair)
        assert "You proposed" in text(page)
        again = hours_on(client.get(pair.mentee.personal_path).content.decode())
        assert (len(again), hour in again) == (3, False)  # what is proposed is no other hour
        assert emails("meeting") == [
            ("queued", ["dee@freemail.example"], "Conf mentorship: Chi Okafor proposes an hour")
        ]
        assert "Chi proposes" in shown(client, pair.mentor)
        _, page = self.propose(client, pair.mentor, pair, hour, do="accept")
        assert "You’re meeting:" in text(page)
        page = shown(client, pair.mentee)
        assert ("You’re meeting:" in page, "Propose" in page) == (True, False)
        assert emails("meeting") == [
            # What had not left yet is not sent any more.
            ("cancelled", ["dee@freemail.example"], "Conf mentorship: Chi Okafor proposes an hour"),
            ("queued", ["dee@freemail.example"], "Conf mentorship: you're meeting Chi Okafor"),
            ("queued", ["chi@freemail.example"], "Conf mentorship: you're meeting Dee Marsh"),
        ]

    def test_both_get_one_entry_that_is_taken_out_when_the_match_ends(self, client, pair):
        hour, _ = self.propose(client, pair.mentee, pair)
        meetings.accept(pair, pair.mentor, datetime.datetime.fromisoformat(hour))
        files = [
            client.get(address("match_calendar", person, pair.pk))
            for person in (pair.mentor, pair.mentee)
        ]
        entries = [self.entry(file.content) for file in files]
        mailed = [
            self.entry(mail.calendar)
            for mail in EmailLog.objects.filter(kind="meeting", state="queued")
        ]
        assert {(e["uid"], e["method"], e["status"], e["sequence"]) for e in entries + mailed} == {
            (entries[0]["uid"], "PUBLISH", "CONFIRMED", 2)
        }
        assert entries[0]["start"] == datetime.datetime.fromisoformat(hour)
        dissolve_and_tell(pair, "ill")
        ends = [self.entry(m.calendar) for m in EmailLog.objects.filter(kind="match_changed")]
        assert ends == [entries[0] | {"method": "CANCEL", "status": "CANCELLED", "sequence": 3}] * 2
        file = client.get(address("match_calendar", pair.mentee, pair.pk))
        assert self.entry(file.content) == ends[0]

    def entry(self, text):
        calendar = Calendar.from_ical(text)
        (event,) = calendar.walk("VEVENT")
        return {
            "method": str(calendar["method"]),
            "uid": str(event["uid"]),
            "status": str(event["status"]),
            "sequence": int(event["sequence"]),
            "start": event.decoded("dtstart"),
        }

    def test_an_hour_that_is_canceled_is_canceled_for_both(self, client, pair):
        hour, _ = self.propose(client, pair.mentee, pair)
        meetings.accept(pair, pair.mentor, datetime.datetime.fromisoformat(hour))
        EmailLog.objects.filter(kind="meeting").update(state="sent", sent_at=timezone.now())
        client.post(address("match_hour", pair.mentor, pair.pk), {"do": "cancel"})
        queued = EmailLog.objects.filter(kind="meeting", state="queued")
        assert {mail.recipients[0] for mail in queued} == {
            "dee@freemail.example",
            "chi@freemail.example",
        }
        assert {self.entry(mail.calendar)["method"] for mail in queued} == {"CANCEL"}
        assert "You’re meeting" not in shown(client, pair.mentee)

    def test_a_double_tap_proposes_once(self, client, pair):
        hour, _ = self.propose(client, pair.mentee, pair)
        self.propose(client, pair.mentee, pair, hour)
        assert Meeting.objects.get().sequence == 1
        assert len(emails("meeting")) == 1

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"do": "propose", "hour": "2000-01-01T10:00:00+00:00"}, "no longer possible"),
            ({"do": "propose", "hour": "2000-01-01T10:00:00"}, "Choose one of the hours."),
            ({"do": "propose", "hour": "soon"}, "Choose one of the hours."),
            ({"do": "propose"}, "Choose one of the hours."),
            ({"do": "accept", "hour": "2000-01-01T10:00:00+00:00"}, "has changed since"),
            ({"do": "fly"}, "Choose one of the hours."),
        ],
    )
    def test_what_is_no_hour_is_refused_in_words(self, client, pair, sent, words):
        response = client.post(address("match_hour", pair.mentee, pair.pk), sent)
        assert response.status_code in (400, 409)
        assert words in text(response)
        assert Meeting.objects.count() == 0

    def test_nobody_accepts_their_own_hour_or_one_that_has_changed(self, client, pair):
        first, second, _ = hours_on(client.get(pair.mentee.personal_path).content.decode())
        self.propose(client, pair.mentee, pair, first)
        _, page = self.propose(client, pair.mentee, pair, first, do="accept")
        assert "The other person accepts it" in text(page)
        self.propose(client, pair.mentee, pair, second)
        _, page = self.propose(client, pair.mentor, pair, first, do="accept")
        assert "has changed since" in text(page)
        assert Meeting.objects.get().accepted_at is None

    def test_an_hour_is_said_to_suit_both_only_if_both_said_when_they_are_free(self, client, pair):
        unknown = "We don’t know when you’re both free."
        for person in (pair.mentor, pair.mentee):
            page = client.get(pair.mentee.personal_path).content.decode()
            assert (unknown in page, "suit you both" in page) == (True, False)
            SurveyResponseFactory(participant=person, free_hours=[9, 10])

        page = client.get(pair.mentee.personal_path).content.decode()
        assert (unknown in page, "Hours that suit you both" in page) == (False, True)

    def test_the_hours_of_a_call_are_on_both_clocks(self, client, pair):
        Participant.objects.filter(pk=pair.mentor_id).update(
            signup_attendance="virtual", time_zone="Europe/Berlin"
        )
        page = shown(client, pair.mentee)
        assert "One of you is attending virtually, so meet on a call." in page
        assert re.search(r"Propose [^(]+\(UTC\)for Dee: [^(]+ in Berlin", page)

    def test_without_a_clock_it_says_why_there_is_no_hour(self, client, pair):
        Participant.objects.filter(pk=pair.mentor_id).update(
            signup_attendance="virtual", time_zone=""
        )
        page = shown(client, pair.mentee)
        assert "One of you didn’t say which time zone you’re in" in page
        assert "Propose" not in page

    def test_a_match_that_has_ended_takes_no_hour(self, client, pair):
        hour = hours_on(client.get(pair.mentee.personal_path).content.decode())[0]
        dissolve(pair, "ill")
        response = client.post(
            address("match_hour", pair.mentee, pair.pk), {"do": "propose", "hour": hour}
        )
        assert response.status_code == 404
        with pytest.raises(ValidationError, match="This match has ended"):
            meetings.propose(pair, pair.mentee, datetime.datetime.fromisoformat(hour))
        assert Meeting.objects.count() == 0

    def test_who_withdrew_is_not_told_of_an_hour(self, client, pair):
        self.propose(client, pair.mentee, pair)
        withdraw(pair.mentor, "ill")
        assert emails("meeting")[0][0] == "cancelled"

    def test_while_the_committee_decides_no_hour_is_proposed_or_accepted(self, client, pair):
        self.propose(client, pair.mentor, pair)
        hour = Meeting.objects.get().starts_at
        withdraw(pair.mentor, "ill")
        page = shown(client, pair.mentee)
        assert (
            "The committee is looking at this match, and you’ll get an email if it changes." in page
        )
        assert "ropose" not in page
        refused = "The committee is looking at this match, so no hour can be agreed on right now."
        for do in ("accept", "propose"):
            sent = {"do": do, "hour": hour.isoformat()}
            response = client.post(address("match_hour", pair.mentee, pair.pk), sent)
            assert (response.status_code, refused in text(response)) == (409, True)
        assert Meeting.objects.get().accepted_at is None

        rejoin(pair.mentor)
        assert "Dee proposes" in shown(client, pair.mentee)


def test_offers_to_change_answers_only_while_they_are_taken(client, pair):
    other = ParticipantFactory(program=pair.program, mentee=True)
    SurveyResponseFactory(participant=other)
    people = (pair.mentee, other)
    assert ["Change my answers" in shown(client, person) for person in people] == [True, True]
    program = pair.program
    program.survey_closes_on = program.starts_on
    program.accepts_late_answers = False
    program.save()
    assert ["Change my answers" in shown(client, person) for person in people] == [False, False]
