"""One person's data is deleted on request, wherever it stands, and nobody else's."""

import datetime

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from committee.domain.erase import erase_person
from matching.domain.matches.changes import lock
from matching.models import BoardStep, Match
from mentorship.domain.imports.responses import attached_addresses
from mentorship.models import (
    DataAccess,
    Draft,
    Import,
    Participant,
    PersonErased,
    ProgramAnonymised,
)
from notifications.models import Bounce, EmailLog, EmailReply
from tests.committee.test_retention import in_files, write_as_file
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    FeedbackFactory,
    ImportFactory,
    KeepApartFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    PastPairFactory,
    ProgramFactory,
    ProposalRunFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 7, 2, 12, tzinfo=datetime.UTC)
NAME, ADDRESS, OLD = "Ada Quux", "ada.quux@one.example", "quux@old.example"
WORDS = "I restore harpsichords & sing"
MARKS = ("quux", "harpsichord")


@pytest.fixture
def program():
    return ProgramFactory(starts_on="2026-07-01", ends_on=datetime.date(2026, 7, 5))


@pytest.fixture
def bo(program):
    bo = ParticipantFactory(program=program, name="Bo Last", mentee=True, notes="Bo's own words")
    SurveyResponseFactory(participant=bo, notes="Bo's own words", submitted_at=NOON)
    return bo


@pytest.fixture
def ada(program, bo):
    """A person who stands in rows of every kind, their own and other people's."""
    ada = ParticipantFactory(program=program, name=NAME, email=OLD, notes=WORDS, capacity=3)
    ada.email = ADDRESS
    ada.save()
    SurveyResponseFactory(participant=ada, name=NAME, topics_offered=WORDS, submitted_at=NOON)
    Draft.objects.create(
        participant=ada, answers={"notes": [WORDS]}, saved_at=NOON, minute_began_at=NOON
    )
    match = MatchFactory(program=program, mentor=ada, mentee=bo, note=f"{NAME} asked for Bo")
    lock(match)
    Match.objects.filter(pk=match.pk).update(status="announced", announced_at=NOON)
    KeepApartFactory(program=program, first=ada, second=bo, note=NAME)
    PastPairFactory(program=program, first_email=ADDRESS, second_email="x@two.example")
    sent = {"program": program, "state": "sent", "sent_at": NOON, "not_before": NOON}
    introduction = EmailLogFactory(
        **sent,
        match=match,
        recipients=[ADDRESS, bo.email],
        delivered_to=[ADDRESS, bo.email],
        text_body=f"Meet {NAME} ({ADDRESS}): {WORDS}",
        html_body="I restore harpsichords &amp; sing",
    )
    introduction.people.add(ada, bo)
    EmailLogFactory(**sent, recipients=[OLD], subject=f"Your link, {NAME}")
    EmailReply.objects.create(mail=introduction, participant=ada, subject="Re", text=WORDS)
    EmailReply.objects.create(
        mail=introduction, participant=bo, subject=f"Re: {NAME}", text="Thanks", message="2"
    )
    Bounce.objects.create(
        mail=introduction, address=ADDRESS, reported=ADDRESS, report="1", kind="late", words=NAME
    )
    ConcernFactory(participant=ada, match=match, text=WORDS).entries.create(did="x", text=WORDS)
    ConcernFactory(participant=bo, match=match, text=f"{NAME} is silent").entries.create(
        did=f"wrote to {ADDRESS}", text=""
    )
    FeedbackFactory(participant=ada, match=match, went_well=WORDS)
    ProposalRunFactory(program=program, ended_at=NOON, outcome="failed", why=f"{NAME}’s pair")
    ImportFactory(
        program=program,
        file_name=f"{NAME}.csv",
        report={"sections": [{"rows": [NAME, WORDS]}]},
        undo={"created": [ada.pk], "responses": [], "columns": {}, "fields": {}},
        unattached=[{"value": OLD, "answers": [WORDS]}, {"value": "zoe@x.example"}],
    )
    ImportFactory(
        program=program,
        kind=Import.Kind.RESPONSES,
        attached={"quux@private.example": ada.pk, "bo@private.example": bo.pk},
    )
    ImportFactory(program=program, report={"rows": [[ADDRESS, "refused"]]}, undo={})
    ImportFactory(program=program, state="draft", imported_at=None, content=NAME.encode())
    LogEntry.objects.create(
        user=MembershipFactory(program=program).user,
        content_type=ContentType.objects.get_for_model(Participant),
        object_id=str(ada.pk),
        object_repr=NAME,
        action_flag=2,
        change_message=f"Changed {WORDS}",
    )
    return Participant.objects.get(pk=ada.pk)


def places():
    """Return the columns of all tables in which one of the marks is found."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, cell in zip(names, row, strict=True):
                    text = bytes(cell) if isinstance(cell, memoryview) else str(cell)
                    if any(mark in str(text).lower() for mark in MARKS):
                        found.add((table, name))
    return found


def rows_of(program):
    """Return all that is kept of a program's people, responses and emails."""
    return [
        list(model._base_manager.filter(**{path: program}).order_by("pk").values())
        for model, path in (
            (Participant, "program"),
            (Participant.history.model, "program"),
            (apps.get_model("mentorship", "SurveyResponse"), "participant__program"),
            (EmailLog, "program"),
        )
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_of_them_is_left_anywhere(ada, bo, program, settings):
    settings.MAIL_DIR = settings.EMAIL_FILE_PATH = settings.VAR_DIR / "mail"
    for mail in EmailLog.objects.all():
        write_as_file(mail, settings.MAIL_DIR)
    assert len(places()) > 20
    assert in_files(settings.VAR_DIR, b"harpsichord") != []

    erased = erase_person(ada)

    assert places() == set()
    assert in_files(settings.VAR_DIR, b"harpsichord") + in_files(settings.VAR_DIR, b"Quux") == []
    assert (erased.pk, erased.name, erased.email) == (
        ada.pk,
        f"Participant {ada.pk}",
        f"participant-{ada.pk}@anonymised.invalid",
    )
    assert erased.withdrawn_at is not None


def test_everybody_else_is_as_before(ada, bo, program):
    other = ParticipantFactory(name=NAME, email=ADDRESS, notes=WORDS)
    EmailLogFactory(program=other.program, recipients=[ADDRESS], text_body=WORDS)
    elsewhere = rows_of(other.program)

    def of_bo():
        responses = list(bo.responses.values())
        return [Participant.objects.filter(pk=bo.pk).values().get(), responses]

    before = of_bo()
    erase_person(ada)

    assert rows_of(other.program) == elsewhere
    assert of_bo() == before
    match = Match.objects.get()
    assert (match.mentor_id, match.mentee, match.status) == (ada.pk, bo, "announced")
    introduction = EmailLog.objects.get(match=match)
    assert introduction.recipients == [f"participant-{ada.pk}@anonymised.invalid", bo.email]
    assert (introduction.state, introduction.subject) == ("sent", "(deleted)")
    assert [reply.text for reply in EmailReply.objects.all()] == ["Thanks"]
    concern = bo.concerns.get()
    assert concern.text == f"Participant {ada.pk} is silent"
    first = Import.objects.order_by("pk").first()
    assert [each["value"] for each in first.unattached] == ["zoe@x.example"]
    assert attached_addresses(program)["bo@private.example"] == bo.email


def test_who_has_the_same_name_keeps_it(ada, bo, program):
    twin = ParticipantFactory(program=program, name=NAME)
    erase_person(ada)
    twin.refresh_from_db()
    assert twin.name == NAME


def test_what_waits_is_canceled_and_drafts_end(ada, bo, program):
    Match.objects.update(status="draft", announced_at=None)
    mail = EmailLogFactory(program=program)
    mail.people.add(ada)
    erase_person(ada)
    mail.refresh_from_db()
    assert (mail.state, mail.subject) == ("cancelled", "(deleted)")
    assert Match.objects.get().status == "dissolved"
    assert BoardStep.objects.exists()


def test_is_refused_while_something_is_in_the_way(ada, bo, program):
    program.ends_on = datetime.date(2090, 7, 5)
    program.save()
    with pytest.raises(ValidationError) as refused:
        erase_person(ada)
    assert refused.value.messages == [
        "They are matched with Bo Last. Dissolve the match and tell Bo Last."
    ]
    mail = EmailLogFactory(program=program, state="uncertain")
    mail.people.add(ada)
    with pytest.raises(ValidationError, match="An email to this person is being sent"):
        erase_person(ada)
    assert Participant.objects.get(pk=ada.pk).name == NAME


def test_not_twice(ada, program):
    erased = erase_person(ada)
    kept = rows_of(program)
    with pytest.raises(PersonErased):
        erase_person(erased)
    assert rows_of(program) == kept
    assert DataAccess.objects.filter(what="erased").count() == 1


def test_not_in_a_program_that_is_anonymized(ada, program):
    program.anonymised_at = NOON
    program.save()
    with pytest.raises(ProgramAnonymised):
        erase_person(ada)


class TestPage:
    def sign_in(self, client, program, level="chair"):
        user = MembershipFactory(program=program, level=level).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    def test_a_chair_does_it_with_the_address(self, client, ada, bo, program):
        chair = self.sign_in(client, program)
        path = reverse("erase_person", args=[ada.pk])
        person = reverse("admin:mentorship_participant_change", args=[ada.pk])
        assert path in client.get(person).content.decode()
        assert client.get(path).status_code == 200
        assert client.post(path, {"typed": "ada"}).status_code == 400
        assert Participant.objects.get(pk=ada.pk).name == NAME

        answer = client.post(path, {"typed": ADDRESS.upper()}, follow=True)

        assert answer.redirect_chain == [(person, 302)]
        assert answer.status_code == 200
        entry = DataAccess.objects.get(what="erased")
        assert (entry.user, entry.about) == (chair, ada.pk)
        addresses = ("matching_board", "board_history", "admin:mentorship_import_changelist")
        assert [client.get(reverse(name)).status_code for name in addresses] == [200] * 3
        for mail in EmailLog.objects.all():
            page = reverse("admin:notifications_emaillog_change", args=[mail.pk])
            assert client.get(page).status_code == 200

    def test_who_is_deleted_is_not_taken_back_nor_noted_on(self, client, ada, program):
        """A page that was open before is refused in words, too."""
        self.sign_in(client, program)
        page = reverse("admin:mentorship_participant_change", args=[ada.pk])
        decide = reverse("decide_on_person", args=[ada.pk])
        offered = [
            decide,
            reverse("erase_person", args=[ada.pk]),
            'name="committee_notes"',
            "What was stored about this person was deleted.",
        ]

        def shown():
            html = client.get(page).content.decode()
            return [words for words in offered if words in html]

        def said(path, form):
            answer = client.post(path, form, follow=True)
            return [str(message) for message in answer.context["messages"]]

        before = shown()
        erased = erase_person(ada)
        refused = [
            f"The data of {erased} was deleted. Nothing can be decided or noted about them "
            "any more."
        ]

        kept = rows_of(program)
        assert (before, shown()) == (offered[:3], offered[3:])
        again = client.get(reverse("erase_person", args=[ada.pk]), follow=True)
        assert [str(message) for message in again.context["messages"]] == refused
        assert said(reverse("erase_person", args=[ada.pk]), {"typed": erased.email}) == refused
        assert said(decide, {"do": "rejoin"}) == refused
        assert said(decide, {"do": "role", "value": "mentee"}) == refused
        assert said(page, {"name": NAME, "email": ADDRESS, "committee_notes": WORDS}) == refused
        chosen = {"action": "make_mentee", "_selected_action": [ada.pk]}
        assert said(reverse("admin:mentorship_participant_changelist"), chosen) == [
            f"{erased}: {refused[0]}",
            "Decided for 0 people.",
        ]
        assert rows_of(program) == kept

    def test_members_and_others_do_not(self, client, ada, program):
        path = reverse("erase_person", args=[ada.pk])
        self.sign_in(client, program, "member")
        assert client.post(path, {"typed": ADDRESS}).status_code == 403
        self.sign_in(client, ProgramFactory())
        assert client.post(path, {"typed": ADDRESS}).status_code == 404
        assert Participant.objects.get(pk=ada.pk).name == NAME
