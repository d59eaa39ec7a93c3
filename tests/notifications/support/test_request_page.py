"""The list of help requests, the page of one, and the assistant, as members use them."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.domain.support import handling
from matching.models import Concern, ConcernEntry
from notifications.domain.outbox.rematch import CHANGED
from notifications.models import EmailLog
from tests.factories import ConcernFactory, MatchFactory, ParticipantFactory
from tests.matching.support.test_match_page import text
from tests.notifications.support.evening import everything, make_evening, member, rematches, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def evening(db):
    return make_evening()


@pytest.fixture
def sofia(evening, client):
    user = member(evening.program)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def page_of(concern, name="help_request"):
    return reverse(name, args=[concern.pk])


def test_the_list_has_open_ones_first_and_of_those_what_is_due(client, evening, sofia):
    program, today = evening.program, timezone.localdate(timezone=datetime.UTC)

    def asked_by(name, days=None, **details):
        person = ParticipantFactory(program=program, name=name)
        due = today + datetime.timedelta(days=days) if days is not None else None
        return ConcernFactory(participant=person, due_on=due, **details)

    asked_by("Later", 3, owner=sofia)
    asked_by("Settled", status="settled", settled_at=timezone.now())
    asked_by("Sooner", 1)
    asked_by("Today", 0)
    asked_by("Secret", kind="not_right")
    page = client.get(reverse("admin:matching_concern_changelist"))
    rows = page.context["cl"].result_list
    shown = [(row.participant.name, handling.due_words(row) == "now") for row in rows[:4]]
    assert shown == [("Chi Okafor", True), ("Today", True), ("Sooner", False), ("Later", False)]
    assert [row.participant.name for row in rows[4:]] == ["Settled"]
    model_admin = page.context["cl"].model_admin
    assert [model_admin.shown_owner(row) for row in rows] == [
        "Nobody yet", "Nobody yet", "Nobody yet", "Sofia", "Nobody",
    ]  # fmt: skip


def test_nothing_is_open_says_so(client, evening, sofia):
    Concern.objects.all().delete()
    page = text(client.get(reverse("admin:matching_concern_changelist")))
    assert "No help requests yet" in page


def test_the_page_says_what_was_said_to_whom_in_the_order_of_time(client, evening, sofia):
    EmailLog.objects.filter(kind="problem_received").update(
        state="sent", sent_at=timezone.now(), came_back_at=timezone.now()
    )
    handling.write_note(evening.concern, "Called <b>Dee</b>", by=sofia)
    page = client.get(page_of(evening.concern))
    lines = [(one.words, one.detail, str(one.state and one.state.label)) for one in
             page.context["events"]]  # fmt: skip
    assert lines == [
        (
            "Email to dee@freemail.example, chi@freemail.example",
            EmailLog.objects.get(kind="match_in_person").subject,
            "Sent",
        ),
        ("Chi Okafor asked for help", "Two emails, no answer", "None"),
        (
            "Email to chi@freemail.example",
            EmailLog.objects.get(kind="problem_received").subject,
            "Bounced",
        ),
        ("You noted", "Called <b>Dee</b>", "None"),
    ]
    assert "<b>Dee</b>" not in page.content.decode()


@pytest.mark.slow
def test_each_button_does_what_it_says(client, evening, sofia):
    concern, marek = evening.concern, member(evening.program, "Marek")
    day = timezone.localdate(timezone=datetime.UTC) + datetime.timedelta(days=1)

    def press(do, **said):
        seen = client.get(page_of(concern)).context["seen"]
        path = page_of(concern, "handle_request")
        page = client.post(path, {"do": do, "seen": seen, **said}, follow=True)
        assert page.status_code == 200
        return [str(message) for message in page.context["messages"]]

    assert press("take") == ["You take care of this request."]
    assert press("assign", owner=marek.pk) == ["Marek takes care of this request."]
    assert press("due", due_on=day.isoformat()) == [
        f"Due {evening.program.formats.short_weekday(day)}."
    ]
    assert press("note", text="Called") == ["Noted."]
    assert press("settle", text="They met") == ["Settled."]
    concern.refresh_from_db()
    assert (concern.owner, concern.due_on, concern.outcome, concern.settled_by) == (
        marek, day, "They met", sofia,
    )  # fmt: skip
    assert press("reopen") == ["Open again."]
    assert press("assign") == ["Nobody takes care of this request."]


def test_what_was_typed_stays_where_it_is_refused(client, evening, sofia):
    concern, marek = evening.concern, member(evening.program, "Marek")
    handling.assign(concern, marek, by=marek)
    said = {"do": "settle", "seen": 0, "text": "My long words"}
    page = client.post(page_of(concern, "handle_request"), said)
    assert page.status_code == 409
    assert "Meanwhile: Marek took this request" in text(page)
    assert "My long words</textarea>" in page.content.decode()
    bad_day = client.post(
        page_of(concern, "handle_request"), {"do": "due", "seen": 0, "due_on": "soon"}
    )
    assert bad_day.status_code == 400
    assert "Enter the day as 2027-07-31." in text(bad_day)
    assert ConcernEntry.objects.count() == 1


def test_the_assistant_shows_and_applies_and_undoes(client, evening, sofia):
    path = page_of(evening.concern, "rematch")
    before = everything()
    page = client.get(path)
    assert everything() == before
    words = text(page)
    print(words[words.index("Return to the request") :][:1500])
    for sentence in (
        "Mentors with room Eve Foxshown Costs nothing: as good as now on every priority.",
        "Hal MoeSee the emails Mixed attendance: Hal Moe attends virtually, Chi Okafor in person."
        "No shared field: Hal Moe: Physics/Astro/Chemistry; Chi Okafor: Biology/Health. Compared "
        "with now: 1 more pair with mixed attendance, 1 more pair with no shared field",
        "Mentors who get room when drafts move Flo RaySee the emails Gus Ek moves from Flo Ray "
        "to Eve Fox: a draft as before.Nobody has been told of these drafts.No shared field: Flo "
        "Ray:",
        "Rematch and send 3 emails",
    ):
        assert sentence in words
    shown = [(mail.kind, mail.text_body) for mail, _ in page.context["emails"]]
    form = {"option": page.context["chosen"].key, "mark": page.context["shown"].mark,
            "settles": "1"}  # fmt: skip

    after = client.post(path, form, follow=True)
    assert after.redirect_chain[-1][0] == page_of(evening.concern)
    assert "Sending starts in" in text(after)
    done = rematches().get()
    queued = done.batch.emails.order_by("pk").values_list("kind", "text_body")
    assert list(queued) == shown

    undone = client.post(reverse("take_batch_back", args=[done.batch_id]), follow=True)
    assert undone.redirect_chain[-1][0] == page_of(evening.concern)
    assert "Undone: 3 emails will not be sent." in text(undone)
    assert "None of these emails is sent, and the matches are as they were." in text(undone)
    assert told() == []

    stale = client.post(path, form | {"mark": "x"})
    assert stale.status_code == 409
    assert CHANGED in text(stale)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda e: MatchFactory(
                program=e.program, mentor=e.people["Hal"], mentee=e.people["Chi"],
                status="announced", announced_at=timezone.now(),
            ),
            "Chi Okafor is matched with Hal Moe now, and both have been told.",
        ),
        (
            lambda e: type(e.people["Eve"]).objects.filter(signup_role="mentor").update(capacity=0),
            "No mentor has room, and no draft can make room.",
        ),
        (
            lambda e: type(e.people["Eve"]).objects.filter(signup_role="mentee").update(
                withdrawn_at=timezone.now()
            ),
            "Chi Okafor no longer takes part, so there is nobody to rematch.",
        ),
    ],
)  # fmt: skip
def test_no_rematch_is_possible_says_why(client, evening, sofia, change, words):
    type(evening.match).objects.filter(pk=evening.match.pk).update(
        status="dissolved", dissolved_at=timezone.now()
    )
    change(evening)
    assert words in text(client.get(page_of(evening.concern, "rematch")))


def test_what_is_for_the_chairs_is_for_no_member(client):
    evening = make_evening("not_right")
    chair, other = member(evening.program, "Ines", "chair"), member(evening.program, "Ben")
    stranger = member(make_evening().program, "Otto", "chair")
    paths = [page_of(evening.concern), page_of(evening.concern, "rematch")]
    acts = [
        (page_of(evening.concern, "handle_request"), {"do": "take", "seen": 0}),
        (paths[1], {"option": "1-2", "mark": "x"}),
    ]
    answers = {}
    for user in (chair, other, stranger):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answers[user.first_name] = [client.get(path).status_code for path in paths] + [
            client.post(path, said).status_code for path, said in acts
        ]
    assert answers == {"Ines": [200, 200, 302, 409], "Ben": [404] * 4, "Otto": [404] * 4}


def test_a_rematch_of_what_is_for_the_chairs_tells_a_member_nothing(client):
    evening = make_evening("not_right")
    chair, other = member(evening.program, "Ines", "chair"), member(evening.program, "Ben")
    client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(page_of(evening.concern, "rematch"))
    form = {"option": page.context["chosen"].key, "mark": page.context["shown"].mark}
    client.post(page_of(evening.concern, "rematch"), form)
    batch = rematches().get().batch
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    pages = [
        reverse("mail_batch", args=[batch.pk]),
        reverse("board_history"),
        reverse("admin:matching_match_change", args=[evening.match.pk]),
        reverse("admin:index"),
    ]
    shown = " ".join(text(client.get(path)) for path in pages)
    assert "rematched Chi Okafor with Eve Fox" in shown
    for words in ("isn’t right", "Two emails", "/committee/help/"):
        assert words not in shown
    undone = client.post(reverse("take_batch_back", args=[batch.pk]))
    assert undone["Location"] == reverse("mail_batch", args=[batch.pk])
