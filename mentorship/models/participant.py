"""One person in one program, and what is known of them."""

from __future__ import annotations

import secrets
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Cast
from django.urls import reverse
from simple_history.models import HistoricalRecords

from mentorship.models.address import AddressField
from mentorship.models.cleaning import clean
from mentorship.models.program import Field, Program, Sector, validate_time_zone


class Role(models.TextChoices):
    MENTOR = "mentor"
    MENTEE = "mentee"


class Attendance(models.TextChoices):
    IN_PERSON = "in_person", "in person"
    VIRTUAL = "virtual"


class OtherRole(models.TextChoices):
    """Whether a person could also take the role that is not theirs; blank is no."""

    IF_SHORT = "if_short", "if the program is short of them"
    EITHER = "either", "either is fine"


class CareerStage(models.TextChoices):
    STUDENT = "student", "Student"
    EARLY = "early", "Early career"
    MID = "mid", "Mid career"
    SENIOR = "senior", "Senior"


class Source(models.TextChoices):
    """Where a detail of a person came from."""

    SIGNUP = "signup", "sign-up"
    SURVEY = "survey"
    RESEARCH = "research"
    COMMITTEE = "committee"


# The details whose source is kept in Participant.detail_sources.
DETAILS = (
    "name",
    "short_name",
    "affiliation",
    "sector",
    "career_stage",
    "fields",
    "topics_wanted",
    "topics_offered",
    "notes",
    "capacity",
    "time_zone",
)
# No email is ever delivered to .invalid (RFC 2606).
ANONYMISED_DOMAIN = "anonymised.invalid"
# The key in detail_sources of who said that a person is out; a response can end only its own word.
WITHDRAWN = "withdrawn"


def anonymised_address(pk: int) -> str:
    """Return the address in the row of somebody whose data was deleted."""
    return f"participant-{pk}@{ANONYMISED_DOMAIN}"


def normalise_address(text: str) -> str:
    """Return an email address as the program compares it: trimmed and case-folded."""
    return unicodedata.normalize("NFC", clean(text)).casefold()


def normalise_name(text: str) -> str:
    """Return a name in composed Unicode (NFC) with single spaces between its parts."""
    return " ".join(unicodedata.normalize("NFC", clean(text)).split())


def new_link_key() -> str:
    """Return a fresh secret for a personal link: 192 bits, safe in a URL."""
    return secrets.token_urlsafe(24)


def _has_answered() -> Exists:
    """Return the SQL for "has answered the survey", without reading each person's answers."""
    responses = Participant.responses.rel.related_model.objects  # type: ignore[attr-defined]
    return Exists(responses.filter(participant=OuterRef("pk")))


def _first_known(*columns: str) -> Case:
    """Return the SQL for the first of these columns that is not empty."""
    return Case(
        *(When(~Q(**{column: ""}), then=F(column)) for column in columns[:-1]),
        default=F(columns[-1]),
        output_field=models.CharField(max_length=10),
    )


class PersonErased(ValidationError):
    """What was stored about a person was deleted, perhaps just now."""


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def taking_part(self) -> ParticipantQuerySet:
        """Return those who have not withdrawn."""
        return self.filter(withdrawn_at=None)

    def mentors(self) -> ParticipantQuerySet:
        return self.filter(role=Role.MENTOR)

    def mentees(self) -> ParticipantQuerySet:
        return self.filter(role=Role.MENTEE)

    def with_role_in_doubt(self) -> ParticipantQuerySet:
        """Return the people whose role is unclear and not decided.

        A response against a decision makes it unclear again: the decision stands, but may be
        outdated.
        """
        changed_answer = ~Q(survey_role="") & ~Q(survey_role=F("signup_role"))
        changed_ticket = ~Q(previous_signup_role="") & ~Q(previous_signup_role=F("signup_role"))
        # Of somebody to whom either role is welcome, no word contradicts another.
        unsure = Q(other_role=None) | ~Q(other_role=OtherRole.EITHER)
        open_doubt = (changed_answer | changed_ticket) & Q(decided_role="") & unsure
        open_doubt &= Q(confirmed_role=None) | ~Q(confirmed_role=F("role"))
        answered_back = Q(role_contradicted_at__isnull=False)
        return self.taking_part().filter(open_doubt | answered_back)

    def answered(self) -> ParticipantQuerySet:
        """Return those who have answered the survey, at whichever time."""
        return self.filter(_has_answered())

    def not_answered(self) -> ParticipantQuerySet:
        """Return the people who take part and have not answered."""
        return self.taking_part().filter(~_has_answered())

    def researched(self) -> ParticipantQuerySet:
        """Return the people with at least one detail from research."""
        # As text, since SQLite cannot look into the values of a JSON object.
        return self.alias(sources=Cast("detail_sources", models.TextField())).filter(
            sources__contains=f'"{Source.RESEARCH}"'
        )

    def left_to_research(self) -> ParticipantQuerySet:
        """Return the people that are still unknown: not answered and not looked up."""
        left = self.not_answered().exclude(pk__in=Participant.objects.researched().values("pk"))
        return left.exclude(research_turn__outcome="nothing")

    def without_a_ticket(self) -> ParticipantQuerySet:
        """Return those who signed up on the public page and are in no ticket export yet."""
        return self.taking_part().filter(
            signed_up_openly_at__isnull=False, ticket="", order_number="", registered_at=None
        )

    def not_in_signups(self) -> ParticipantQuerySet:
        """Return the people who are no longer registered, with no decision made."""
        return self.taking_part().filter(missing_since__isnull=False)


class Participant(models.Model):
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="participants")
    email = AddressField("email address", max_length=254)
    name = models.CharField(max_length=200)
    short_name = models.CharField(
        "goes by", max_length=100, blank=True, help_text="First name or nickname, as emails use it"
    )

    signup_role = models.CharField("role at sign-up", max_length=10, choices=Role, blank=True)
    previous_signup_role = models.CharField(max_length=10, choices=Role, blank=True, editable=False)
    survey_role = models.CharField("role in the survey", max_length=10, choices=Role, blank=True)
    decided_role = models.CharField("role decided", max_length=10, choices=Role, blank=True)
    role = models.GeneratedField(
        expression=_first_known("decided_role", "survey_role", "signup_role"),
        output_field=models.CharField(max_length=10, choices=Role),
        db_persist=True,
    )

    # Null is no: SQLite adds such a column without making a new table of all people.
    other_role = models.CharField(  # noqa: DJ001
        "could take the other role",
        max_length=10,
        choices=OtherRole,
        null=True,
        blank=True,
        editable=False,
    )
    # The role that this person chose when asked which one is right.
    confirmed_role = models.CharField(  # noqa: DJ001
        max_length=10, choices=Role, null=True, blank=True, editable=False
    )
    # Set by a response that contradicts the role decided before it, until that is decided anew.
    role_contradicted_at = models.DateTimeField(null=True, blank=True, editable=False)

    signup_attendance = models.CharField(
        "attendance on the ticket", max_length=10, choices=Attendance, blank=True
    )
    survey_attendance = models.CharField(
        "attendance in the survey", max_length=10, choices=Attendance, blank=True
    )
    decided_attendance = models.CharField(
        "attendance decided", max_length=10, choices=Attendance, blank=True
    )
    attendance = models.GeneratedField(
        expression=_first_known("decided_attendance", "survey_attendance", "signup_attendance"),
        output_field=models.CharField(max_length=10, choices=Attendance),
        db_persist=True,
    )

    affiliation = models.CharField(max_length=200, blank=True)
    sector = models.ForeignKey(Sector, null=True, blank=True, on_delete=models.SET_NULL)
    career_stage = models.CharField(max_length=10, choices=CareerStage, blank=True)
    fields = models.ManyToManyField(Field, blank=True, related_name="participants")
    topics_wanted = models.TextField(blank=True, help_text="What a mentee wants to talk about")
    topics_offered = models.TextField(blank=True, help_text="What a mentor can talk about")
    notes = models.TextField(blank=True)
    capacity = models.PositiveSmallIntegerField(
        default=1, help_text="The most mentees this mentor takes. 0 means not taking mentees."
    )
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])
    detail_sources = models.JSONField(default=dict, blank=True, editable=False)
    committee_notes = models.TextField(blank=True, help_text="Only the committee sees this")

    # They signed up on the program's public page; the ticket shop may know them later.
    signed_up_openly_at = models.DateTimeField(null=True, blank=True, editable=False)
    ticket = models.CharField(max_length=120, blank=True)
    order_number = models.CharField(max_length=60, blank=True)
    registered_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(
        "no longer registered since", null=True, blank=True, editable=False
    )
    # The committee has ruled that this person takes part although an export no longer has them.
    kept_registered_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=200, blank=True)
    mail_bounced_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Null, so that SQLite adds the column without making a new table of all people.
    mail_bounced_why = models.CharField(  # noqa: DJ001
        max_length=500, null=True, blank=True, editable=False
    )
    unsubscribed_at = models.DateTimeField(
        "no reminders since", null=True, blank=True, editable=False
    )

    link_key = models.CharField(max_length=64, unique=True, default=new_link_key, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(excluded_fields=["role", "attendance", "link_key"])
    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "email"],
                name="one_participant_an_address",
                violation_error_message="This email address is already in the program.",
            ),
            # What a match refers to when the database checks that both people are of its program.
            models.UniqueConstraint(fields=["id", "program"], name="participant_of_program"),
            models.CheckConstraint(condition=Q(capacity__gte=0), name="capacity_not_negative"),
            models.CheckConstraint(
                condition=~Q(signup_role="") | ~Q(survey_role="") | ~Q(decided_role=""),
                name="participant_has_a_role",
                violation_error_message="Say whether this person is a mentor or a mentee.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.normalise()
        super().save(*args, **kwargs)

    @property
    def personal_path(self) -> str:
        """The path of this person's own page, which needs no account.

        Not `get_absolute_url`: Django's admin redirects to that from any id, for any member.
        """
        return reverse("intake", args=[self.link_key])

    @property
    def answers_path(self) -> str:
        """The path of this person's questions, which the personal path opens only for a while."""
        return reverse("intake_form", args=[self.link_key])

    def normalise(self) -> None:
        """Bring address and name into the one form in which they are compared."""
        self.email = normalise_address(self.email)
        self.name = normalise_name(self.name)

    def clean_fields(self, exclude: Any = None) -> None:
        self.normalise()
        super().clean_fields(exclude=exclude)

    def clean(self) -> None:
        super().clean()
        if self.sector and self.sector.program_id != self.program_id:
            raise ValidationError({"sector": "This sector belongs to another program."})

    @property
    def role_doubt(self) -> str:
        """Why the role is unclear, in words; "" for people not in `with_role_in_doubt`."""
        if not self.takes_part:
            return ""
        if self.role_contradicted_at:
            return f"decided as {self.decided_role}, has answered as {self.survey_role} since"
        if self.decided_role or self.other_role == OtherRole.EITHER:
            return ""
        if self.confirmed_role == self.role:
            return ""
        if self.survey_role and self.survey_role != self.signup_role:
            signed_up = f"as {self.signup_role}" if self.signup_role else "without a role"
            return f"signed up {signed_up}, answered as {self.survey_role}"
        if self.previous_signup_role and self.previous_signup_role != self.signup_role:
            return f"signed up as {self.signup_role}, before that as {self.previous_signup_role}"
        return ""

    @property
    def attendance_words(self) -> str:
        """How this person attends, in words; "" if unknown."""
        return str(Attendance(self.attendance).label).lower() if self.attendance else ""

    @property
    def is_virtual(self) -> bool:
        return bool(self.attendance == Attendance.VIRTUAL)

    @property
    def is_anonymised(self) -> bool:
        """Whether nothing says any more who this was: the row only counts."""
        return bool(self.email == anonymised_address(self.pk))

    @property
    def takes_part(self) -> bool:
        return self.withdrawn_at is None
