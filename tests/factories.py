"""Rows for tests, as few as a test needs."""

import datetime

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone
from factory.django import DjangoModelFactory

from matching.models import (
    CheckIn,
    Concern,
    Feedback,
    KeepApart,
    Match,
    Meeting,
    PastPair,
    Proposal,
    ProposalRun,
)
from mentorship.domain.programs.create import create_program
from mentorship.domain.survey.answers import Answers, Submission
from mentorship.domain.survey.responses import record_all
from mentorship.models import (
    Attendance,
    Field,
    Import,
    ImportSource,
    Membership,
    Participant,
    Program,
    Question,
    Role,
    SourceRun,
    SurveyResponse,
)
from mentorship.models.importing import ValueMeaning
from mentorship.models.program import free_mail_domains
from notifications.models import EmailBatch, EmailLog, EmailTemplate, Kind, Schedule

# The conference that the pictures in the docs show, whenever they are taken.
YEAR = timezone.localdate().year + 1
NEXT_SUMMER = {
    "name": f"SciPy {YEAR}",
    "committee_name": f"SciPy {YEAR} Activities Committee",
    "starts_on": datetime.date(YEAR, 7, 12),
    "ends_on": datetime.date(YEAR, 7, 18),
}


class ProgramFactory(DjangoModelFactory):
    """A program with its fields and sectors, as `create_program` makes it.

    It is still to come on whatever day the tests run.
    """

    class Meta:
        model = Program

    slug = factory.Sequence(lambda n: f"conf{n}")
    name = factory.Sequence(lambda n: f"Conf {n}")
    starts_on = datetime.date(2083, 7, 12)
    ends_on = datetime.date(2083, 7, 18)
    time_zone = "America/Los_Angeles"
    contact_email = "mentors@conf.example"
    free_mail_domains = factory.LazyFunction(lambda: [*free_mail_domains(), "freemail.example"])

    @classmethod
    def _create(cls, model_class, **kwargs):
        return create_program(**kwargs)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    is_staff = True
    password = factory.django.Password("a long enough secret")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    program = factory.SubFactory(ProgramFactory)
    user = factory.SubFactory(UserFactory)


class ImportFactory(DjangoModelFactory):
    """An import of sign-ups that is done, and changed nothing."""

    class Meta:
        model = Import

    program = factory.SubFactory(ProgramFactory)
    kind = Import.Kind.SIGNUPS
    state = Import.State.DONE
    file_name = factory.Sequence(lambda n: f"people{n}.csv")
    imported_at = factory.LazyFunction(timezone.now)


class ImportSourceFactory(DjangoModelFactory):
    """A sheet that is followed."""

    class Meta:
        model = ImportSource

    program = factory.SubFactory(ProgramFactory)
    kind = ImportSource.Kind.SHEET
    address = "https://sheets.example/list.csv"


class PretixSourceFactory(ImportSourceFactory):
    """A shop that is connected, with no token that anybody could read."""

    kind = ImportSource.Kind.PRETIX
    address = "https://shop.example"
    organizer = "sci"
    event = "2027"
    question = 1


class SourceRunFactory(DjangoModelFactory):
    class Meta:
        model = SourceRun

    source = factory.SubFactory(ImportSourceFactory)
    began_at = ended_at = factory.LazyFunction(timezone.now)
    outcome = SourceRun.Outcome.NOTHING_NEW


class ValueMeaningFactory(DjangoModelFactory):
    class Meta:
        model = ValueMeaning

    program = factory.SubFactory(ProgramFactory)
    kind = "role"
    text = factory.Sequence(lambda n: f"somewhat {n}")
    shown = factory.Sequence(lambda n: f"Somewhat {n}")
    meaning = "mentor"


class ParticipantFactory(DjangoModelFactory):
    class Meta:
        model = Participant
        skip_postgeneration_save = True

    program = factory.SubFactory(ProgramFactory)
    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@freemail.example")
    signup_role = Role.MENTOR
    signup_attendance = Attendance.IN_PERSON

    class Params:
        mentee = factory.Trait(signup_role=Role.MENTEE)
        virtual = factory.Trait(signup_attendance=Attendance.VIRTUAL)

    @factory.post_generation
    def fields(self, create, names):
        """Field names of the person's program."""
        if names:
            self.fields.set(Field.objects.filter(program=self.program, name__in=names))


class SurveyResponseFactory(DjangoModelFactory):
    class Meta:
        model = SurveyResponse

    participant = factory.SubFactory(ParticipantFactory)
    submitted_at = factory.LazyFunction(lambda: datetime.datetime(2083, 6, 20, tzinfo=datetime.UTC))


class QuestionFactory(DjangoModelFactory):
    class Meta:
        model = Question

    program = factory.SubFactory(ProgramFactory)
    text = factory.Sequence(lambda n: f"Question {n}?")


class MatchFactory(DjangoModelFactory):
    class Meta:
        model = Match

    program = factory.SubFactory(ProgramFactory)
    mentor = factory.SubFactory(ParticipantFactory, program=factory.SelfAttribute("..program"))
    mentee = factory.SubFactory(
        ParticipantFactory, program=factory.SelfAttribute("..program"), mentee=True
    )


class KeepApartFactory(DjangoModelFactory):
    class Meta:
        model = KeepApart

    program = factory.SubFactory(ProgramFactory)
    first = factory.SubFactory(ParticipantFactory, program=factory.SelfAttribute("..program"))
    second = factory.SubFactory(
        ParticipantFactory, program=factory.SelfAttribute("..program"), mentee=True
    )


class PastPairFactory(DjangoModelFactory):
    class Meta:
        model = PastPair

    program = factory.SubFactory(ProgramFactory)
    first_email = factory.Sequence(lambda n: f"a{n}@freemail.example")
    second_email = factory.Sequence(lambda n: f"b{n}@freemail.example")
    came_from = "matched in Conf 2026"


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = Proposal

    program = factory.SubFactory(ProgramFactory)
    fingerprint = "0" * 64
    status = Proposal.Status.OPTIMAL
    mentors = 0
    mentees = 0
    seconds = 0.0


class ProposalRunFactory(DjangoModelFactory):
    """A run that nobody has taken yet."""

    class Meta:
        model = ProposalRun

    program = factory.SubFactory(ProgramFactory)
    asked_at = datetime.datetime(2083, 7, 8, 16, tzinfo=datetime.UTC)


class CheckInFactory(DjangoModelFactory):
    class Meta:
        model = CheckIn

    match = factory.SubFactory(MatchFactory)
    participant = factory.SelfAttribute("match.mentee")
    in_touch = True
    answered_at = datetime.datetime(2083, 7, 12, tzinfo=datetime.UTC)


class MeetingFactory(DjangoModelFactory):
    """An hour that the mentee proposes."""

    class Meta:
        model = Meeting

    match = factory.SubFactory(MatchFactory)
    starts_at = datetime.datetime(2083, 7, 13, 16, tzinfo=datetime.UTC)
    proposed_by = factory.SelfAttribute("match.mentee")
    proposed_at = datetime.datetime(2083, 7, 10, tzinfo=datetime.UTC)


class ConcernFactory(DjangoModelFactory):
    class Meta:
        model = Concern

    program = factory.SelfAttribute("participant.program")
    participant = factory.SubFactory(ParticipantFactory)
    kind = Concern.Kind.CANNOT_REACH


class FeedbackFactory(DjangoModelFactory):
    class Meta:
        model = Feedback

    program = factory.SelfAttribute("participant.program")
    participant = factory.SubFactory(ParticipantFactory)


class EmailTemplateFactory(DjangoModelFactory):
    class Meta:
        model = EmailTemplate

    program = factory.SubFactory(ProgramFactory)
    kind = Kind.SURVEY
    subject = "Hello"
    body = "Hello"


class EmailBatchFactory(DjangoModelFactory):
    class Meta:
        model = EmailBatch

    program = factory.SubFactory(ProgramFactory)
    kind = Kind.SURVEY
    leaves_at = datetime.datetime(2083, 6, 20, tzinfo=datetime.UTC)


class EmailLogFactory(DjangoModelFactory):
    class Meta:
        model = EmailLog

    program = factory.SubFactory(ProgramFactory)
    kind = Kind.SURVEY
    about = factory.Sequence(lambda n: -1 - n)  # nobody whom a test makes
    recipients = ["person@freemail.example"]
    subject = "Hello"
    text_body = "Hello"
    html_body = "<p>Hello</p>"
    not_before = datetime.datetime(2083, 6, 20, tzinfo=datetime.UTC)
    state = EmailLog.State.QUEUED
    claimed_at = factory.LazyAttribute(
        lambda mail: mail.not_before if mail.state in ("sending", "uncertain") else None
    )


class ScheduleFactory(DjangoModelFactory):
    """A schedule of reminders, paused, as a program has it without saying anything."""

    class Meta:
        model = Schedule

    program = factory.SubFactory(ProgramFactory)
    kind = Kind.REMINDER
    after_days = 5
    at_most = 2
    keeps_on = True


def record_response(person, answers: Answers, *, submitted_at, origin: str) -> SurveyResponse:
    """Record one response as the form or an import does; `person` is not refreshed."""
    sent = Submission(person, answers, submitted_at)
    [response] = record_all([sent], origin=origin).responses
    return response
