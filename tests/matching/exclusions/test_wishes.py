"""Wishes whom not to meet: read as people write them, or decided by a person, never passed over."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from matching.domain.exclusions.people_by_words import Entry, PeopleByWords
from matching.domain.exclusions.wish_decisions import (
    UnsettledWishes,
    read_wishes,
    settle_wish,
)
from matching.domain.exclusions.wishes import read_wish
from matching.domain.matches.changes import announce, create_match
from matching.domain.matches.people import read_people
from matching.domain.proposals.propose import propose
from matching.interfaces.board.cards import person_card
from matching.models import KeepApart, Match, WishDecision
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.imports.signups import import_signups
from mentorship.domain.signals import responses_recorded
from mentorship.interfaces.decisions.registry import open_decisions
from mentorship.interfaces.own_data import own_data
from notifications.domain.outbox.preview import preview
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailLog
from tests.factories import (
    KeepApartFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

WANDA, BEN, ADA, PEPE, WEI, OTHER_WEI, MARY, BOSS = range(1, 9)
PEOPLE = PeopleByWords(
    [
        Entry(WANDA, "Wanda Wisher", "", "wanda@one.example", "One Institute"),
        Entry(BEN, "Ben Ordinary", "", "ben.ordinary@two-university.example", "Two University"),
        Entry(ADA, "Ada Lund", "", "ada@freemail.example", "Two Univ."),
        Entry(PEPE, "José García-López", "Pepe", "jgl@freemail.example", ""),
        Entry(WEI, "Wei Chen", "", "wei@freemail.example", "Meridian Labs"),
        Entry(OTHER_WEI, "Wei Chen", "", "chen.wei@freemail.example", "Three College"),
        Entry(MARY, "Mary Jane O’Brien", "MJ", "mj@freemail.example", ""),
        Entry(BOSS, "Boss Man", "", "boss@one.example", "One Institute"),
    ],
    ["freemail.example"],
)
# How people write that they would rather not meet Ben Ordinary of Two University.
SPELLINGS = [
    "Ben Ordinary",
    "Ordinary, Ben (he harassed me)",
    "Ordinary, Ben",
    "ORDINARY BEN",
    "ben ordinary.",
    "Ben\u00a0Ordinary",
    "Ben  -  Ordinary",
    "“Ben Ordinary”, please!",
    "Please not Ben Ordinary, thanks",
    "I'd rather not be matched with Ben Ordinary",
    "I don't want to meet Ben Ordinary",
    "Dr. Ben Ordinary",
    "Prof Ordinary",
    "Mr Ordinary",
    "Ben",
    "Ordinary",
    "Ben O.",
    "B. Ordinary",
    "Ben Q. Ordinary",
    "Benjamin Ordinary",
    "Bén Ordinarý",
    "Benn Ordinary",
    "Ben Ordinery",
    "Ordnary, B",
    "BenOrdinary",
    "ben_ordinary",
    "Ben's group",
    "Ben (the one from Two)",
    "ben.ordinary@two-university.example",
    "<Ben.Ordinary@Two-University.example>",
    "ben@two-university.example",
    "ben.ordinary at two-university dot example",
    "@two-university.example",
    "anybody from Two University",
    "Anyone who works at Two Univ.",
    "people of the Two University, please",
    "Two University",
    "my ex-husband",
    "You know who",
    "Бен Ординари",
    "Ada Lund and that Ben",
]


def read(text):
    return read_wish(WANDA, text, PEOPLE)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("Ben Ordinary", {BEN}),
        ("Ordinary, Ben", {BEN}),
        ("Not Ben Ordinary or Ada Lund, please.", {BEN, ADA}),
        ("I don’t want to meet ben ORDINARY", {BEN}),
        ("Jose Garcia Lopez", {PEPE}),
        ("Pepe López", {PEPE}),
        ("Ben.Ordinary@two-university.example, thanks", {BEN}),
        ("@two-university.example", {BEN}),
        ("anybody from Two University", {BEN, ADA}),
        ("No one who works at Two Univ. please", {BEN, ADA}),
        ("anyone from Two University or Meridian Labs", {BEN, ADA, WEI}),
        ("two university", {BEN, ADA}),
        ("none", set()),
        ("N/A", set()),
        ("No one in particular", set()),
        (" - ", set()),
    ],
)
def test_what_is_certain_needs_nobody(text, sure):
    reading = read(text)

    assert (reading.sure.keys(), reading.unread) == (sure, [])


@pytest.mark.parametrize(
    ("text", "sure", "likely"),
    [
        ("Ordinary, Ben (he harassed me)", [BEN], []),
        ("Ben", [], [BEN]),
        ("Ada and Ben", [], [BEN, ADA]),
        ("Ben Ordinery", [], [BEN]),
        ("BenOrdinary", [], [BEN]),
        ("Benjamin Ordinary", [], [BEN]),
        ("obrien", [], [MARY]),
        ("MJ", [], [MARY]),
        ("ben@two-university.example", [], [BEN]),
        ("Wei Chen", [], [WEI, OTHER_WEI]),
        ("My boss", [], [BOSS]),
        ("anyone but Ben Ordinary", [], [BEN]),
        ("I want to meet Ben Ordinary", [BEN], []),
        ("Ben Ordinary and my boss", [BEN], [BOSS]),
        ("anybody from Two University or Elsewhere", [BEN, ADA], []),
        ("anybody from Elsewhere", [], []),
        ("Бен Ординари", [], []),
        ("everyone", [], []),
        ("???", [], []),
        ("please don't", [], []),
    ],
)
def test_what_is_not_certain_is_asked_with_the_likely_people(text, sure, likely):
    reading = read(text)

    assert not reading.is_clear
    assert (sorted(reading.sure), sorted(reading.likely)) == (sure, likely)


def test_a_small_word_that_is_also_a_name_may_mean_somebody():
    people = [*PEOPLE.people.values(), Entry(9, "An Na", "", "an@freemail.example", "")]
    more = PeopleByWords(people, ["freemail.example"])

    assert read_wish(WANDA, "na", PEOPLE).is_clear
    assert list(read_wish(WANDA, "na", more).likely) == [9]
    assert not read_wish(WANDA, "not an Ordinary, Ben", more).is_clear
    assert read_wish(WANDA, "Na, An", more).sure.keys() == {9}


@pytest.fixture
def program(db):
    return ProgramFactory(slug="now")


@pytest.fixture
def wanda(program):
    return ParticipantFactory(
        program=program, name="Wanda Wisher", email="wanda@one.example", mentee=True
    )


@pytest.fixture
def ben(program):
    return ParticipantFactory(
        program=program,
        name="Ben Ordinary",
        email="ben.ordinary@two-university.example",
        affiliation="Two University",
        capacity=3,
    )


def wish(person, text, **details):
    return SurveyResponseFactory(participant=person, rather_not_meet=text, **details)


@pytest.mark.parametrize("text", SPELLINGS)
def test_no_spelling_lets_the_pair_pass(program, wanda, ben, text):
    ParticipantFactory(program=program, name="Ada Lund", affiliation="Far College")
    wish(wanda, text)

    try:
        proposed = {(pair["mentor"], pair["mentee"]) for pair in propose(program).pairs}
    except UnsettledWishes:
        proposed = set()
        assert not Match.objects.exists()
    else:
        Match.objects.all().delete()
    # A member pairs them by hand all the same, and announces all drafts.
    match = create_match(ben, wanda)
    try:
        queued = queue_mail(program, "match").queued
    except UnsettledWishes:
        queued = 0
    match.refresh_from_db()

    assert (ben.pk, wanda.pk) not in proposed
    assert (queued, match.status) == (0, Match.Status.DRAFT)


def test_an_unsettled_wish_stops_proposals_and_announcements_with_a_link(
    program, wanda, ben, settings
):
    settings.SITE_URL = "https://mentors.example"
    wish(wanda, "Ben")
    dee, eve = ParticipantFactory(program=program), ParticipantFactory(program=program, mentee=True)
    match = create_match(dee, eve)
    sentence = (
        "1 wish not to be matched with somebody needs a decision first, that of Wanda Wisher. "
        "Decide here: https://mentors.example/committee/wishes/"
    )

    for stopped in (
        lambda: propose(program),
        lambda: propose(program, dry_run=True),
        lambda: announce([match]),
        lambda: queue_mail(program, "match"),
    ):
        with pytest.raises(UnsettledWishes) as refused:
            stopped()
        assert refused.value.messages == [sentence]
    for command in (["propose_matches"], ["queue_mail", "match"]):
        with pytest.raises(CommandError, match=r"Decide here: https://mentors\.example/committee/"):
            call_command(*command, program="now")

    match.refresh_from_db()
    assert (match.status, EmailLog.objects.count()) == (Match.Status.DRAFT, 0)
    assert preview(program, "match").refused == sentence


def test_a_decision_keeps_apart_and_lets_the_rest_go_on(program, wanda, ben):
    wish(wanda, "Ben, he knows why")
    likely = read_wishes(program).wishes[wanda.pk].reading.likely

    settle_wish(wanda, "Ben, he knows why", [ben], likely)

    assert propose(program).pairs == []
    reason = read_people(program).exclusions.why(ben, wanda)
    assert reason
    assert reason.detail == "Wanda Wisher would rather not meet Ben Ordinary"


def test_somebody_new_who_may_be_meant_reopens_the_question(program, wanda, ben):
    wish(wanda, "Bob")
    settle_wish(wanda, "Bob", [], read_wishes(program).wishes[wanda.pk].reading.likely)
    assert read_wishes(program).open == []
    rows = [Row(2, ["bob@three.example", "Bob Stone", "mentor", "In person"])]

    import_signups(program, Table("late.csv", ["Email", "Name", "Mentorship", "Ticket"], rows))

    assert [wish.wisher for wish in read_wishes(program).open] == [wanda.pk]


def test_somebody_new_of_an_employer_is_kept_apart_at_once(program, wanda, ben):
    wish(wanda, "anybody from Two University")
    late = ParticipantFactory(program=program, affiliation="Two Univ.")

    assert read_people(program).exclusions.why(late, wanda)
    assert read_wishes(program).open == []


def test_another_wording_is_another_question_and_keeps_what_was_sure(program, wanda, ben):
    wish(wanda, "Ben")
    settle_wish(wanda, "Ben", [ben], [ben.pk])

    wish(wanda, "Ben from Two", submitted_at="2083-06-25T00:00Z")

    assert [one.text for one in read_wishes(program).open] == ["Ben from Two"]
    with pytest.raises(ValidationError, match="has changed the wish since"):
        settle_wish(wanda, "Ben", [ben], [ben.pk])


def test_an_answer_here_takes_a_wish_back_and_an_import_without_one_does_not(program, wanda, ben):
    wish(wanda, "Ben Ordinary")
    SurveyResponseFactory(
        participant=wanda, submitted_at="2083-06-25T00:00Z", origin="import", taking_part=True
    )
    assert read_people(program).exclusions.why(ben, wanda)

    SurveyResponseFactory(participant=wanda, submitted_at="2083-06-26T00:00Z")

    assert read_people(program).exclusions.why(ben, wanda) is None


def test_a_wish_of_somebody_who_left_waits_for_nobody(program, wanda, ben):
    wish(wanda, "Ben")
    wanda.withdrawn_at = "2083-06-25T00:00Z"
    wanda.save()

    assert read_wishes(program).open == []


def test_a_decision_ends_an_allowance_and_refuses_strangers(program, wanda, ben):
    wish(wanda, "Ben")
    KeepApartFactory(program=program, first=ben, second=wanda, overruled=True)

    with pytest.raises(ValidationError, match="cannot be meant"):
        settle_wish(wanda, "Ben", [ParticipantFactory()], [])
    settle_wish(wanda, "Ben", [ben], [ben.pk])

    assert not KeepApart.objects.exists()
    assert read_people(program).exclusions.why(ben, wanda)


def test_wishes_stand_on_both_cards_and_nowhere_in_the_other_persons_data(program, wanda, ben):
    wish(wanda, "Ben Ordinary")
    people = read_people(program)

    assert person_card(people, people.by_pk[wanda.pk], "mentee").words == [
        ("Would rather not be matched with", "Ben Ordinary")
    ]
    assert person_card(people, people.by_pk[ben.pk], "mentor").words == [
        ("Would rather not be matched with this person", "Wanda Wisher")
    ]
    assert "Wanda" not in str(own_data(ben))


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client, wanda, **said):
    said = {"wisher": wanda.pk, "text": "Ben", **said}
    return client.post(reverse("settle_wish"), said, follow=True)


def words_of(response):
    return [str(message) for message in response.context["messages"]]


class TestPage:
    def test_the_dashboard_asks_and_the_page_settles(self, member, program, wanda, ben):
        wish(wanda, "Ben")
        create_match(ben, wanda)
        [asked] = open_decisions(program)
        [case] = asked.waiting.cases
        assert (asked.sentence, case.who, case.detail, case.path) == (
            "1 wish not to be matched needs a decision",
            "Wanda Wisher",
            "“Ben”",
            f"{reverse('wishes')}#wish-{wanda.pk}",
        )

        page = member.get(reverse("wishes"))
        [card] = page.context["page"].open
        assert [(one.person, one.why) for one in card.offered] == [(ben, "has “ben” in the name")]
        nothing = post(member, wanda, do="settle", shown=card.shown)
        done = post(member, wanda, do="settle", shown=card.shown, apart_from=[ben.pk])

        assert words_of(nothing) == [
            "Check the people who are meant, or choose “Nobody here is meant”."
        ]
        assert words_of(done) == [
            "Wanda Wisher will not be matched with Ben Ordinary.",
            "Ben Ordinary & Wanda Wisher are matched now. Dissolve the match or change it on "
            "the board.",
        ]
        assert open_decisions(program) == []
        [decided] = done.context["page"].decided
        assert (decided.text, decided.chosen) == ("Ben", [ben])

        again = post(member, wanda, do="reopen")
        assert words_of(again) == ["Wanda Wisher’s wish needs a decision again."]
        assert not WishDecision.objects.exists()

    def test_nobody_and_somebody_who_is_found_by_name(self, member, program, wanda, ben):
        wish(wanda, "Benji")
        zoe = ParticipantFactory(program=program, name="Zoë Quill")

        found = post(member, wanda, text="Benji", do="find", words="zoe", apart_from=[ben.pk])
        [card] = found.context["page"].open
        assert [(one.person, one.checked) for one in card.offered] == [(ben, True), (zoe, False)]
        lost = post(member, wanda, text="Benji", do="find", words="xyzzy")
        assert lost.context["page"].open[0].note == "Nobody here is like “xyzzy”."
        done = post(member, wanda, text="Benji", do="nobody", shown=str(ben.pk))

        assert words_of(done) == ["Saved: nobody here is meant by Wanda Wisher’s wish."]
        assert read_wishes(program).open == []

    def test_other_programs_and_nonsense_change_nothing(self, member, program, wanda, ben):
        wish(wanda, "Ben")
        stranger = ParticipantFactory(name="Sam Stranger")
        wish(stranger, "Ben")

        for said in (
            {"do": "nobody", "wisher": stranger.pk},
            {"do": "nobody", "wisher": "x"},
            {"do": "explode"},
            {"do": "settle", "apart_from": [stranger.pk]},
            {"do": "nobody", "text": "Benny"},
            {"do": "nobody", "shown": "x"},
        ):
            assert words_of(post(member, wanda, **said))[0]
        assert not WishDecision.objects.exists()
        assert "Sam Stranger" not in member.get(reverse("wishes")).content.decode()

    def test_the_proposal_leads_here(self, member, program, wanda, ben):
        wish(wanda, "Ben")

        for method in (member.get, member.post):
            answer = method(reverse("propose_matches"), follow=True)
            assert answer.redirect_chain == [(reverse("wishes"), 302)]
            assert words_of(answer) == [
                "1 wish not to be matched with somebody needs a decision first, that of "
                "Wanda Wisher."
            ]

    def test_the_announcement_refuses_with_a_link(self, member, program, wanda, ben, settings):
        wish(wanda, "Ben")
        dee = ParticipantFactory(program=program)
        create_match(dee, ParticipantFactory(program=program, mentee=True))

        page = member.get(reverse("send_match")).content.decode()
        member.post(reverse("send_match"), {"seen": 1})

        assert f'href="{settings.SITE_URL}{reverse("wishes")}"' in page
        assert "Send 1 email" not in page
        assert not EmailLog.objects.exists()


def test_a_wish_that_comes_late_stops_the_introduction_that_waits(program, wanda, ben):
    create_match(ben, wanda)
    queue_mail(program, "match", rest_seconds=120)
    before = EmailLog.objects.values_list("state", flat=True).get()

    response = wish(wanda, "not Ben please")
    responses_recorded.send(type(response), program=program, responses=[response])

    email = EmailLog.objects.get(kind="match_in_person")
    assert (before, email.state) == ("queued", "cancelled")
    assert email.state_reason == (
        "Wanda Wisher’s wish not to be matched needs a decision: “not Ben please”."
    )
