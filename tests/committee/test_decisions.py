"""What waits for a decision on the dashboard, and that each is settled on the spot."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from mentorship.domain.survey.doubts import doubtful_answers
from mentorship.interfaces.decisions.registry import Settled, open_decisions, settle_case
from mentorship.models import Participant
from notifications.models import EmailLog
from tests.factories import (
    ConcernFactory,
    EmailLogFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
    SurveyResponseFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
GONE = "This has been settled already, by somebody else or in another tab."


@pytest.fixture
def program():
    return ProgramFactory()


def waiting(program):
    """Return (kind, sentence, [(key, who, detail, label of the blank, choices)])."""
    return [
        (
            decision.kind.name,
            decision.sentence,
            [
                (
                    case.key,
                    case.who,
                    case.detail,
                    case.blank.label if case.blank else "",
                    " ".join(button.choice for button in case.buttons),
                )
                for case in decision.waiting.cases
            ],
        )
        for decision in open_decisions(program)
    ]


def settle(program, kind, key, choice, value=""):
    return settle_case(kind, Settled(program, str(key), choice, value))


def test_what_waits_is_listed_most_pressing_first(program):
    for name in ["Ada", "Bo", "Cy", "Di"]:
        ParticipantFactory(program=program, name=name, survey_role="mentee")
    gone = ParticipantFactory(program=program, name="Gone", missing_since=NOON)
    answer = SurveyResponseFactory(
        participant=gone, doubts=[{"field": "capacity", "value": "many"}]
    )
    mail = EmailLogFactory(
        program=program, state=EmailLog.State.UNCERTAIN, recipients=["ada@one.example"]
    )
    concern = ConcernFactory(participant=gone)
    bounced = ParticipantFactory(
        program=program, name="Eve", email="eve@one.example", mail_bounced_at=NOON
    )
    ParticipantFactory(survey_role="mentee", missing_since=NOON)  # of another program

    doubt = "Signed up as mentor, answered as mentee"
    first = list(Participant.objects.filter(program=program, name__in=["Ada", "Bo", "Cy"]))
    assert waiting(program) == [
        (
            "help",
            "1 help request is open",
            [(str(concern.pk), "Gone", "I can’t reach my match", "", "")],
        ),
        (
            "role",
            "Role unclear for 4 people",
            [(str(each.pk), each.name, doubt, "", "mentor mentee") for each in first],
        ),
        (
            "bounced",
            "1 email address bounced: correct it",
            [
                (
                    str(bounced.pk),
                    "Eve",
                    "The mail server did not say why.",
                    "Email address",
                    "correct right",
                )
            ],
        ),
        (
            "uncertain",
            "1 email may have arrived, or not",
            [(str(mail.pk), "ada@one.example", "Survey invitation.", "", "was_sent")],
        ),
        (
            "response",
            "1 response needs review",
            [
                (
                    f"{answer.pk}-capacity",
                    "Gone",
                    "Capacity: “many”",
                    "Mentees at most",
                    "save leave",
                )
            ],
        ),
        (
            "missing",
            "1 person is no longer registered",
            [
                (
                    str(gone.pk),
                    "Gone",
                    "Not in the newest export, since Jun 20, 2083",
                    "",
                    "withdraw keep",
                )
            ],
        ),
    ]


def test_a_doubt_is_settled_by_the_committee_or_by_a_newer_answer(program):
    doubt = [{"field": "time zone", "value": "home"}]
    decided = ParticipantFactory(program=program, detail_sources={"time_zone": "committee"})
    again = ParticipantFactory(program=program)
    still = ParticipantFactory(program=program, detail_sources={"time_zone": "survey"})
    SurveyResponseFactory(participant=decided, doubts=doubt)
    SurveyResponseFactory(participant=again, doubts=doubt)
    SurveyResponseFactory(participant=again, submitted_at=NOON + datetime.timedelta(days=1))
    open_answer = SurveyResponseFactory(participant=still, doubts=doubt)

    assert doubtful_answers(program) == [open_answer]


@pytest.mark.parametrize(
    ("about", "kind", "choice", "value", "said", "row"),
    [
        (
            {"survey_role": "mentee"},
            "role",
            "mentor",
            "",
            "Ada is a mentor.",
            {"decided_role": "mentor"},
        ),
        (
            {"mail_bounced_at": NOON},
            "bounced",
            "correct",
            " Ada@Two.example ",
            "The address of Ada is ada@two.example now.",
            {"email": "ada@two.example", "mail_bounced_at": None},
        ),
        (
            {"mail_bounced_at": NOON},
            "bounced",
            "right",
            "",
            "Emails to Ada are sent again.",
            {"email": "ada@one.example", "mail_bounced_at": None},
        ),
        (
            {"missing_since": NOON},
            "missing",
            "keep",
            "",
            "Ada stays registered, whatever the next export says.",
            {"missing_since": None, "withdrawn_at": None},
        ),
        (
            {"missing_since": NOON},
            "missing",
            "withdraw",
            "",
            "Ada has withdrawn.",
            {"withdrawn_why": "No longer registered"},
        ),
    ],
)
def test_a_case_is_settled_once(program, about, kind, choice, value, said, row):
    person = ParticipantFactory(program=program, name="Ada", email="ada@one.example", **about)

    assert settle(program, kind, person.pk, choice, value) == said
    assert list(Participant.objects.values(*row)) == [row]
    assert waiting(program) == []
    with pytest.raises(ValidationError, match=GONE):
        settle(program, kind, person.pk, choice, value)


@pytest.mark.parametrize(
    ("field", "choice", "value", "said", "row"),
    [
        ("role", "mentee", "", "The role of Ada is mentee now.", {"role": "mentee"}),
        (
            "attendance",
            "virtual",
            "",
            "The attendance of Ada is virtual now.",
            {"attendance": "virtual"},
        ),
        ("capacity", "save", "two", "The capacity of Ada is 2 now.", {"capacity": 2}),
        ("capacity", "leave", "", "Left as it is for Ada: capacity.", {"capacity": 1}),
        (
            "career stage",
            "mid",
            "",
            "The career stage of Ada is mid career now.",
            {"career_stage": "mid"},
        ),
        (
            "time zone",
            "save",
            "Europe/Berlin",
            "The time zone of Ada is Europe/Berlin now.",
            {"time_zone": "Europe/Berlin"},
        ),
        ("fields", "leave", "", "Left as it is for Ada: fields.", {"email": "ada@one.example"}),
    ],
)
def test_what_was_not_read_is_settled(program, field, choice, value, said, row):
    person = ParticipantFactory(program=program, name="Ada", email="ada@one.example", capacity=1)
    answer = SurveyResponseFactory(participant=person, doubts=[{"field": field, "value": "?"}])
    key = f"{answer.pk}-{field.replace(' ', '-')}"

    assert settle(program, "response", key, choice, value) == said
    assert list(Participant.objects.values(*row)) == [row]
    assert waiting(program) == []
    with pytest.raises(ValidationError, match=GONE):
        settle(program, "response", key, choice, value)


def test_nothing_is_settled_by_what_cannot_be(program):
    person = ParticipantFactory(
        program=program,
        name="Ada",
        email="ada@one.example",
        survey_role="mentee",
        mail_bounced_at=NOON,
        missing_since=NOON,
    )
    answer = SurveyResponseFactory(
        participant=person, doubts=[{"field": "capacity", "value": "many"}]
    )
    mail = EmailLogFactory(program=program, state=EmailLog.State.UNCERTAIN)
    other = ParticipantFactory(survey_role="mentee")
    before = waiting(program)
    refused = [
        ("role", person.pk, "chair", "", "Choose one of the buttons."),
        ("role", other.pk, "mentor", "", GONE),
        ("role", "9" * 40, "mentor", "", GONE),
        ("role", "me", "mentor", "", GONE),
        ("bounced", person.pk, "correct", "ada@", "Enter a valid email address."),
        (
            "bounced",
            person.pk,
            "correct",
            "Ada@one.example",
            "ada@one.example is the address that bounced. Correct it, or say that it is right.",
        ),
        ("bounced", person.pk, "", "", "Choose one of the buttons."),
        ("missing", person.pk, "delete", "", "Choose one of the buttons."),
        ("response", f"{answer.pk}-capacity", "save", "heaps", "“heaps” is no capacity for Ada."),
        ("response", f"{answer.pk}-capacity", "mentor", "", "Choose one of the buttons."),
        ("response", f"{answer.pk}-role", "mentor", "", GONE),
        ("uncertain", mail.pk, "send_again", "", "Choose one of the buttons."),
        ("uncertain", "x", "was_sent", "", GONE),
        ("failed", mail.pk, "was_sent", "", "There is nothing to decide here."),
        ("nothing", 1, "x", "", "There is nothing to decide here."),
    ]

    for kind, key, choice, value, why in refused:
        with pytest.raises(ValidationError) as error:
            settle(program, kind, key, choice, value)
        assert error.value.messages[0].startswith(why), (kind, key, choice)
    assert waiting(program) == before


def test_a_draft_that_has_lost_somebody_is_dissolved(program):
    ada, bo, cy = (ParticipantFactory(program=program, name=name) for name in ("Ada", "Bo", "Cy"))
    mentees = [
        ParticipantFactory(program=program, name=name, mentee=True) for name in ("Di", "Eve", "Flo")
    ]
    left, _, turned = (
        MatchFactory(program=program, mentor=mentor, mentee=mentee)
        for mentor, mentee in zip((ada, bo, cy), mentees, strict=True)
    )
    assert waiting(program) == []
    Participant.objects.filter(name="Di").update(withdrawn_at=NOON)
    Participant.objects.filter(name="Flo").update(decided_role="mentor")

    assert waiting(program) == [
        (
            "broken_drafts",
            "2 drafts have lost one of their people",
            [
                (
                    str(left.pk),
                    "Ada & Di",
                    "Di is no longer taking part. They will not be introduced.",
                    "",
                    "dissolve",
                ),
                (
                    str(turned.pk),
                    "Cy & Flo",
                    "Flo is a mentor. They will not be introduced.",
                    "",
                    "dissolve",
                ),
            ],
        )
    ]
    said = settle(program, "broken_drafts", left.pk, "dissolve")
    left.refresh_from_db()
    assert (said, left.status, left.dissolved_why) == (
        "The draft of Ada & Di is dissolved. “Undo” on the board restores it.",
        "dissolved",
        "Di is no longer taking part",
    )
    with pytest.raises(ValidationError, match=GONE):
        settle(program, "broken_drafts", left.pk, "dissolve")


def test_an_uncertain_email_arrived(program):
    mail = EmailLogFactory(program=program, state=EmailLog.State.UNCERTAIN)

    said = settle(program, "uncertain", mail.pk, "was_sent")

    assert said == f"The email to {mail.recipients[0]} counts as sent."
    mail.refresh_from_db()
    assert mail.state == EmailLog.State.SENT


class TestPage:
    @pytest.fixture
    def person(self, client, program):
        user = MembershipFactory(program=program).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return ParticipantFactory(program=program, name="Ada", survey_role="mentee")

    def post(self, client, person, choice="mentor", **headers):
        path = reverse("settle_decision", args=["role", str(person.pk)])
        return client.post(path, {"choice": choice}, **headers)

    def test_without_script_it_leads_back_and_says_what_was_done(self, client, person):
        page = client.get(reverse("admin:index"))
        assert f'action="{reverse("settle_decision", args=["role", str(person.pk)])}"' in (
            page.content.decode()
        )

        back = self.post(client, person)

        assert (back.status_code, back.url) == (302, reverse("admin:index"))
        page = client.get(back.url)
        assert [str(message) for message in page.context["messages"]] == ["Ada is a mentor."]
        assert page.context["decisions"] == []

    def test_with_htmx_the_dashboard_comes_back_changed(self, client, person):
        body = self.post(client, person, headers={"HX-Request": "true"}).content.decode()

        assert body.startswith('<div id="dashboard"')
        assert 'role="status" tabindex="-1" autofocus>Ada is a mentor.</p>' in body
        assert "Nothing waits for you." in body

    @pytest.mark.parametrize("choice", ["", "not a slug", "x" * 41])
    def test_a_broken_choice_changes_nothing(self, client, person, choice):
        self.post(client, person, choice)

        person.refresh_from_db()
        assert person.decided_role == ""

    def test_who_is_not_on_the_committee_decides_nothing(self, client, person):
        user = MembershipFactory().user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        back = self.post(client, person)

        assert [str(m) for m in client.get(back.url).context["messages"]] == [GONE]
        person.refresh_from_db()
        assert person.decided_role == ""
