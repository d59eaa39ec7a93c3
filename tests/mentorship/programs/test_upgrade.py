"""Rows as an earlier version left them, after the migrations that changed how they are kept."""

import datetime
import importlib

import pytest
from django.apps import apps

from mentorship.domain.imports.undo import undo_import
from mentorship.domain.people.decisions import decide_role
from mentorship.models import Import, Participant, Program
from tests.factories import (
    ImportFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2027, 6, 1, 12, tzinfo=datetime.UTC)
migration = importlib.import_module("mentorship.migrations.0009_flags_out_of_sources")


class TestFlagsOutOfSources:
    @pytest.fixture
    def contradicted(self):
        person = ParticipantFactory(
            decided_role="mentor",
            survey_role="mentee",
            detail_sources={"notes": "survey", "role_against_decision": "survey"},
        )
        SurveyResponseFactory(participant=person, submitted_at=NOON)
        return person

    def test_they_become_columns(self, contradicted):
        kept = ParticipantFactory(detail_sources={"registered": "committee", "name": "signup"})
        other = ParticipantFactory(detail_sources={"name": "signup"})
        silent = ParticipantFactory(detail_sources={"role_against_decision": "survey"})

        migration.flags_into_columns(apps, None)

        for person in (contradicted, kept, other, silent):
            person.refresh_from_db()
        assert (contradicted.detail_sources, contradicted.role_contradicted_at) == (
            {"notes": "survey"},
            NOON,
        )
        assert kept.detail_sources == other.detail_sources == {"name": "signup"}
        assert kept.kept_registered_at is not None
        assert (other.role_contradicted_at, other.kept_registered_at) == (None, None)
        assert silent.role_contradicted_at is not None
        assert contradicted in Participant.objects.with_role_in_doubt()
        history = contradicted.history.get()
        assert (history.detail_sources, history.role_contradicted_at) == (
            {"notes": "survey"},
            NOON,
        )

    def test_and_back(self, contradicted):
        before = contradicted.detail_sources
        migration.flags_into_columns(apps, None)
        migration.flags_into_sources(apps, None)
        contradicted.refresh_from_db()
        assert contradicted.detail_sources == before

    @pytest.mark.parametrize("decided_since", [False, True])
    def test_an_import_from_before_can_still_be_undone(self, contradicted, decided_since):
        done = ImportFactory(
            program=contradicted.program,
            kind=Import.Kind.RESPONSES,
            undo={
                "columns": {
                    str(contradicted.pk): {
                        "notes": ["old", contradicted.notes],
                        "detail_sources": [
                            {"notes": "research"},
                            {"notes": "survey", "role_against_decision": "survey"},
                        ],
                    }
                }
            },
        )
        migration.flags_into_columns(apps, None)
        if decided_since:
            decide_role(contradicted, "mentee")
        Import.objects.update(imported_at=datetime.datetime.now(datetime.UTC))

        undo_import(Import.objects.get(pk=done.pk))

        contradicted.refresh_from_db()
        assert (contradicted.notes, contradicted.detail_sources) == ("old", {"notes": "research"})
        assert contradicted.role_contradicted_at is None


class TestMarkTheDemo:
    @pytest.fixture
    def accounts(self):
        return [
            UserFactory(username=name, email=f"{name}@scipy.example")
            for name in ("chair", "member")
        ]

    def test_by_its_name_and_its_accounts(self, accounts):
        demo = ProgramFactory(slug="scipy-2027")
        for user in accounts:
            MembershipFactory(program=demo, user=user)
        copied = MembershipFactory(user=accounts[0]).program

        migration.mark_the_demo(apps, None)

        assert list(Program.objects.filter(is_demo=True)) == [demo]
        assert not copied.is_demo

    def test_not_by_its_name_alone(self, accounts):
        real = MembershipFactory(program__slug="scipy-2027").program
        MembershipFactory(program=real, user=accounts[0])

        migration.mark_the_demo(apps, None)

        assert not Program.objects.filter(is_demo=True).exists()

    def test_only_the_demo_keeps_its_invented_provider(self):
        demo, real = ProgramFactory(is_demo=True), ProgramFactory()

        migration.forget_the_invented_provider(apps, None)

        demo.refresh_from_db()
        real.refresh_from_db()
        assert "freemail.example" in demo.free_mail_domains
        assert "freemail.example" not in real.free_mail_domains
        assert "gmail.com" in real.free_mail_domains
