"""One mail for a mentor with several mentees, and one of their own for each mentee."""

import pytest

from matching.domain.matches.changes import dissolve
from matching.models import Match
from mentorship.domain.people.decisions import decide_attendance, save_details, withdraw
from notifications.domain.outbox import decisions
from notifications.domain.outbox.queueing import queue_mail
from notifications.domain.outbox.take_back import take_back
from notifications.domain.outbox.worker import deliver_due
from notifications.models import EmailLog
from tests.factories import MatchFactory, ParticipantFactory, ProgramFactory
from tests.notifications.conftest import NOON

pytestmark = pytest.mark.django_db
MENTOR, FIRST, SECOND = (
    "mentor@freemail.example",
    "first@freemail.example",
    "second@freemail.example",
)


@pytest.fixture
def program():
    return ProgramFactory(one_mail_a_mentor=True, mails_per_minute=0)


@pytest.fixture
def matches(program):
    """A mentor with two mentees."""
    mentor = ParticipantFactory(program=program, name="Robin Ray", email=MENTOR, capacity=3)
    return [
        MatchFactory(program=program, mentor=mentor, mentee__name=name, mentee__email=email)
        for name, email in (("First Fee", FIRST), ("Second See", SECOND))
    ]


def queue(program, **options):
    return queue_mail(program, "match", now=NOON, **options).as_dict()


def deliver():
    return deliver_due(clock=lambda: NOON).as_dict()


def mails():
    rows = EmailLog.objects.order_by("pk")
    return [(mail.kind, mail.state, mail.recipients) for mail in rows]


def names_in(mail):
    mail.refresh_from_db()
    return [name for name in ("Robin Ray", "First Fee", "Second See") if name in mail.text_body]


TO_ALL = [
    ("match_mentor", "queued", [MENTOR]),
    ("match_mentee", "queued", [FIRST]),
    ("match_mentee", "queued", [SECOND]),
]


def test_mentor_of_two_gets_one_mail_and_no_mentee_sees_the_other(program, matches, moody):
    assert queue(program) == {"queued": 3, "left_out": []}
    assert mails() == TO_ALL
    to_mentor, to_first, to_second = EmailLog.objects.order_by("pk")
    assert [(m.match, set(m.matches.all())) for m in (to_mentor, to_first, to_second)] == [
        (None, set(matches)),
        (matches[0], set()),
        (matches[1], set()),
    ]
    assert deliver() == {"sent": 3, "failed": 0, "uncertain": 0, "left": 0}
    assert [to for _, to in moody.envelopes] == [[MENTOR], [FIRST], [SECOND]]
    for message, own, other in zip(
        moody.messages[1:], (FIRST, SECOND), (SECOND, FIRST), strict=True
    ):
        whole = message.as_string()
        assert (MENTOR in whole, own in whole, other in whole) == (True, True, False)
    assert [names_in(mail) for mail in (to_mentor, to_first, to_second)] == [
        ["Robin Ray", "First Fee", "Second See"],
        ["Robin Ray", "First Fee"],
        ["Robin Ray", "Second See"],
    ]
    assert to_mentor.subject == f"{program} mentorship: meet First Fee and Second See"
    assert f"- Mentees: First Fee, {FIRST}; Second See, {SECOND}\n" in to_mentor.text_body
    assert set(Match.objects.values_list("status", flat=True)) == {"announced"}


def test_mentor_of_one_gets_the_mail_of_a_pair(program):
    match = MatchFactory(program=program)
    queue(program)
    assert mails() == [
        ("match_in_person", "queued", [match.mentor.email, match.mentee.email]),
    ]


def test_each_pair_gets_one_mail_where_the_program_wants_it_so(program, matches):
    program.one_mail_a_mentor = False
    program.save()
    queue(program)
    assert mails() == [
        ("match_in_person", "queued", [MENTOR, FIRST]),
        ("match_in_person", "queued", [MENTOR, SECOND]),
    ]


@pytest.mark.parametrize("wants", [True, False])
def test_nobody_is_mailed_twice_should_the_program_change_its_mind(program, matches, wants):
    program.one_mail_a_mentor = not wants
    program.save()
    queue(program)
    before = mails()
    program.one_mail_a_mentor = wants
    program.save()
    assert queue(program)["queued"] == 0
    assert mails() == before


def test_queueing_twice_writes_nothing_new_also_once_sent(program, matches, moody):
    queue(program)
    assert queue(program) == {"queued": 0, "left_out": []}
    deliver()
    assert queue(program) == {"queued": 0, "left_out": []}
    assert len(mails()) == 3


def test_mentee_who_comes_later_is_introduced_in_the_mail_of_a_pair(program, matches, moody):
    queue(program)
    deliver()
    MatchFactory(program=program, mentor=matches[0].mentor, mentee__email="third@freemail.example")
    queue(program)
    assert mails()[3:] == [("match_in_person", "queued", [MENTOR, "third@freemail.example"])]


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "before it leaves"])
def test_dissolved_match_leaves_the_mentors_mail(program, matches, moody, at_once):
    queue(program)
    before = list(EmailLog.objects.values())
    dissolve(matches[0], "moved away")
    if not at_once:
        for row in before:
            EmailLog.objects.filter(pk=row.pop("id")).update(**row)
        EmailLog.objects.get(kind="match_mentor").matches.set(matches)
    assert deliver() == {"sent": 2, "failed": 0, "uncertain": 0, "left": 0}
    assert [to for _, to in moody.envelopes] == [[MENTOR], [SECOND]]
    to_mentor = EmailLog.objects.get(kind="match_mentor")
    assert (names_in(to_mentor), list(to_mentor.matches.all())) == (
        ["Robin Ray", "Second See"],
        [matches[1]],
    )
    assert "- Mentee: Second See" in to_mentor.text_body
    # Whoever was never told of the match is not told of its end.
    assert queue_mail(program, "match_changed", now=NOON).queued == 0


def test_last_match_takes_the_mentors_mail_with_it(program, matches, moody):
    queue(program)
    for match in matches:
        dissolve(match, "moved away")
    assert deliver() == {"sent": 0, "failed": 0, "uncertain": 0, "left": 0}
    assert {state for _, state, _ in mails()} == {"cancelled"}


def test_both_people_of_a_match_are_told_of_its_end(program, matches, moody):
    queue(program)
    deliver()
    dissolve(matches[0], "moved away")
    assert queue_mail(program, "match_changed", now=NOON).queued == 2


def test_mentee_who_withdraws_is_gone_from_both_mails(program, matches, moody):
    queue(program)
    withdraw(matches[0].mentee, "ill")
    assert [state for _, state, _ in mails()] == ["queued", "held", "queued"]
    assert names_in(EmailLog.objects.get(kind="match_mentor")) == ["Robin Ray", "Second See"]


def test_mentor_reads_the_new_address_of_a_mentee_and_who_needs_a_call(program, matches):
    queue(program)
    mentee = matches[0].mentee
    mentee.email = "new@freemail.example"
    save_details(mentee, ["email"])
    decide_attendance(mentee, "virtual")
    to_mentor = EmailLog.objects.get(kind="match_mentor")
    assert (FIRST in to_mentor.text_body, "new@freemail.example" in to_mentor.text_body) == (
        False,
        True,
    )
    assert mails()[1] == ("match_mentee", "queued", ["new@freemail.example"])
    assert "One of you is attending" in EmailLog.objects.get(match=matches[0]).text_body


def test_address_that_is_refused_stops_nobody_elses_mail(program, matches, moody):
    queue(program)
    moody.rcpt[FIRST] = ["550 no such user"]
    assert deliver() == {"sent": 2, "failed": 1, "uncertain": 0, "left": 0}
    assert [to for _, to in moody.envelopes] == [[MENTOR], [SECOND]]
    decisions.send_again(EmailLog.objects.filter(state="failed"), now=NOON)
    deliver()
    assert [to for _, to in moody.envelopes] == [[MENTOR], [SECOND], [FIRST]]


def test_what_is_taken_back_makes_drafts_of_all_and_can_be_sent_anew(program, matches):
    batch = queue_mail(program, "match", rest_seconds=60).batch
    assert take_back(batch) == 3
    assert set(Match.objects.values_list("status", flat=True)) == {"draft"}
    assert queue(program) == {"queued": 3, "left_out": []}


def test_mail_that_a_person_stopped_keeps_its_match_out_of_the_mentors_mail(program, matches):
    program.one_mail_a_mentor = False
    program.save()
    queue(program, only=[matches[0].pk])
    decisions.cancel_by_hand(EmailLog.objects.all())
    program.one_mail_a_mentor = True
    program.save()
    why = "was canceled by hand; it can be queued again in the outbox"
    assert queue(program) == {
        "queued": 1,
        "left_out": [{"email": MENTOR, "why": why}, {"email": FIRST, "why": why}],
    }
    assert mails()[1:] == [("match_in_person", "queued", [MENTOR, SECOND])]


def test_mentor_whose_mail_came_to_nothing_is_told_later_and_the_mentees_are_not_again(
    program, matches, moody
):
    queue(program)
    EmailLog.objects.filter(kind="match_mentor").update(state="cancelled", freed=True)
    deliver()
    assert queue(program) == {"queued": 1, "left_out": []}
    assert mails()[3:] == [("match_mentor", "queued", [MENTOR])]


def test_parts_of_a_long_queue_never_part_a_mentors_matches(program, matches, monkeypatch):
    monkeypatch.setattr("notifications.domain.outbox.queueing.CHUNK", 1)
    MatchFactory(program=program)
    queue(program)
    assert sorted(kind for kind, _, _ in mails()) == [
        "match_in_person",
        "match_mentee",
        "match_mentee",
        "match_mentor",
    ]


@pytest.mark.parametrize("kind", ["match_mentor", "match-mentee"])
def test_neither_of_the_two_mails_is_queued_without_the_other(program, kind):
    with pytest.raises(Exception, match=f"There is no kind of email “{kind}”"):
        queue_mail(program, kind)


def test_two_queries_more_or_less_do_not_depend_on_how_many(
    program, matches, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as ran:
            queue(program, dry_run=True)
        return len(ran)

    few = count()
    for _ in range(3):
        mentor = ParticipantFactory(program=program, capacity=2)
        MatchFactory.create_batch(2, program=program, mentor=mentor)
    assert count() == few
