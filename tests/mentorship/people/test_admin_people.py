import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentorship.domain.people import decisions
from mentorship.models import Field, Participant, Program, Question, SurveyResponse
from tests.factories import (
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    QuestionFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:mentorship_participant_changelist")
NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)


@pytest.fixture
def program():
    return ProgramFactory(name="Conf")


@pytest.fixture
def member(client, program):
    user = MembershipFactory(program=program).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def change_page(person):
    return reverse("admin:mentorship_participant_change", args=[person.pk])


def posted(person, **changes):
    """Return what the person's form posts when only `changes` were typed."""
    columns = ["name", "short_name", "email", "affiliation", "career_stage", "capacity"]
    columns += ["time_zone", "committee_notes", "topics_wanted", "topics_offered", "notes"]
    kept = {column: getattr(person, column) for column in columns}
    kept["fields"] = [field.pk for field in person.fields.all()]
    kept["sector"] = person.sector_id or ""
    return kept | changes


def decide(client, person, do, value="", **more):
    answer = client.post(
        reverse("decide_on_person", args=[person.pk]),
        {"do": do, "value": value} | more,
        follow=True,
    )
    person.refresh_from_db()
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.each
class TestList:
    def shown(self, client, **query):
        return [person.name for person in client.get(LIST, query).context["cl"].queryset]

    def test_says_that_it_searches_for_no_whole_text(self, client, member, program):
        """SQLite takes no condition of as many words as an address holds."""
        ParticipantFactory(program=program, name="Ada")
        page = client.get(LIST, {"q": "a " * 1900})
        assert [str(message) for message in page.context["messages"]] == [
            "Search for at most 200 characters. This list is not searched."
        ]
        assert self.shown(client, q="a " * 1900) == ["Ada"]
        assert self.shown(client, q="b " * 99) == []

    def test_says_what_is_in_doubt_and_what_happened(self, client, member, program):
        ParticipantFactory(
            program=program,
            name="Ada",
            signup_role="mentor",
            survey_role="mentee",
            missing_since=NOON,
            mail_bounced_at=NOON,
            fields=["Biology/Health", "CompSci/DS/ML"],
        )

        page = client.get(LIST)

        row = page.context["cl"].result_list[0]
        admin = page.context["cl"].model_admin
        assert "mentee" in (role := admin.shown_role(row))
        assert "role unclear: signed up as mentor, answered as mentee" in role
        assert admin.shown_fields(row) == (
            "Biology/<wbr>Health, CompSci/<wbr>DS/<wbr>ML"  # a long name may break there
        )
        assert admin.shown_states(row) == (
            '<span class="cm-state cm-danger">email bounced</span> '
            '<span class="cm-state cm-warning">no longer registered</span>'
        )

    def test_says_drafted_of_who_has_not_been_told(self, client, member, program):
        MatchFactory(program=program, mentor__name="Ann", mentee__name="Ben")
        announced = {"status": "announced", "announced_at": NOON}
        MatchFactory(program=program, mentor__name="Cai", mentee__name="Dee", **announced)
        MatchFactory(program=program, mentor__name="Eve", mentee__name="Fay", status="dissolved")

        changelist = client.get(LIST).context["cl"]
        shown = {str(row): changelist.model_admin.shown_states(row) for row in changelist.queryset}
        drafted = '<span class="cm-state cm-info">match drafted</span>'
        matched = '<span class="cm-state cm-success">matched</span>'
        none = '<span class="cm-state cm-plain">no response</span>'
        assert shown == dict(
            zip(
                ["Ann", "Ben", "Cai", "Dee", "Eve", "Fay"],
                [drafted] * 2 + [matched] * 2 + [none] * 2,
                strict=True,
            )
        )

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, ["Answered", "Doubt", "Looked up", "Silent", "Withdrawn"]),
            ({"role": "mentee"}, ["Doubt", "Silent"]),
            ({"role": "doubt"}, ["Doubt"]),
            ({"attendance": "virtual"}, ["Silent"]),
            ({"attendance": "unknown"}, ["Looked up"]),
            ({"answered": "yes"}, ["Answered"]),
            ({"answered": "no"}, ["Doubt", "Looked up", "Silent"]),
            ({"answered": "researched"}, ["Looked up"]),
            ({"answered": "left"}, ["Doubt", "Silent"]),
            ({"part": "yes"}, ["Answered", "Doubt", "Looked up", "Silent"]),
            ({"part": "withdrawn"}, ["Withdrawn"]),
            ({"part": "missing"}, ["Doubt"]),
            ({"part": "bounced"}, ["Silent"]),
            ({"role": "nonsense"}, ["Answered", "Doubt", "Looked up", "Silent", "Withdrawn"]),
            ({"q": "eastport"}, ["Looked up"]),
            ({"q": "silent@"}, ["Silent"]),
        ],
    )
    def test_filters_and_search(self, client, member, program, query, names):
        answered = ParticipantFactory(program=program, name="Answered")
        SurveyResponseFactory(participant=answered)
        ParticipantFactory(program=program, name="Doubt", survey_role="mentee", missing_since=NOON)
        ParticipantFactory(
            program=program,
            name="Looked up",
            affiliation="University of Eastport",
            signup_attendance="",
            detail_sources={"affiliation": "research"},
        )
        ParticipantFactory(
            program=program,
            name="Silent",
            email="silent@conf.example",
            mentee=True,
            virtual=True,
            mail_bounced_at=NOON,
        )
        ParticipantFactory(program=program, name="Withdrawn", withdrawn_at=NOON)

        assert self.shown(client, **query) == names

    def test_filters_by_field_of_the_program_only(self, client, member, program):
        ParticipantFactory(program=program, name="Biologist", fields=["Biology/Health"])
        ParticipantFactory(program=program, name="Nobody")
        biology = Field.objects.get(program=program, name="Biology/Health")
        stranger = ProgramFactory().fields.first()

        assert self.shown(client, field=biology.pk) == ["Biologist"]
        assert self.shown(client, field=stranger.pk) == ["Biologist", "Nobody"]

    def test_number_of_queries_is_the_same_for_many(
        self, client, member, program, django_assert_num_queries
    ):
        for count in (2, 20):
            for _ in range(count):
                person = ParticipantFactory(program=program, fields=["CompSci/DS/ML", "Other"])
                SurveyResponseFactory(participant=person)
            if count == 2:
                client.get(LIST)
                with CaptureQueriesContext(connection) as few:
                    client.get(LIST)
        with django_assert_num_queries(len(few)):
            client.get(LIST)

    def test_one_decision_for_several(self, client, member, program):
        chosen = [ParticipantFactory(program=program, survey_role="mentee") for _ in range(2)]
        other = ParticipantFactory(program=program)

        answer = client.post(
            LIST,
            {"action": "make_mentee", "_selected_action": [p.pk for p in chosen]},
            follow=True,
        )

        assert [str(m) for m in answer.context["messages"]] == ["Decided for 2 people."]
        assert list(Participant.objects.filter(decided_role="mentee").order_by("pk")) == chosen
        other.refresh_from_db()
        assert other.decided_role == ""


class TestEdit:
    def test_a_researched_detail_is_marked_and_kept_apart_from_the_committees(
        self, client, member, program
    ):
        silent = ParticipantFactory(program=program, detail_sources={"name": "signup"})
        answered = ParticipantFactory(program=program, notes="wrote this")
        SurveyResponseFactory(participant=answered)

        client.post(change_page(silent), posted(silent, affiliation="Eastport"))
        client.post(change_page(answered), posted(answered, notes="corrected"))

        silent.refresh_from_db()
        answered.refresh_from_db()
        assert silent.affiliation == "Eastport"
        assert silent.detail_sources == {"name": "signup", "affiliation": "research"}
        assert answered.notes == "corrected"
        assert answered.detail_sources == {"notes": "committee"}

    def test_fields_are_a_detail_too(self, client, member, program):
        person = ParticipantFactory(program=program)
        field = program.fields.get(name="CompSci/DS/ML")

        client.post(change_page(person), posted(person, fields=[field.pk]))

        person.refresh_from_db()
        assert list(person.fields.all()) == [field]
        assert person.detail_sources == {"fields": "research"}

    def test_the_form_says_where_a_detail_came_from(self, client, member, program):
        person = ParticipantFactory(
            program=program, detail_sources={"notes": "survey", "affiliation": "research"}
        )

        form = client.get(change_page(person)).context["adminform"].form

        assert form.fields["notes"].help_text == "From the survey."
        assert form.fields["affiliation"].help_text == "From research by the committee."
        assert form.fields["capacity"].help_text == (
            "The most mentees this mentor takes. 0 means not taking mentees."
        )

    def test_an_answer_that_came_meanwhile_stays(self, program):
        person = ParticipantFactory(program=program, affiliation="Old", notes="old")
        open_page = Participant.objects.get(pk=person.pk)
        Participant.objects.filter(pk=person.pk).update(
            notes="answered meanwhile", detail_sources={"notes": "survey"}
        )

        open_page.affiliation = "New"
        saved = decisions.save_details(open_page, ["affiliation"])

        person.refresh_from_db()
        assert (person.affiliation, person.notes) == ("New", "answered meanwhile")
        assert person.detail_sources == {"notes": "survey", "affiliation": "research"}
        assert saved.history.first().notes == "answered meanwhile"

    def test_an_address_in_use_is_refused_in_words(self, client, member, program):
        ParticipantFactory(program=program, email="ada@conf.example")
        person = ParticipantFactory(program=program)

        page = client.post(change_page(person), posted(person, email="ADA@conf.example"))

        assert page.context["adminform"].form.non_field_errors() == [
            "This email address is already in the program."
        ]
        person.refresh_from_db()
        assert person.email != "ada@conf.example"

    def test_somebody_is_added_by_hand(self, client, member, program):
        client.post(
            reverse("admin:mentorship_participant_add"),
            {
                "name": "Ada  Lovelace",
                "email": "Ada@conf.example",
                "signup_role": "mentor",
                "signup_attendance": "virtual",
                "capacity": 2,
            },
        )

        person = Participant.objects.get()
        assert (person.program, person.name, person.email) == (
            program,
            "Ada Lovelace",
            "ada@conf.example",
        )
        assert (person.role, person.attendance, person.capacity) == ("mentor", "virtual", 2)

    def test_history_names_who_edited(self, client, member, program):
        person = ParticipantFactory(program=program)

        client.post(change_page(person), posted(person, notes="called them"))

        assert person.history.first().history_user == member

    def test_answers_are_read_beside_the_form_newest_first(self, client, member, program):
        person = ParticipantFactory(program=program)
        question = QuestionFactory(program=program, text="Which language?")
        SurveyResponseFactory(participant=person, notes="first", submitted_at=NOON)
        SurveyResponseFactory(
            participant=person,
            role="mentee",
            notes="<b>newest</b>",
            capacity_as_typed="as many as you need!",
            other_answers={str(question.pk): ["Python", "Fortran"]},
            doubts=[{"field": "capacity", "value": "as many as you need!"}],
            submitted_at=NOON + datetime.timedelta(days=1),
        )

        page = client.get(change_page(person))

        newest, first = page.context["answers"]
        assert newest.lines == [
            ("Role", "Mentee"),
            ("Mentees at most", "as many as you need!"),
            ("Notes", "<b>newest</b>"),
            ("Which language?", "Python, Fortran"),
        ]
        assert newest.doubts == ["capacity: “as many as you need!”"]
        assert first.lines == [("Notes", "first")]
        assert b"<b>newest</b>" not in page.content


class TestDecisions:
    def test_role(self, client, member, program):
        person = ParticipantFactory(program=program, survey_role="mentee")

        assert decide(client, person, "role", "mentor") == ["Role: mentor."]
        assert (person.decided_role, person.role, person.role_doubt) == ("mentor", "mentor", "")
        assert decide(client, person, "role", "") == ["Role: mentee."]
        assert person.decided_role == ""
        assert decide(client, person, "role", "boss") == [
            "“boss” is not a role. Choose mentor or mentee."
        ]

    def test_attendance(self, client, member, program):
        person = ParticipantFactory(program=program)

        assert decide(client, person, "attendance", "virtual") == ["Attendance: virtual."]
        assert person.attendance == "virtual"

    def test_the_slower_of_two_is_told(self, client, member, program):
        """Their page shows no decision yet; by then another one stands."""
        person = ParticipantFactory(program=program)
        html = client.get(change_page(person)).content.decode()
        assert re.findall(
            r'name="do" value="(\w+)">\s*<input[^>]* name="shown" value=""', html
        ) == [
            "role",
            "attendance",
        ]
        decisions.decide_role(person, "mentee")
        decisions.decide_attendance(person, "virtual")

        told = [
            decide(client, person, "role", "mentor", shown=""),
            decide(client, person, "attendance", "in_person", shown=""),
        ]
        assert told == [
            [
                f"Nothing was changed. The {what} while this page was open. Decide again to change "
                "that."
            ]
            for what in ("role was decided as mentee", "attendance was decided as virtual")
        ]
        assert (person.decided_role, person.decided_attendance) == ("mentee", "virtual")
        # Who wants the same has no quarrel, and by now the page shows what stands.
        assert decide(client, person, "role", "mentee", shown="") == ["Role: mentee."]
        assert decide(client, person, "role", "mentor", shown="mentee") == ["Role: mentor."]

    def test_the_slower_of_two_is_told_of_an_undone_decision(self, client, member, program):
        person = ParticipantFactory(program=program, decided_role="mentee")
        decide(client, person, "role", "")

        assert decide(client, person, "role", "mentor", shown="mentee") == [
            "Nothing was changed. The decision on the role was undone while this page was open. "
            "Decide again to change that."
        ]
        assert person.decided_role == ""

    def test_withdraw_needs_a_reason_and_can_be_undone(self, client, member, program):
        person = ParticipantFactory(program=program, name="Ada")

        assert decide(client, person, "withdraw", " ") == ["Enter why this person withdraws."]
        assert person.takes_part
        assert decide(client, person, "withdraw", "ill") == ["Ada has withdrawn."]
        assert (person.takes_part, person.withdrawn_why) == (False, "ill")
        assert decide(client, person, "rejoin") == ["Ada takes part again."]
        assert person.takes_part

    def test_still_registered(self, client, member, program):
        person = ParticipantFactory(program=program, name="Ada", missing_since=NOON)

        assert decide(client, person, "keep") == [
            "Ada stays registered, whatever the next export says."
        ]
        assert person.missing_since is None
        assert person.kept_registered_at is not None
        assert person.detail_sources == {}

    def test_a_new_link_ends_the_old_one(self, client, member, program):
        person = ParticipantFactory(program=program, name="Ada")
        old = person.personal_path

        assert decide(client, person, "link") == [
            "Ada has a new link. The old one no longer works."
        ]
        assert person.personal_path != old
        assert client.get(old).status_code == 404
        assert client.get(person.personal_path).status_code == 200

    def test_an_unknown_decision_is_refused(self, client, member, program):
        person = ParticipantFactory(program=program)

        answer = client.post(reverse("decide_on_person", args=[person.pk]), {"do": "delete"})

        assert answer.status_code == 400
        assert Participant.objects.count() == 1


class TestAnswers:
    def test_are_read_only(self, client, member, program):
        answer = SurveyResponseFactory(participant__program=program, notes="as sent")
        page = reverse("admin:mentorship_surveyresponse_change", args=[answer.pk])

        assert client.get(page).context["has_change_permission"] is False
        assert client.post(page, {"notes": "changed"}).status_code == 403
        assert client.get(reverse("admin:mentorship_surveyresponse_add")).status_code == 403
        assert SurveyResponse.objects.get().notes == "as sent"

    @pytest.mark.each
    def test_those_in_doubt_are_found(self, client, member, program):
        SurveyResponseFactory(participant__program=program)
        doubtful = SurveyResponseFactory(
            participant__program=program, doubts=[{"field": "capacity", "value": "many"}]
        )

        page = client.get(reverse("admin:mentorship_surveyresponse_changelist"), {"doubts": "yes"})

        assert list(page.context["cl"].queryset) == [doubtful]


class TestProgram:
    @pytest.fixture
    def chair(self, client, program):
        user = MembershipFactory(program=program, level="chair").user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    def form_of(self, client, program):
        page = client.get(reverse("admin:mentorship_program_change", args=[program.pk]))
        form = page.context["adminform"].form
        data = {}
        for name in form.fields:
            value = form[name].value()
            if value is not None and value is not False:
                data[name] = value
        return data

    def post(self, client, program, **changes):
        address = reverse("admin:mentorship_program_change", args=[program.pk])
        answer = client.post(address, self.form_of(client, program) | changes)
        program.refresh_from_db()
        return answer.context["adminform"].form.errors if answer.context else {}

    def test_saving_without_a_change_changes_nothing(self, client, chair, program):
        before = Program.objects.values().get(pk=program.pk)

        assert self.post(client, program) == {}
        assert Program.objects.values().get(pk=program.pk) == before

    def test_lists_are_edited_as_lines(self, client, chair, program):
        errors = self.post(client, program, free_mail_domains="Gmail.com\n\n@hey.com\ngmail.com")

        assert errors == {}
        assert program.free_mail_domains == ["gmail.com", "hey.com"]

    def test_what_counts_has_a_page_of_its_own(self, client, chair, program):
        address = reverse("admin:mentorship_program_change", args=[program.pk])

        form = client.get(address).context["adminform"].form
        self.post(client, program, affinity_floor=1, affinity_weights="{}", place="Tacoma")

        assert {"affinity_weights", "affinity_floor", "matching_priorities"}.isdisjoint(form.fields)
        assert (program.place, program.affinity_floor) == ("Tacoma", 250)
        assert program.affinity_weights["sector"] == 15

    def test_an_end_before_the_start_is_refused(self, client, chair, program):
        errors = self.post(client, program, ends_on="2083-07-01")

        assert errors == {"__all__": ["The last day is before the first day."]}

    @pytest.mark.parametrize(
        ("days", "error"),
        [
            (
                {"survey_opens_on": "2083-06-14", "survey_closes_on": "2083-06-13"},
                {"survey_closes_on": "“Survey goes out” would be after “Responses due”."},
            ),
            (
                {"survey_closes_on": "2083-07-04", "announce_on": "2083-07-03"},
                {"announce_on": "“Responses due” would be after “Matches announced”."},
            ),
            (
                {"survey_opens_on": "2083-07-05", "contact_by": "2083-07-04"},
                {"contact_by": "“Survey goes out” would be after “Get in touch by”."},
            ),
            (
                {"contact_by": "2084-07-13"},
                {"contact_by": "“Get in touch by” would be after “Last day”."},
            ),
            ({"survey_opens_on": "2083-06-14", "announce_on": "2083-06-14"}, {}),
        ],
    )
    def test_days_that_emails_name_are_in_order(self, client, chair, program, days, error):
        errors = self.post(client, program, **days)

        assert errors == {
            field: [f"{sentence} Change one of the two."] for field, sentence in error.items()
        }

    def test_a_new_program_starts_with_the_usual_lists_and_its_chair(self, client, chair):
        client.post(
            reverse("admin:mentorship_program_add"),
            {
                "name": "Next",
                "slug": "next",
                "starts_on": "2084-07-10",
                "ends_on": "2084-07-16",
                "time_zone": "America/Los_Angeles",
                "region": "en-us",
            },
        )

        program = Program.objects.get(slug="next")
        assert program.fields.count() == 7
        assert program.matching_priorities[0] == "unmatched"
        assert [(m.user, m.level) for m in program.memberships.all()] == [(chair, "chair")]

    def test_a_field_that_somebody_has_stays(self, client, chair, program):
        ParticipantFactory(program=program, fields=["Biology/Health"])
        kept = program.fields.get(name="Biology/Health")
        free = program.fields.get(name="CompSci/DS/ML")
        other = program.fields.get(is_other=True)

        for field in (kept, free, other):
            client.post(reverse("admin:mentorship_field_delete", args=[field.pk]), {"post": "yes"})

        assert set(program.fields.filter(pk__in=[kept.pk, free.pk, other.pk])) == {kept, other}

    def test_a_question_needs_choices_and_stays_once_answered(self, client, chair, program):
        page = client.post(
            reverse("admin:mentorship_question_add"),
            {"text": "T-shirt?", "kind": "choice", "choices": "S", "order": 1, "counts": "not"},
        )
        assert page.context["adminform"].form.errors == {
            "choices": ["Enter at least two choices, one per line."]
        }
        client.post(
            reverse("admin:mentorship_question_add"),
            {"text": "T-shirt?", "kind": "choice", "choices": "S\nM", "order": 1, "counts": "not"},
        )
        question = Question.objects.get()
        assert question.choices == ["S", "M"]

        SurveyResponseFactory(participant__program=program, other_answers={str(question.pk): "M"})
        delete = reverse("admin:mentorship_question_delete", args=[question.pk])
        assert client.post(delete, {"post": "yes"}).status_code == 403


def test_accounts_are_managed_by_a_superuser(client):
    client.force_login(
        UserFactory(is_superuser=True), backend="django.contrib.auth.backends.ModelBackend"
    )

    page = client.get(reverse("admin:auth_user_changelist"))

    assert page.context["cl"].result_count == 1
