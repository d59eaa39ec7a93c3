"""A participant's own pages: who gets to see what, what is kept, what is told."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mentorship.domain.people.decisions import renew_link, withdraw
from mentorship.models import Participant, Source, SurveyResponse
from tests.factories import ParticipantFactory, ProgramFactory, QuestionFactory

pytestmark = pytest.mark.django_db
PAGES = ("intake", "intake_thanks", "intake_goodbye", "intake_data", "intake_data_file")
HOSTILE = "<script>alert(1)</script>{{ person.email }}{% now %}'\"\u202e=cmd|x"


@pytest.fixture
def program():
    return ProgramFactory(
        name="Conf 2090",
        starts_on=datetime.date(2090, 7, 10),
        ends_on=datetime.date(2090, 7, 16),
        announce_on=datetime.date(2090, 7, 6),
        contact_by=datetime.date(2090, 7, 11),
    )


@pytest.fixture
def ana(program):
    return ParticipantFactory(program=program, name="Ana Lima", short_name="Ana", mentee=True)


def typed(person, **given):
    program = person.program
    return {
        "role": "mentee",
        "attendance": "in_person",
        "expertise": [program.fields.first().pk],
        "sector": program.sectors.first().pk,
    } | given


def address(name, person):
    return reverse(name, args=[person.link_key])


def text(response) -> str:
    return html.unescape(re.sub("</?bdi>", "", response.content.decode()))


def test_an_answer_is_kept_and_thanked_for(client, ana):
    response = client.post(ana.personal_path, typed(ana, notes="Hello"), follow=True)
    assert response.redirect_chain == [(address("intake_thanks", ana), 302)]
    said = ana.responses.get()
    assert (said.notes, said.origin, said.taking_part) == ("Hello", "form", True)
    assert timezone.now() - said.submitted_at < datetime.timedelta(minutes=1)
    shown = text(response)
    for fact in (
        "Thank you, Ana",
        "Around Thursday, July 6",
        "July 10 to 16, 2090",
        "at least an hour",
        "By Tuesday, July 11",
        "mentors@conf.example",
        address("intake_goodbye", ana),
    ):
        assert fact in shown
    assert "more mentors than mentees" not in shown


def test_dates_that_are_not_set_are_not_made_up(client, ana):
    program = ana.program
    program.announce_on = program.contact_by = None
    program.contact_email = ""
    program.save()
    shown = text(client.post(ana.personal_path, typed(ana), follow=True))
    assert "Once there’s a match for you" in shown
    assert "None" not in shown
    assert "mailto:" not in shown


def test_days_that_have_passed_are_not_said_to_come(client, ana):
    program = ana.program
    program.announce_on = program.contact_by = datetime.date(2020, 7, 6)
    program.save()
    shown = text(client.post(ana.personal_path, typed(ana), follow=True))
    client.post(address("role_choice", ana), {"role": "mentee"})
    role = text(client.get(address("role_choice", ana)))
    assert "Once there’s a match for you" in shown
    assert "Please tell us if that changes." in role
    assert "July 6" not in shown + role


def test_a_mentor_is_told_that_there_may_be_no_match(client, program):
    mentor = ParticipantFactory(program=program)
    sent = typed(mentor, role="mentor", capacity=1, attendance="virtual")
    shown = text(client.post(mentor.personal_path, sent, follow=True))
    assert "more mentors than mentees" in shown
    assert "on a call at a time that suits you both" in shown


def test_a_refused_answer_is_not_saved_and_keeps_what_was_typed(client, ana):
    sent = typed(ana, sector="", notes=HOSTILE, topics_wanted="First jobs")
    response = client.post(ana.personal_path, sent)
    assert SurveyResponse.objects.count() == 0
    page = response.content.decode()
    assert "Not saved yet: 1 answer to check" in page
    assert 'href="#id_sector"' in page
    assert page.count("Choose your sector.") == 2
    assert html.escape(HOSTILE) in page
    assert "<script>alert" not in page
    assert "First jobs" in page


def test_hostile_text_is_shown_as_text_everywhere(client, program):
    question = QuestionFactory(
        program=program, text=f"Q {HOSTILE}", choices=[HOSTILE], kind="choice"
    )
    program.fields.filter(is_other=True).update(name=HOSTILE)
    program.name = HOSTILE
    program.save()
    person = ParticipantFactory(program=program, name=HOSTILE, short_name=HOSTILE, mentee=True)
    sent = typed(person, affiliation=HOSTILE, **{f"question_{question.pk}": HOSTILE})
    sent["expertise"] = [program.fields.get(is_other=True).pk]
    sent["wants_to_meet"] = sent["notes"] = HOSTILE
    client.post(person.personal_path, sent)
    assert person.responses.get().other_answers == {str(question.pk): HOSTILE}
    for name in ("intake", "intake_thanks", "intake_goodbye", "intake_data"):
        page = client.get(address(name, person)).content.decode()
        assert html.escape(HOSTILE) in page
        assert "<script>alert" not in page
    stored = client.get(address("intake_data_file", person)).json()
    assert {"question": f"Q {HOSTILE}", "answer": HOSTILE} in stored["answers"][0]["answers"]


def test_a_link_shows_only_its_own_person(client, program, ana):
    kit = ParticipantFactory(
        program=program, name="Quella Brown", notes="Quella's secret", mentee=True
    )
    client.post(
        kit.personal_path, typed(kit, notes="Quella's answer", affiliation="Quella's place")
    )
    client.post(ana.personal_path, typed(ana))
    for name in PAGES:
        shown = text(client.get(address(name, ana)))
        assert "Conf 2090" in shown
        assert "Quella" not in shown
        assert kit.email not in shown
        assert kit.link_key not in shown


@pytest.mark.parametrize("name", PAGES)
def test_a_link_leaves_no_trace(client, ana, name):
    client.post(ana.personal_path, typed(ana))
    unknown = reverse(name, args=["k" * 32])
    for path, status in ((address(name, ana), 200), (unknown, 404)):
        response = client.get(path)
        assert response.status_code == status
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response.cookies == {}


def test_a_revoked_link_says_no_more_than_one_that_never_was(client, ana):
    old = ana.link_key
    renew_link(ana)
    revoked, never = (client.get(reverse("intake", args=[key])) for key in (old, "n" * 32))
    assert (revoked.status_code, never.status_code) == (404, 404)
    assert revoked.content == never.content
    assert "Conf 2090" not in text(revoked)
    assert client.post(reverse("intake", args=[old]), typed(ana)).status_code == 404
    assert SurveyResponse.objects.count() == 0


@pytest.mark.parametrize("key", ["%00", "a%00b", "x" * 500, "..%2f", "%F0%9F%92%A9", "a b"])
def test_a_mangled_link_is_answered_in_plain_words(client, key):
    for page in ("", "thanks/", "goodbye/", "data/", "data.json"):
        response = client.get(f"/p/{key}/{page}")
        assert response.status_code == 404
        assert "latest email" in text(response)


def test_no_cookie_is_needed_to_answer(ana):
    strict = Client(enforce_csrf_checks=True)
    strict.post(ana.personal_path, typed(ana, notes="Hello"))
    assert ana.responses.get().notes == "Hello"


def test_who_cannot_take_part_confirms_it_and_can_come_back(client, ana):
    goodbye = address("intake_goodbye", ana)
    assert "Take me off the list" in text(client.get(goodbye))
    assert Participant.objects.get().takes_part
    shown = text(client.post(goodbye, {"why": "Ill"}, follow=True))
    assert "You’re off the list" in shown
    gone = Participant.objects.get()
    assert (gone.takes_part, gone.withdrawn_why) == (False, "Ill")
    assert client.get(goodbye).url == address("intake_thanks", ana)
    form = client.get(ana.personal_path)
    assert "You said that you can’t take part" in text(form)
    assert form.context["form"]["role"].value() == "none"
    client.post(ana.personal_path, typed(ana))
    back = Participant.objects.get()
    assert (back.takes_part, back.withdrawn_why) == (True, "")
    client.post(ana.personal_path, {"role": "none"})
    assert not Participant.objects.get().takes_part
    assert ana.responses.count() == 3


@pytest.mark.parametrize("given", [{}, {"why": "x" * 201}])
def test_a_goodbye_is_never_lost_for_want_of_a_reason(client, ana, given):
    response = client.post(address("intake_goodbye", ana), given)
    assert response.status_code == (302 if not given else 200)
    assert Participant.objects.get().takes_part is bool(given)


def test_whom_the_committee_took_out_gets_no_form(client, ana):
    withdraw(ana, "Broke the code of conduct")
    for path in (ana.personal_path, address("intake_goodbye", ana)):
        for response in (client.get(path), client.post(path, typed(ana))):
            shown = text(response)
            assert "You’re not in the program right now" in shown
            assert "code of conduct" not in shown
    assert SurveyResponse.objects.count() == 0


def test_whom_a_signup_took_out_can_answer(client, ana):
    withdraw(ana, "Said no when buying the ticket", by=Source.SIGNUP)
    client.post(ana.personal_path, typed(ana))
    assert Participant.objects.get().takes_part


def test_after_the_last_day_the_page_says_so(client, ana):
    program = ana.program
    today = timezone.localdate(timezone=program.zone)
    program.starts_on = program.ends_on = today
    program.save()
    assert "a few questions about you" in text(client.get(ana.personal_path))
    program.starts_on = program.ends_on = today - datetime.timedelta(days=1)
    program.save()
    for path in (ana.personal_path, address("intake_goodbye", ana)):
        for response in (client.get(path), client.post(path, typed(ana))):
            assert "Conf 2090 is over" in text(response)
    assert SurveyResponse.objects.count() == 0
    assert "Ana Lima" in text(client.get(address("intake_data", ana)))


def test_the_form_says_what_is_known_already(client, ana):
    assert "already knows is filled in" not in text(client.get(ana.personal_path))
    ana.detail_sources = {"affiliation": "research"}
    ana.save()
    assert "already knows is filled in" in text(client.get(ana.personal_path))
    client.post(ana.personal_path, typed(ana))
    assert "your latest answers count" in text(client.get(ana.personal_path))


def test_a_decision_that_differs_from_the_answer_is_told(client, ana):
    ana.decided_role = "mentor"
    ana.save()
    shown = text(client.post(ana.personal_path, typed(ana), follow=True))
    assert "It differs from what you just answered" in shown


def test_thanks_come_after_an_answer(client, ana):
    assert client.get(address("intake_thanks", ana)).url == ana.personal_path


def test_what_is_stored_can_be_read_and_taken_away(client, program):
    question = QuestionFactory(program=program, text="Languages?")
    removed = QuestionFactory(program=program, text="Gone?")
    person = ParticipantFactory(
        program=program,
        name="Quella Brown",
        email="kit@freemail.example",
        committee_notes="Not for Kit",
        career_stage="early",
        detail_sources={"name": "signup", "career_stage": "research"},
        ticket="Full",
    )
    person.responses.create(
        submitted_at=datetime.datetime(2090, 6, 20, 19, tzinfo=datetime.UTC),
        role="mentee",
        free_hours=[6, 7],
        time_zone="Asia/Tokyo",
        capacity_as_typed="lots",
        other_answers={str(question.pk): ["English", "Hindi"], str(removed.pk): "Yes"},
    )
    removed.delete()
    response = client.get(address("intake_data_file", person))
    assert response["Content-Disposition"] == f'attachment; filename="{program.slug}-my-data.json"'
    assert response.json() == {
        "program": "Conf 2090",
        "details": [
            {"detail": "Name", "value": "Quella Brown", "from": "sign-up"},
            {"detail": "Email address", "value": "kit@freemail.example", "from": "sign-up"},
            {"detail": "Role at sign-up", "value": "Mentor", "from": "sign-up"},
            {"detail": "Attendance by ticket", "value": "in person", "from": "sign-up"},
            {"detail": "Career stage", "value": "Early career", "from": "research"},
            {"detail": "Mentees at most", "value": 1, "from": ""},
            {"detail": "Ticket", "value": "Full", "from": "sign-up"},
        ],
        "answers": [
            {
                "sent": "2090-06-20 12:00 PDT",
                "through": "the form here",
                "answers": [
                    {"question": "Taking part", "answer": "yes"},
                    {"question": "Role", "answer": "Mentee"},
                    {"question": "Mentees at most", "answer": "lots"},
                    {"question": "Time zone", "answer": "Asia/Tokyo"},
                    {"question": "Free to meet", "answer": "6 AM to 8 AM"},
                    {"question": "Languages?", "answer": "English, Hindi"},
                    {"question": "A question that was removed", "answer": "Yes"},
                ],
            }
        ],
    }
    shown = text(client.get(address("intake_data", person)))
    assert "Early career" in shown
    assert "from research" in shown
    assert "June 20, 2090, 12:00 PM, through the form here" in shown
    assert "Not for Kit" not in shown


def test_the_number_of_queries_does_not_depend_on_what_is_stored(client, program):
    counts = {name: set() for name in PAGES}
    for size in (1, 5):
        QuestionFactory.create_batch(size, program=program)
        ParticipantFactory.create_batch(size, program=program)
        person = ParticipantFactory(program=program, mentee=True)
        person.fields.set(program.fields.all()[:size])
        for _ in range(size):
            client.post(person.personal_path, typed(person))
        for name in PAGES:
            with CaptureQueriesContext(connection) as queries:
                client.get(address(name, person))
            counts[name].add(len(queries))
    assert counts == {
        "intake": {9},
        "intake_thanks": {8},
        "intake_goodbye": {2},
        "intake_data": {15},
        "intake_data_file": {15},
    }


def test_sending_the_form_takes_few_queries(client, ana):
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            client.post(ana.personal_path, typed(ana))
        counts.append(len(queries))
    # From the second time on the receipt of the answers before is canceled.
    assert counts == [28, 34, 34]


def test_only_the_ways_that_a_page_has_are_open(client, ana):
    found = {name: client.put(address(name, ana)).status_code for name in PAGES}
    assert found == dict.fromkeys(PAGES, 405)
