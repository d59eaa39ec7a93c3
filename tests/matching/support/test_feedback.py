"""Feedback: who is asked, what is kept, who reads it."""

import datetime
import re

import pytest
from django.urls import reverse

from matching.domain.matches.changes import dissolve
from matching.models import Feedback
from mentorship.domain.people.decisions import withdraw
from mentorship.interfaces.personal.phases import Phase, phase_of
from mentorship.models import Participant
from tests.factories import (
    FeedbackFactory,
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
)
from tests.matching.support.conftest import announce_now
from tests.matching.support.test_match_page import address, text

pytestmark = pytest.mark.django_db
LOGIN = "django.contrib.auth.backends.ModelBackend"
# In the programs' zone, Los Angeles.
HALF_PAST_FOUR = datetime.datetime(2083, 7, 20, 23, 30, tzinfo=datetime.UTC)


@pytest.fixture
def over(pair):
    """The same pair, a week after the last day."""
    program = pair.program
    today = program.starts_on + datetime.timedelta(days=1)
    program.starts_on = today - datetime.timedelta(days=12)
    program.ends_on = today - datetime.timedelta(days=7)
    program.feedback_weeks = 2
    program.save()
    pair.refresh_from_db()
    return pair


def said(person):
    return list(
        Feedback.objects.filter(participant=person)
        .order_by("pk")
        .values_list("met", "rating", "went_well", "do_better", "would_come_again", "again_as")
    )


def test_the_link_asks_for_as_many_weeks_as_the_program_says(over):
    program, chi = over.program, over.mentee
    day = datetime.timedelta(days=1)
    found = [
        phase_of(chi, day_)
        for day_ in (
            program.ends_on,
            program.ends_on + day,
            program.ends_on + 14 * day,
            program.ends_on + 15 * day,
        )
    ]
    assert found == [Phase.MATCH, Phase.FEEDBACK, Phase.FEEDBACK, Phase.OVER]


def test_two_minutes_on_one_page(client, over):
    chi = over.mentee
    page = text(client.get(chi.personal_path))
    for words in ("Chi, how was it?", "Dee never sees them", "Did you and Dee Marsh meet?"):
        assert words in page
    sent = {
        f"met_{over.pk}": "yes",
        f"rating_{over.pk}": "4",
        "would_come_again": "yes",
        "again_as": "mentor",
        "went_well": "Lunch\r\nand advice",
        "do_better": "Earlier emails",
    }
    after = client.post(address("feedback", chi), sent, follow=True)
    assert "Thank you, Chi" in text(after)
    assert said(chi) == [(True, 4, "Lunch\nand advice", "Earlier emails", True, "mentor")]
    # Sent again, it takes the place of what was there; the form shows it.
    form = client.get(chi.personal_path).context["form"]
    assert form["went_well"].value() == "Lunch\nand advice"
    client.post(address("feedback", chi), sent | {"would_come_again": "no", "do_better": ""})
    assert said(chi) == [(True, 4, "Lunch\nand advice", "", False, "")]


def test_nothing_said_is_not_kept_and_nonsense_is_asked_again(client, over):
    path = address("feedback", over.mentee)
    response = client.post(path, {})
    assert (response.status_code, "Answer at least one question." in text(response)) == (400, True)
    response = client.post(path, {f"rating_{over.pk}": "9", "went_well": "Kept on the page"})
    assert response.status_code == 400
    assert "Kept on the page" in response.content.decode()
    assert said(over.mentee) == []


def test_a_mentor_of_two_is_asked_about_each_and_once_about_the_rest(client, over):
    Participant.objects.filter(pk=over.mentor_id).update(capacity=2)
    other = MatchFactory(program=over.program, mentor=over.mentor, mentee__name="Zoe Young")
    announce_now(other)
    sent = {f"met_{over.pk}": "no", f"met_{other.pk}": "yes", "went_well": "Zoe"}
    client.post(address("feedback", over.mentor), sent)
    assert said(over.mentor) == [
        (False, None, "Zoe", "", None, ""),
        (True, None, "", "", None, ""),
    ]


def test_after_a_rematch_people_are_asked_about_the_match_that_stood(client, over):
    dissolve(over, "ill")
    new = MatchFactory(program=over.program, mentor__name="Eve New", mentee=over.mentee)
    announce_now(new)
    chi, dee = (text(client.get(person.personal_path)) for person in (over.mentee, over.mentor))
    assert ("Eve New" in chi, "Dee" in chi) == (True, False)
    # Somebody left without a match is asked about the one they had.
    assert "Did you and Chi Okafor meet?" in dee


def test_who_had_no_match_or_left_is_not_asked(client, over):
    ana = ParticipantFactory(program=over.program)
    withdraw(over.mentor, "ill")
    for person in (ana, over.mentor):
        assert "Conf is over" in text(client.get(person.personal_path))
        client.post(address("feedback", person), {"went_well": "x"})
    assert Feedback.objects.count() == 0


def test_feedback_is_not_taken_on_other_days(client, pair):
    client.post(address("feedback", pair.mentee), {"went_well": "too early"})
    assert Feedback.objects.count() == 0


def test_the_match_never_sees_it_and_the_committee_does(client, over):
    sent = {f"rating_{over.pk}": "1", "went_well": "Zq9x nothing", "again_as": "either"}
    client.post(address("feedback", over.mentee), sent | {"would_come_again": "yes"})
    dee = over.mentor
    for name in ("intake", "my_match", "feedback", "intake_data", "intake_data_file"):
        assert "Zq9x" not in client.get(address(name, dee)).content.decode()
    own = client.get(address("intake_data_file", over.mentee)).json()["feedback"]
    assert [(row["went_well"], row["again_as"]) for row in own] == [("Zq9x nothing", "as either")]
    user = MembershipFactory(program=over.program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    listed = text(client.get(reverse("admin:matching_feedback_changelist")))
    assert "as either" in listed
    row = Feedback.objects.get()
    page = client.get(reverse("admin:matching_feedback_change", args=[row.pk]))
    assert "Zq9x nothing" in text(page)


@pytest.mark.parametrize(
    ("region", "sent"), [("en-us", "Jul 20, 2083, 4:30 PM"), ("en-gb", "20 Jul 2083, 16:30")]
)
def test_the_list_counts_and_dates_as_other_lists_do(client, region, sent):
    program = ProgramFactory(region=region)
    client.force_login(MembershipFactory(program=program).user, LOGIN)
    listed = reverse("admin:matching_feedback_changelist")
    KeepApartFactory(program=program)
    counted = []
    for _ in range(2):
        one = FeedbackFactory(participant=ParticipantFactory(program=program))
        Feedback.objects.filter(pk=one.pk).update(created_at=HALF_PAST_FOUR)
        counted.append(text(client.get(listed)))
        KeepApartFactory(program=program)
    opened = text(client.get(reverse("admin:matching_feedback_change", args=[one.pk])))
    pairs = text(client.get(reverse("admin:matching_keepapart_changelist")))

    assert [re.findall(r"\d feedback(?: responses?)?", page) for page in counted] == [
        ["1 feedback response"],
        ["2 feedback responses"],
    ]
    assert (counted[1].count(sent), opened.count(sent)) == (2, 1)
    assert "3 do-not-match pairs" in pairs
