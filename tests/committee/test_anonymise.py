"""After the conference: nothing personal is left in any table, and what is counted stays."""

import datetime
import json
import threading

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from committee.domain.anonymise import Anonymised, anonymise_program
from matching.domain.matches.changes import lock
from matching.models import BoardStep, KeepApart, Match, MentorAnswer, WishDecision
from mentorship.models import (
    Draft,
    Field,
    Participant,
    Program,
    Question,
    RecentRequest,
    ResearchTurn,
    SurveyResponse,
    ValueMeaning,
)
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import Bounce, EmailLog, EmailReply, EmailTemplate, Rematch, Schedule
from tests.conftest import until_somebody_waits_for_a_lock
from tests.factories import (
    ConcernFactory,
    EmailBatchFactory,
    EmailLogFactory,
    EmailTemplateFactory,
    FeedbackFactory,
    ImportFactory,
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    PastPairFactory,
    PretixSourceFactory,
    ProgramFactory,
    ProposalFactory,
    ProposalRunFactory,
    QuestionFactory,
    SourceRunFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2026, 6, 20, 12, tzinfo=datetime.UTC)
PLANTED = "Zq9x"
# The committee's own settings and texts, in which nobody who took part is named.
COMMITTEES = {"Program", "Field", "Sector", "Logo", "Question", "EmailTemplate", "Schedule",
              "ScheduleRun", "Heartbeat", "ReadMailbox", "EmailBatch"}  # fmt: skip
# Text that says nothing about who somebody is: numbers and names of this software's own making.
KEPT = {
    "Participant": {"time_zone", "detail_sources", "link_key"},
    "SurveyResponse": {"time_zone", "free_hours", "asked"},
    "Import": {"sha256", "numbers", "choice", "seen", "progress"},
    "Match": {"affinity_parts"},
    "Proposal": {"fingerprint", "priorities", "tiers", "pairs", "unmatched_mentees",
                 "idle_mentors"},
    "EmailLog": {"which", "message_id", "claimed_by", "reply_to"},
    "RecentRequest": {"what", "who"},  # a keyed digest, for an hour
    "Bounce": {"report"},
    "LogEntry": {"object_id"},
    "DataAccess": {"which"},
    "CleanUp": {"emails"},
}  # fmt: skip


@pytest.fixture
def over():
    """A program that is over, with one row of everything."""
    program = ProgramFactory(
        name="Conf 2026",
        slug="conf-2026",
        starts_on=datetime.date(2026, 7, 1),
        ends_on=datetime.date(2026, 7, 5),
    )
    fill(program)
    return program


def fill(program):
    music = QuestionFactory(program=program, kind=Question.Kind.MULTIPLE, choices=["jazz", "folk"])
    why = QuestionFactory(program=program)
    mentor = ParticipantFactory(program=program, name="Ada", fields=["Other"], capacity=3)
    mentee = ParticipantFactory(program=program, name="Bo", mentee=True, virtual=True)
    SurveyResponseFactory(
        participant=mentee,
        submitted_at=NOON,
        other_answers={str(music.pk): ["jazz", "own words"], str(why.pk): "own words"},
    )
    ResearchTurn.objects.create(
        program=program, participant=mentor, outcome="found", ended_at=NOON, source="ada.example"
    )
    Draft.objects.create(participant=mentee, saved_at=NOON, minute_began_at=NOON)
    match = MatchFactory(
        program=program,
        mentor=mentor,
        mentee=mentee,
        status=Match.Status.ANNOUNCED,
        announced_at=NOON,
        note="Ada asked for Bo",
    )
    lock(match)
    KeepApartFactory(program=program, first=mentor, second=mentee)
    PastPairFactory(program=program)
    MentorAnswer.objects.create(program=program, mentor=mentor, mentee=mentee, words="Ada")
    RecentRequest.objects.create(what="email", who="digest", at=NOON)
    WishDecision.objects.create(participant=mentee, text="Ada", considered=[mentor.pk])
    ProposalFactory(program=program, why_not_proven="Ada")
    ProposalRunFactory(program=program)
    ImportFactory(program=program)
    shop = PretixSourceFactory(
        program=program, next_at=None, paused_why="Ada", tries=3, trouble="Ada"
    )
    SourceRunFactory(source=shop)
    ValueMeaning.objects.create(
        program=program, kind="role", text="ask ada", shown="Ask Ada", meaning="undecided"
    )
    concern = ConcernFactory(participant=mentee, match=match)
    concern.entries.create(did="called Ada", text="Ada")
    FeedbackFactory(participant=mentee, match=match, rating=5)
    EmailTemplateFactory(program=program)
    mail = EmailLogFactory(
        program=program,
        state="sent",
        sent_at=NOON,
        match=match,
        batch=EmailBatchFactory(program=program),
    )
    mail.people.add(mentee)
    Rematch.objects.create(
        concern=concern,
        step=BoardStep.objects.filter(program=program)[0],
        batch=mail.batch,
        put_aside={"requests": {"1": {"before": {"outcome": "Ada"}}}},
    )
    EmailReply.objects.create(mail=mail, participant=mentee, subject="Ada", text="Ada")
    Bounce.objects.create(
        mail=mail,
        address="bo@conf.example",
        reported="bo@conf.example",
        report="1",
        kind="wrong_address",
    )
    Schedule.objects.create(program=program, kind="feedback", anchor="ends_on", is_on=True)
    for model, key in ((Participant, mentor.pk), (KeepApart, 0)):
        LogEntry.objects.create(
            user=MembershipFactory(program=program).user,
            content_type=ContentType.objects.get_for_model(model),
            object_id=str(key),
            object_repr="Ada",
            action_flag=2,
            change_message="Ada",
        )


def plant():
    """Write a mark into every text column that is not known to be kept; give how many."""
    planted = 0
    for model in [*apps.get_models(), LogEntry]:
        name = model.__name__.removeprefix("Historical")
        own = model._meta.app_label in ("mentorship", "matching", "notifications")
        if not (own or model is LogEntry) or name in COMMITTEES:
            continue
        for column in model._meta.local_concrete_fields:
            if column.choices or column.generated or column.name in KEPT.get(name, ()):
                continue
            if isinstance(column, models.JSONField):
                value = {"1": PLANTED} if column.default is dict else [PLANTED]
            elif isinstance(column, models.CharField | models.TextField):
                value = Concat(Value(PLANTED + column.name[:3]), Cast("pk", models.CharField()))
            else:
                continue
            assert model._base_manager.update(**{column.name: value}), f"no row of {name}"
            planted += 1
    return planted


def leaks():
    """Return the tables in which the mark is found."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            found += [
                (table, name)
                for row in cursor.fetchall()
                for name, cell in zip(names, row, strict=True)
                if PLANTED in str(cell)
            ]
    return sorted(set(found))


def test_no_table_holds_a_word_of_anybody(over):
    assert plant() > 50
    assert ("mentorship_historicalparticipant", "email") in leaks()

    anonymise_program(over)

    assert leaks() == []


def test_what_is_counted_stays(over):
    done = anonymise_program(over)

    mentor, mentee = over.participants.order_by("pk")
    assert done == Anonymised(participants=2, messages=1)
    assert [(p.name, p.email) for p in (mentor, mentee)] == [
        (f"Participant {p.pk}", f"participant-{p.pk}@anonymised.invalid") for p in (mentor, mentee)
    ]
    assert (mentor.role, mentor.capacity, [f.name for f in mentor.fields.all()]) == (
        "mentor",
        3,
        ["Other"],
    )
    assert (mentee.role, mentee.attendance) == ("mentee", "virtual")
    answers = mentee.responses.get().other_answers
    assert list(answers.values()) == [["jazz"]]
    match = over.matches.get()
    assert (match.mentor, match.mentee, match.status, match.announced_at) == (
        mentor,
        mentee,
        "announced",
        NOON,
    )
    assert match.feedback.get().rating == 5
    assert over.concerns.get().status == "settled"  # nobody is left to help
    assert over.emails.get().state == "sent"
    assert EmailTemplate.objects.get(program=over).body == "Hello"
    assert Field.objects.filter(program=over).count() == 7
    over.refresh_from_db()
    assert over.anonymised_at is not None


def test_another_program_is_left_alone(over):
    other = ParticipantFactory(name="Zoe", committee_notes="x")
    answer = SurveyResponseFactory(participant=other, notes="mine")
    EmailLogFactory(program=other.program)
    entry = LogEntry.objects.create(
        user=MembershipFactory().user,
        content_type=ContentType.objects.get_for_model(Participant),
        object_id=str(other.pk),
        object_repr="Zoe",
        action_flag=2,
    )

    anonymise_program(over)

    link = other.link_key
    for row in (other, entry):
        row.refresh_from_db()
    assert (other.name, other.committee_notes, other.link_key) == ("Zoe", "x", link)
    assert SurveyResponse.objects.get(pk=answer.pk).notes == "mine"
    assert entry.object_repr == "Zoe"
    assert other.program.emails.get().subject == "Hello"
    assert other.history.get().name == "Zoe"


def test_links_are_dead_and_nobody_is_written_to(client, over):
    person = over.participants.first()
    anonymise_program(over)
    failed = EmailLogFactory(program=over, state="failed")

    assert client.get(person.personal_path).status_code == 404
    person.refresh_from_db()
    assert client.get(person.personal_path).status_code == 404
    with pytest.raises(ValidationError, match="anonymized: nobody can be emailed"):
        queue_mail(over, "feedback")
    assert not Schedule.objects.filter(program=over, is_on=True).exists()
    failed.refresh_from_db()
    assert failed.state == "failed"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("queued", "1 email is still in the outbox, queued or on hold. Send or cancel it first."),
        ("held", "1 email is still in the outbox, queued or on hold. Send or cancel it first."),
        ("uncertain", "1 email is uncertain. Say first whether it arrived."),
    ],
)
def test_is_refused_while_mail_waits(over, state, reason):
    EmailLogFactory(program=over, state=state, claimed_at=NOON)

    with pytest.raises(ValidationError) as refused:
        anonymise_program(over)

    assert refused.value.messages == [reason]
    assert over.participants.filter(name="Ada").exists()


def test_is_refused_while_the_conference_lasts(over):
    over.ends_on = datetime.date(2090, 7, 5)
    over.save()

    with pytest.raises(ValidationError, match="Conf 2026 runs until July 5, 2090"):
        anonymise_program(over)


@pytest.mark.django_db(transaction=True)
def test_a_mail_queued_at_the_same_moment_stops_it(over):
    refused = []

    def anonymise():
        try:
            anonymise_program(over)
        except ValidationError as error:
            refused.extend(error.messages)
        finally:
            connection.close()

    other = threading.Thread(target=anonymise)
    with transaction.atomic():
        Program.objects.locked(over.pk)
        EmailLogFactory(program=over)
        other.start()
        # SQLite lets nobody begin to write meanwhile, and has no way to ask who waits.
        if connection.vendor == "postgresql":
            until_somebody_waits_for_a_lock()
    other.join()

    assert refused == [
        "1 email is still in the outbox, queued or on hold. Send or cancel it first."
    ]
    assert over.participants.filter(name="Ada").exists()


class TestCommand:
    def run(self, capsys, *options):
        call_command("anonymise_program", "--program", "conf-2026", "--json", *options)
        return json.loads(capsys.readouterr().out)

    def test_does_it_with_yes(self, over, capsys):
        assert self.run(capsys, "--yes") == {"participants": 2, "messages": 1}
        assert not over.participants.filter(name="Ada").exists()

    def test_again_takes_in_what_has_come_since(self, over, capsys):
        self.run(capsys, "--yes")
        ParticipantFactory(program=over, name="Late")

        assert self.run(capsys, "--yes") == {"participants": 3, "messages": 1}
        assert not over.participants.filter(name="Late").exists()

    def test_says_what_it_would_do_without(self, over, capsys):
        with pytest.raises(CommandError, match="participants: 2, messages: 1") as refused:
            self.run(capsys)

        assert refused.value.returncode == 2
        assert capsys.readouterr().out == ""
        assert over.participants.filter(name="Ada").exists()

    def test_a_refusal_is_exit_1(self, over):
        EmailLogFactory(program=over)

        with pytest.raises(CommandError, match="still in the outbox") as refused:
            call_command("anonymise_program", "--program", "conf-2026", "--yes")

        assert refused.value.returncode == 1


class TestPage:
    PAGE = reverse("anonymise_program", args=["conf-2026"])

    def sign_in(self, client, program, level="chair"):
        user = MembershipFactory(program=program, level=level).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    @pytest.mark.parametrize("typed", ["", "conf", "Conf 2026"])
    def test_asks_to_type_the_short_name(self, client, over, typed):
        self.sign_in(client, over)

        answer = client.post(self.PAGE, {"typed": typed})

        assert answer.status_code == 400
        assert over.participants.filter(name="Ada").exists()

    @pytest.mark.slow
    def test_does_it_and_every_page_still_works(self, client, over):
        self.sign_in(client, over)
        page = client.get(self.PAGE).content.decode()
        assert "2 people" in page
        assert (
            self.PAGE
            in client.get(
                reverse("admin:mentorship_program_change", args=[over.pk])
            ).content.decode()
        )

        answer = client.post(self.PAGE, {"typed": "conf-2026"}, follow=True)

        said = [str(message) for message in answer.context["messages"]]
        assert said == ["Conf 2026 is anonymized: 2 people, 1 email."]
        rows = [over.participants.first(), over.matches.get(), EmailLog.objects.get()]
        rows += [SurveyResponse.objects.get(), over.feedback.get()]
        addresses = [reverse("admin:index"), reverse("matching_board")]
        addresses.append(reverse("help_request", args=[over.concerns.get().pk]))
        for row in rows:
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
            addresses += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])]
        assert {address: client.get(address).status_code for address in addresses} == (
            dict.fromkeys(addresses, 200)
        )

    def test_says_what_is_in_the_way(self, client, over):
        self.sign_in(client, over)
        EmailLogFactory(program=over)

        page = client.get(self.PAGE).content.decode()

        assert "still in the outbox" in page
        assert 'name="typed"' not in page

    def test_is_for_chairs(self, client, over):
        self.sign_in(client, over, level="member")

        assert client.get(self.PAGE).status_code == 403
        assert client.post(self.PAGE, {"typed": "conf-2026"}).status_code == 403

    def test_another_program_is_not_found(self, client, over):
        self.sign_in(client, ProgramFactory())

        assert client.post(self.PAGE, {"typed": "conf-2026"}).status_code == 404
