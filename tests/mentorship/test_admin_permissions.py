"""Who is not on a program's committee reaches nothing of it, on any page of the site."""

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from matching.models import Concern, Feedback, KeepApart, Match, Proposal
from mentorship.domain.programs.data_log import log_access
from mentorship.interfaces.admin.base import ProgramAdmin
from mentorship.models import (
    DataAccess,
    Field,
    Import,
    Membership,
    Participant,
    Program,
    Question,
    Sector,
    SurveyResponse,
)
from mentorship.models.importing import ValueMeaning
from notifications.models import EmailBatch, EmailLog, EmailTemplate
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MAKE = {
    Import: factories.ImportFactory,
    Participant: factories.ParticipantFactory,
    SurveyResponse: factories.SurveyResponseFactory,
    Question: factories.QuestionFactory,
    Field: lambda: factories.ProgramFactory().fields.first(),
    Sector: lambda: factories.ProgramFactory().sectors.first(),
    Membership: factories.MembershipFactory,
    Program: factories.ProgramFactory,
    Match: factories.MatchFactory,
    KeepApart: factories.KeepApartFactory,
    Proposal: factories.ProposalFactory,
    Concern: factories.ConcernFactory,
    Feedback: factories.FeedbackFactory,
    EmailTemplate: factories.EmailTemplateFactory,
    EmailLog: factories.EmailLogFactory,
    EmailBatch: factories.EmailBatchFactory,
    ValueMeaning: factories.ValueMeaningFactory,
    DataAccess: lambda: log_access(factories.ProgramFactory(), None, "exported", "people", 3),
}
# The columns by which lists are filtered. Any other would tell, letter by letter, what is in it.
FILTERED_BY = {
    Match: {"status", "locked"},
    KeepApart: {"reason", "overruled"},
    Concern: {"status", "kind"},
    Feedback: {"met", "rating", "would_come_again"},
    EmailLog: {"kind"},
    DataAccess: {"what"},
}
INDEX = reverse("admin:index")  # this loads the pages
PAGES = [model for model, page in admin.site._registry.items() if isinstance(page, ProgramAdmin)]


def name_of(model):
    return model._meta.model_name


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def columns_of(row):
    return type(row).objects.values().get(pk=row.pk)


def refused(answer):
    """Django sends whoever asks for a row that is not theirs back to the first page."""
    if answer.status_code == 302:
        return answer.url == INDEX
    return answer.status_code in (403, 404)


def as_posted(columns):
    return {name: "" if value is None else value for name, value in columns.items()}


@pytest.fixture
def sign_in(client):
    """Sign a user in, by default the chair of a program of their own."""

    def sign_in(user=None):
        user = user or factories.MembershipFactory(level="chair").user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    return sign_in


def test_every_page_of_a_program_is_tried():
    models = {m for m in admin.site._registry if hasattr(m, "program") or m in MAKE}

    assert models == set(PAGES)


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_another_programs_row_is_not_listed_and_not_found_by_search(client, sign_in, model):
    row = MAKE[model]()
    sign_in()

    listed = client.get(address(model, "changelist")).context["cl"].queryset
    found = client.get(address(model, "changelist"), {"q": str(row)}).context["cl"].queryset

    assert row not in listed
    assert row not in found


@pytest.mark.parametrize("page", ["change", "delete"])
@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_another_programs_row_is_not_opened_changed_or_deleted(client, sign_in, model, page):
    row = MAKE[model]()
    before = columns_of(row)
    sign_in()

    opened = client.get(address(model, page, row.pk))
    posted = client.post(
        address(model, page, row.pk), {**as_posted(before), "post": "yes", "name": "x"}
    )

    assert refused(opened)
    assert refused(posted)
    assert columns_of(row) == before


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_another_programs_history_is_not_read(client, sign_in, model):
    row = MAKE[model]()
    sign_in()

    pages = [address(model, "history", row.pk)]
    if hasattr(row, "history"):
        pages.append(address(model, "simple_history", row.pk, row.history.first().pk))
    answers = [client.get(page) for page in pages]

    assert [refused(answer) for answer in answers] == [True] * len(pages)


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_a_list_is_filtered_by_what_it_offers_alone(model):
    page, request = admin.site._registry[model], SimpleNamespace(program=None)
    names = [field.name for field in model._meta.get_fields()]

    filtered = {n for n in names if page.lookup_allowed(f"{n}__gt", "a", request)}

    assert filtered == FILTERED_BY.get(model, set())


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_staff_on_no_committee_sees_no_page(client, sign_in, model):
    MAKE[model]()
    sign_in(factories.UserFactory())

    assert client.get(address(model, "changelist")).status_code == 403
    try:
        add = address(model, "add")
    except NoReverseMatch:
        return
    assert client.get(add).status_code == 403


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_signed_out_is_asked_to_sign_in(client, model):
    answer = client.get(address(model, "changelist"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))


@pytest.mark.parametrize("model", PAGES, ids=name_of)
def test_superuser_without_any_program_gets_a_refusal_and_no_crash(client, sign_in, model):
    sign_in(factories.UserFactory(is_superuser=True))

    status = client.get(address(model, "changelist")).status_code

    assert status == (200 if model is Program else 403)


def test_choices_are_those_of_the_program(client, sign_in):
    person = factories.ParticipantFactory()
    factories.ProgramFactory()
    sign_in(factories.MembershipFactory(program=person.program).user)

    form = client.get(address(Participant, "change", person.pk)).context["adminform"].form

    assert list(form.fields["fields"].queryset) == list(person.program.fields.all())
    assert list(form.fields["sector"].queryset) == list(person.program.sectors.all())


def test_a_field_of_another_program_cannot_be_posted(client, sign_in):
    person = factories.ParticipantFactory()
    stranger = factories.ProgramFactory().fields.first()
    sign_in(factories.MembershipFactory(program=person.program).user)

    answer = client.post(
        address(Participant, "change", person.pk),
        {"name": person.name, "email": person.email, "capacity": 1, "fields": [stranger.pk]},
    )

    assert "fields" in answer.context["adminform"].form.errors
    assert list(person.fields.all()) == []


def test_an_action_on_another_programs_person_does_nothing(client, sign_in):
    stranger = factories.ParticipantFactory()
    sign_in()

    client.post(
        address(Participant, "changelist"),
        {"action": "make_mentee", "_selected_action": [stranger.pk]},
    )

    stranger.refresh_from_db()
    assert stranger.decided_role == ""


def test_a_decision_on_another_programs_person_is_not_found(client, sign_in):
    stranger = factories.ParticipantFactory()
    sign_in()

    answer = client.post(
        reverse("decide_on_person", args=[stranger.pk]), {"do": "withdraw", "value": "gone"}
    )

    assert answer.status_code == 404
    stranger.refresh_from_db()
    assert stranger.withdrawn_at is None


def test_a_decision_needs_a_post(client, sign_in):
    person = factories.ParticipantFactory()
    sign_in(factories.MembershipFactory(program=person.program).user)

    assert client.get(reverse("decide_on_person", args=[person.pk])).status_code == 405


def test_nobody_switches_to_a_program_of_others(client, sign_in):
    other = factories.ProgramFactory()
    user = sign_in()

    refused = client.get(reverse("switch_program", args=[other.slug]))
    shown = client.get(INDEX)

    assert refused.status_code == 404
    assert shown.wsgi_request.program == user.programs.get()


def test_switching_changes_the_program_of_every_page(client, sign_in):
    user = sign_in()
    second = factories.MembershipFactory(user=user).program
    person = factories.ParticipantFactory(program=second)

    for program, listed in [(user.programs.exclude(pk=second.pk).get(), []), (second, [person])]:
        client.get(reverse("switch_program", args=[program.slug]))
        page = client.get(address(Participant, "changelist"))
        assert page.context["site_header"] == program.name
        assert list(page.context["cl"].queryset) == listed


class TestMember:
    @pytest.fixture
    def member(self, sign_in):
        return sign_in(factories.MembershipFactory(level="member").user)

    def test_does_not_see_who_is_on_the_committee(self, client, member):
        own = member.memberships.get()

        assert client.get(address(Membership, "changelist")).status_code == 403
        assert client.get(address(Membership, "change", own.pk)).status_code == 403
        assert client.post(
            address(Membership, "change", own.pk), {"level": "chair"}
        ).status_code == (403)
        own.refresh_from_db()
        assert own.level == "member"

    def test_reads_the_programs_settings_and_cannot_change_them(self, client, member):
        program = member.programs.get()
        before = columns_of(program)

        read = client.get(address(Program, "change", program.pk))
        posted = client.post(
            address(Program, "change", program.pk), {**as_posted(before), "name": "Mine"}
        )

        assert read.context["has_change_permission"] is False
        assert posted.status_code == 403
        assert columns_of(program) == before

    def test_sets_up_no_program(self, client, member):
        assert client.get(address(Program, "add")).status_code == 403

    def test_does_not_see_accounts(self, client, member):
        assert client.get(reverse("admin:auth_user_changelist")).status_code == 403


class TestChair:
    @pytest.fixture
    def chair(self, sign_in):
        return sign_in()

    def test_adds_a_member_by_address(self, client, chair):
        friend = factories.UserFactory(email="friend@conf.example", is_staff=False)

        client.post(
            address(Membership, "add"), {"account": "Friend@conf.example", "level": "member"}
        )

        assert list(friend.programs.all()) == list(chair.programs.all())
        friend.refresh_from_db()
        assert friend.is_staff

    def test_is_told_when_there_is_no_such_account(self, client, chair):
        factories.UserFactory(username="stranger")

        page = client.post(address(Membership, "add"), {"account": "nobody", "level": "member"})

        assert page.context["adminform"].form.errors == {
            "account": ["There is no account “nobody”. Type an email address to invite somebody."]
        }
        assert b"stranger" not in page.content

    def test_is_told_when_somebody_is_on_the_committee_already(self, client, chair):
        page = client.post(
            address(Membership, "add"), {"account": chair.username, "level": "member"}
        )

        assert page.context["adminform"].form.is_valid() is False
        assert Membership.objects.count() == 1

    def test_changes_another_programs_settings_only_as_its_chair(self, client, chair):
        other = factories.MembershipFactory(user=chair, level="member").program

        posted = client.post(address(Program, "change", other.pk), {"name": "Mine"})

        assert posted.status_code == 403

    def test_cannot_take_away_the_last_chair(self, client, chair):
        own = chair.memberships.get()

        client.post(address(Membership, "change", own.pk), {"level": "member"})
        client.post(address(Membership, "delete", own.pk), {"post": "yes"})

        assert list(Membership.objects.values_list("level", flat=True)) == ["chair"]

    def test_cannot_take_away_all_chairs_at_once(self, client, chair):
        own = chair.memberships.get()
        other = factories.MembershipFactory(program=own.program, level="chair")

        client.post(
            address(Membership, "changelist"),
            {"action": "delete_selected", "_selected_action": [own.pk, other.pk], "post": "yes"},
        )

        assert Membership.objects.count() == 2

    def test_counts_only_chairs_who_can_sign_in(self, client, chair):
        own = chair.memberships.get()
        factories.MembershipFactory(program=own.program, level="chair", user__is_active=False)

        client.post(address(Membership, "change", own.pk), {"level": "member"})

        own.refresh_from_db()
        assert own.level == "chair"

    def test_makes_somebody_a_reader(self, client, chair):
        member = factories.MembershipFactory(program=chair.programs.get())

        client.post(address(Membership, "change", member.pk), {"level": "reader"})

        member.refresh_from_db()
        assert member.level == "reader"


class TestHost:
    @pytest.fixture
    def host(self, sign_in):
        return sign_in(factories.UserFactory(is_superuser=True))

    def test_leaves_each_program_a_chair(self, client, host):
        membership = factories.MembershipFactory(level="chair")
        user = membership.user
        page = reverse("admin:auth_user_change", args=[user.pk])

        ended = client.post(page, {"username": user.username, "is_staff": "on"})
        client.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"})
        client.post(
            reverse("admin:auth_user_changelist"),
            {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"},
        )

        assert ended.context["adminform"].form.errors == {
            "is_active": [f"Make somebody else a chair of {membership.program} first."]
        }
        user.refresh_from_db()
        assert user.is_active


class TestReader:
    @pytest.fixture
    def reader(self, sign_in):
        return sign_in(factories.MembershipFactory(level="reader").user)

    @pytest.fixture
    def person(self, reader):
        return factories.ParticipantFactory(
            program=reader.programs.get(), name="Ana", committee_notes="Late twice"
        )

    def test_sees_people_without_the_notes_on_them(self, client, person):
        page = client.get(address(Participant, "change", person.pk))

        assert "Ana" in page.content.decode()
        assert "Late twice" not in page.content.decode()

    @pytest.mark.parametrize("asked", ["link_key__startswith", "committee_notes__contains"])
    def test_finds_out_nothing_by_filtering_the_list(self, client, person, asked):
        right = {"link_key__startswith": person.link_key[:1], "committee_notes__contains": "Late"}

        answers = [
            client.get(address(Participant, "changelist"), {asked: value})
            for value in (right[asked], "~")
        ]

        assert [answer.status_code for answer in answers] == [400, 400]

    def test_changes_nothing(self, client, person):
        before = columns_of(person)

        answers = [
            client.post(
                address(Participant, "change", person.pk), {**as_posted(before), "name": "x"}
            ),
            client.post(reverse("decide_on_person", args=[person.pk]), {"do": "link"}),
            client.post(
                address(Participant, "changelist"),
                {"action": "make_mentee", "_selected_action": [person.pk]},
            ),
        ]

        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert columns_of(person) == before

    def test_changes_nothing_from_another_program_either(self, client, reader, person):
        """A member of one program who reads another cannot reach it while looking at their own."""
        own = factories.MembershipFactory(user=reader, level="member").program
        client.get(reverse("switch_program", args=[own.slug]))
        before = columns_of(person)

        answer = client.post(reverse("decide_on_person", args=[person.pk]), {"do": "link"})

        assert answer.status_code == 404
        assert columns_of(person) == before

    def test_signs_out(self, client, reader):
        assert client.post(reverse("admin:logout")).status_code in (200, 302)
        assert client.get(INDEX).status_code == 302


def test_a_reader_works_on_no_program_and_a_host_on_each():
    reader = factories.MembershipFactory(level="reader")
    member = factories.MembershipFactory(user=reader.user, level="member").program
    chaired = factories.MembershipFactory(level="chair")
    host = factories.UserFactory(is_superuser=True)

    assert set(Program.objects.of(reader.user)) == {reader.program, member}
    assert list(Program.objects.run_by(reader.user)) == [member]
    assert list(Program.objects.run_by(chaired.user)) == [chaired.program]
    assert Program.objects.run_by(host).count() == 3
    reader.user.is_active = False
    assert not Program.objects.of(reader.user).exists()
