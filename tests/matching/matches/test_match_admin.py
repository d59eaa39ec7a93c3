"""The committee's pages for matches: who may see them, what they show, what they refuse."""

import re

import pytest
from django.urls import reverse

from matching.domain.matches.changes import announce, create_match
from matching.models import KeepApart, Match
from tests.factories import (
    ConcernFactory,
    FeedbackFactory,
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProposalFactory,
)

LIST = reverse("admin:matching_match_changelist")
ADD = reverse("admin:matching_match_add")
BIOLOGY = "Biology/Health"


def person(program, name, *fields, **kwargs):
    email = kwargs.pop("email", f"{name.lower()}@freemail.example")
    return ParticipantFactory(program=program, name=name, email=email, fields=fields, **kwargs)


def page_of(match):
    return reverse("admin:matching_match_change", args=[match.pk])


def names(response):
    """The pairs on the list, in its order."""
    text = response.content.decode()
    table = text.partition('id="result_list"')[2]
    return re.findall(r"(Mentor \w+|Mentee \w+)<span", table)


def errors(response):
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


@pytest.fixture
def pair(program):
    return MatchFactory(
        program=program,
        mentor=person(program, "Mentor Ada", BIOLOGY, notes="I <b>sequence</b> genomes"),
        mentee=person(program, "Mentee Ben", BIOLOGY, mentee=True, notes="Hello"),
        affinity=300,
        affinity_parts={"sector": 100, "interests": 200},
    )


@pytest.mark.parametrize(
    ("make", "name", "refusal"),
    [
        (lambda: MatchFactory(), "match", 302),
        (lambda: KeepApartFactory(), "keepapart", 302),
        (lambda: ProposalFactory(), "proposal", 403),
        (lambda: ConcernFactory(participant=ParticipantFactory()), "concern", 403),
        (lambda: FeedbackFactory(participant=ParticipantFactory()), "feedback", 403),
    ],
)
def test_a_member_of_another_program_reaches_nothing(signed_in, make, name, refusal):
    row = make()
    before = type(row).objects.values().get()
    change = reverse(f"admin:matching_{name}_change", args=[row.pk])

    listed = signed_in.get(reverse(f"admin:matching_{name}_changelist"))
    assert list(listed.context["cl"].result_list) == []
    # Django sends whoever asks for a row that is not there back to the start.
    assert signed_in.get(change).status_code == 302
    assert signed_in.post(change, {"note": "x"}).status_code == refusal
    assert type(row).objects.values().get() == before


def test_actions_do_not_reach_matches_of_another_program(signed_in):
    match = MatchFactory()

    signed_in.post(LIST, {"action": "lock_chosen", "_selected_action": [match.pk]})

    match.refresh_from_db()
    assert match.locked is False


@pytest.mark.parametrize(
    ("address", "title"),
    [
        (LIST, "Matches"),
        (ADD, "New match"),
        (reverse("admin:matching_keepapart_changelist"), "Do not match"),
        (reverse("admin:matching_concern_changelist"), "Help requests"),
        (reverse("admin:matching_feedback_changelist"), "Feedback"),
        (reverse("admin:matching_proposal_changelist"), "Proposals"),
    ],
)
def test_lists_and_new_rows_are_titled_by_what_they_are(signed_in, address, title):
    assert signed_in.get(address).context["title"] == title


def test_the_page_of_a_match_is_titled_by_its_people(signed_in, pair):
    text = signed_in.get(page_of(pair)).content.decode()

    assert re.findall(r"<title>\s*(.*?) \|", text) == ["Mentor Ada &amp; Mentee Ben"]


def test_nobody_deletes_a_match(signed_in, pair):
    url = reverse("admin:matching_match_delete", args=[pair.pk])
    assert signed_in.post(url, {"post": "yes"}).status_code == 403
    assert Match.objects.get() == pair


@pytest.mark.each
def test_the_list_shows_pairs_with_what_is_wrong(signed_in, program, pair):
    MatchFactory(
        program=program,
        mentor=person(program, "Mentor Cy", email="cy@eastport.example"),
        mentee=person(program, "Mentee Di", mentee=True, email="di@eastport.example"),
        locked=True,
    )

    response = signed_in.get(LIST)

    assert names(response) == ["Mentor Ada", "Mentee Ben", "Mentor Cy", "Mentee Di"]
    assert re.findall(r'title="([^"]*)">(\w+)<', response.content.decode()) == [
        ("both @eastport.example", "Colleagues")
    ]


@pytest.mark.slow
@pytest.mark.each
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=announced", ["Mentor Cy", "Mentee Di"]),
        ("locked__exact=1", ["Mentor Ada", "Mentee Ben"]),
        ("warnings=yes", ["Mentor Cy", "Mentee Di"]),
        ("warnings=no", ["Mentor Ada", "Mentee Ben"]),
        ("call=no", ["Mentor Ada", "Mentee Ben"]),
        ("call=one", ["Mentor Cy", "Mentee Di"]),
        ("call=both", []),
        ("q=cy%40", ["Mentor Cy", "Mentee Di"]),
        ("bin=BIN", ["Mentor Ada", "Mentee Ben"]),
    ],
)
def test_filters_and_search(signed_in, program, query, found):
    ada = person(program, "Mentor Ada", BIOLOGY)
    cy = person(program, "Mentor Cy", virtual=True, email="cy@freemail.example")
    first = create_match(ada, person(program, "Mentee Ben", BIOLOGY, mentee=True), locked=True)
    announce([create_match(cy, person(program, "Mentee Di", mentee=True))])

    response = signed_in.get(f"{LIST}?{query.replace('BIN', str(first.bin_id))}")

    assert names(response) == found


def test_the_number_of_queries_does_not_grow(
    signed_in, program, pair, django_assert_max_num_queries
):
    with django_assert_max_num_queries(40) as few:
        signed_in.get(LIST)
    MatchFactory.create_batch(20, program=program)
    with django_assert_max_num_queries(len(few)):
        signed_in.get(LIST)


def test_the_page_of_a_pair_shows_both_people_and_escapes_their_words(signed_in, pair):
    text = signed_in.get(page_of(pair)).content.decode()

    assert "I &lt;b&gt;sequence&lt;/b&gt; genomes" in text
    bars = re.findall(r"<dt>([\w ]+)</dt>.*?</svg>\s*(\d+)<span[^>]*> of (\d+)", text, re.S)
    assert bars == [("Interests and notes", "200", "700"), ("Sector", "100", "300")]


def test_a_reader_is_asked_to_read_no_warnings(client, program, pair):
    reader = MembershipFactory(program=program, level="reader").user
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    form = client.get(page_of(pair)).context["adminform"]
    assert [field.field["name"] for fields in form for row in fields for field in row] == ["mentor"]


def test_another_mentor_is_chosen_in_the_form(signed_in, member, program, pair):
    other = person(program, "Cy", BIOLOGY, capacity=2)

    response = signed_in.post(page_of(pair), {"mentor": other.pk})

    assert response.status_code == 302
    pair.refresh_from_db()
    assert (pair.mentor, pair.history.first().history_user) == (other, member)


def test_the_choice_says_how_many_places_are_free(signed_in, program, pair):
    person(program, "Cy", capacity=2)
    response = signed_in.get(page_of(pair))

    labels = [label for _, label in response.context["adminform"].form.fields["mentor"].choices]
    assert labels[1:] == ["Cy (2 of 2 places free)", "Mentor Ada (0 of 1 place free)"]


def test_a_pair_with_warnings_needs_a_tick(signed_in, program, pair):
    other = person(program, "Cy", virtual=True)

    response = signed_in.post(page_of(pair), {"mentor": other.pk})

    assert errors(response) == {
        "read_warnings": [
            "Mixed attendance: Cy attends virtually, Mentee Ben in person",
            "No shared field: Cy: Other; Mentee Ben: Biology/Health",
            "Check the box to make this pair anyway.",
        ]
    }
    assert (
        signed_in.post(page_of(pair), {"mentor": other.pk, "read_warnings": "on"}).status_code
        == 302
    )
    pair.refresh_from_db()
    assert pair.mentor == other


def test_a_mentor_without_a_place_is_refused(signed_in, program, pair):
    full = person(program, "Cy", BIOLOGY, capacity=0)

    response = signed_in.post(page_of(pair), {"mentor": full.pk, "read_warnings": "on"})

    assert errors(response) == {"mentor": ["Cy has no free place: 0 of 0 taken."]}


def test_a_mentor_of_another_program_is_no_choice(signed_in, pair):
    response = signed_in.post(page_of(pair), {"mentor": ParticipantFactory().pk})

    assert list(errors(response)) == ["mentor"]


def test_a_match_is_made_by_hand(signed_in, member, program):
    mentor = person(program, "Ada", BIOLOGY)
    mentee = person(program, "Ben", BIOLOGY, mentee=True)

    response = signed_in.post(ADD, {"mentor": mentor.pk, "mentee": mentee.pk, "locked": "on"})

    match = Match.objects.get()
    assert response.status_code == 302
    assert (match.mentor, match.mentee, match.locked, match.status, match.bin.name) == (
        mentor, mentee, True, "draft", BIOLOGY,
    )  # fmt: skip
    assert match.history.get().history_user == member


def test_lock_and_unlock_several(signed_in, program):
    matches = MatchFactory.create_batch(2, program=program)
    chosen = {"_selected_action": [match.pk for match in matches]}

    signed_in.post(LIST, {"action": "lock_chosen", **chosen})
    assert list(Match.objects.values_list("locked", flat=True)) == [True, True]
    signed_in.post(LIST, {"action": "unlock_chosen", **chosen})
    assert list(Match.objects.values_list("locked", flat=True)) == [False, False]


def test_a_keep_apart_pair_is_added_and_overruled(signed_in, program):
    one, other = person(program, "Ada"), person(program, "Ben", mentee=True)
    url = reverse("admin:matching_keepapart_add")
    row = {"first": other.pk, "second": one.pk, "reason": "wish", "note": "said so"}

    assert signed_in.post(url, row).status_code == 302
    again = signed_in.post(url, row)
    same = signed_in.post(url, row | {"second": other.pk})
    signed_in.post(
        reverse("admin:matching_keepapart_changelist"),
        {"action": "allow", "_selected_action": [KeepApart.objects.get().pk]},
    )

    assert errors(again) == {"__all__": ["This pair is already on the list."]}
    assert errors(same)["second"] == ["Choose two different people."]
    found = KeepApart.objects.values_list("program", "first", "second", "note", "overruled")
    assert list(found) == [(program.pk, one.pk, other.pk, "said so", True)]


def test_a_row_of_a_help_request_leads_to_its_page_and_changes_nothing(signed_in, program):
    concern = ConcernFactory(participant=person(program, "Ada"), text="No answer")
    url = reverse("admin:matching_concern_change", args=[concern.pk])

    for response in (signed_in.get(url), signed_in.post(url, {"status": "settled"})):
        assert (response.status_code, response["Location"]) == (
            302,
            reverse("help_request", args=[concern.pk]),
        )
    concern.refresh_from_db()
    assert concern.status == "open"


def test_a_proposal_is_read_with_names_and_never_changed(signed_in, program):
    ada, ben = person(program, "Ada"), person(program, "Ben", mentee=True)
    proposal = ProposalFactory(
        program=program,
        tiers=[
            {"name": "unmatched", "value": 1, "bound": 1},
            {"name": "affinity", "value": -50, "bound": -60},
        ],
        unmatched_mentees=[ben.pk],
        idle_mentors=[ada.pk],
    )
    url = reverse("admin:matching_proposal_change", args=[proposal.pk])

    text = signed_in.get(url).content.decode()

    assert re.findall(r"<li>([^<]*)<strong>(\d+)</strong>([^<]*)</li>", text) == [
        ("Unmatched mentees: ", "1", ", best possible"),
        ("Total affinity: ", "50", ", best possible is 60"),
    ]
    assert signed_in.post(url, {"why_not_proven": "x"}).status_code == 403
