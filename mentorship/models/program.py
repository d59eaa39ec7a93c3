"""One conference edition: its dates, its committee and its lists of words."""

from __future__ import annotations

import calendar
import zoneinfo
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from mentorship.models.colors import validate_color
from mentorship.models.priorities import Priority
from mentorship.models.region import Formats, Region

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

# Providers at which anybody can have a mailbox: a shared domain says nothing about an employer.
FREE_MAIL_DOMAINS = [
    "aol.com", "fastmail.com", "gmail.com", "gmx.de", "gmx.net",
    "googlemail.com", "hey.com", "hotmail.com", "icloud.com", "live.com", "mac.com",
    "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com", "pm.me", "posteo.de",
    "proton.me", "protonmail.com", "qq.com", "tutanota.com", "web.de", "yahoo.com",
    "yandex.ru", "ymail.com", "zoho.com", "163.com", "126.com",
]  # fmt: skip
AFFINITY_WEIGHTS = {
    "sector": 15, "interests": 35, "hopes": 30, "seniority": 10, "hours": 10,
    "questions": 10, "wish": 20, "meaning": 35,
}  # fmt: skip


def free_mail_domains() -> list[str]:
    """Return a new program's free email domains, which do not tell an employer."""
    return list(FREE_MAIL_DOMAINS)


def priorities() -> list[str]:
    """Return a new program's matching priorities, first things first."""
    return list(Priority.values)


def affinity_weights() -> dict[str, int]:
    """Return a new program's weight for each part of affinity."""
    return dict(AFFINITY_WEIGHTS)


@cache
def _time_zones() -> set[str]:
    """Return the names of the IANA database; to list them takes as long as a page."""
    return zoneinfo.available_timezones()


def validate_year(day: date) -> None:
    """Refuse a slip of the keyboard, such as the year 0027: schedules count from these days."""
    if not 2000 <= day.year < 2200:
        raise ValidationError(f"The year {day.year:04} is not one between 2000 and 2199.")


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone of the IANA database."""
    if name not in _time_zones():
        raise ValidationError(
            "“%(name)s” is not a time zone. Use a name such as America/Los_Angeles.",
            params={"name": name},
        )


def validate_priorities(order: list[str]) -> None:
    """Raise ValidationError unless `order` has each priority once."""
    if sorted(order) != sorted(Priority.values):
        raise ValidationError(f"Name each of these once: {', '.join(Priority.values)}.")


class ProgramAnonymised(ValidationError):
    """The people of a program were anonymized, perhaps just now."""


class ProgramQuerySet(models.QuerySet["Program"]):
    def of(self, user: User | AnonymousUser) -> ProgramQuerySet:
        """Return the programs that this user may look at (every one for a superuser)."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self if user.is_superuser else self.filter(memberships__user=user)

    def run_by(self, user: User | AnonymousUser) -> ProgramQuerySet:
        """Return the programs that this user works on: those where they are more than a reader."""
        read = Membership.objects.filter(user=user.pk, level=Membership.Level.READER)
        programs = self.of(user)
        return programs if user.is_superuser else programs.exclude(memberships__in=read)

    def chaired_by(self, user: User | AnonymousUser) -> ProgramQuerySet:
        """Return the programs that this user is a chair of (every one for a superuser)."""
        chairs = Membership.objects.filter(user=user.pk, level=Membership.Level.CHAIR)
        programs = self.of(user)
        return programs if user.is_superuser else programs.filter(memberships__in=chairs)

    def locked(self, pk: int) -> Program:
        """Return the program with this key, its row locked until the transaction ends.

        Everything that decides on a whole program (its matches, its email, its imports) takes this
        lock first, so that two such decisions never see half of each other. Readers do not wait.
        """
        return self.select_for_update(no_key=True).get(pk=pk)

    def alone(self, pk: int) -> Program:
        """Return the program with this key, with everyone else shut out until the transaction ends.

        Unlike with `locked`, nobody can write anything about its people meanwhile, since each new
        row refers to the program and everything else is under `in_use`.
        """
        return self.select_for_update().get(pk=pk)

    def in_use(self, pk: int) -> None:
        """Keep this program from being anonymized until the transaction ends.

        Any number of transactions may do so at once. Raise ProgramAnonymised if the program is
        anonymized by now: what was read of its people before may be blank since.
        """
        # The weakest lock there is, for which Django has no word. It gives the row as it is then.
        lock = "FOR KEY SHARE" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            wanted = "SELECT name, anonymised_at FROM mentorship_program WHERE id = %s"
            cursor.execute(f"{wanted} {lock}", [pk])
            row = cursor.fetchone()
        if row and row[1]:
            raise ProgramAnonymised(
                f"{row[0]} is anonymized: nothing about people can be added or changed any more."
            )


_ON_ONE_LINE = ("name", "place", "committee_name", "committee_people", "call_service_name")


class Program(models.Model):
    name = models.CharField(max_length=120, help_text="As people know it: SciPy 2027")
    slug = models.SlugField(unique=True, help_text="Short name for links and commands")
    starts_on = models.DateField("first day", validators=[validate_year])
    ends_on = models.DateField("last day", validators=[validate_year])
    place = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    region = models.CharField(
        "language and region",
        max_length=10,
        choices=Region,
        default=Region.EN_US,
        help_text="How pages, emails and files write dates and times",
    )
    survey_opens_on = models.DateField(
        "survey goes out", null=True, blank=True, validators=[validate_year]
    )
    survey_closes_on = models.DateField(
        "responses due", null=True, blank=True, validators=[validate_year]
    )
    announce_on = models.DateField(
        "matches announced", null=True, blank=True, validators=[validate_year]
    )
    contact_by = models.DateField(
        "get in touch by",
        null=True,
        blank=True,
        validators=[validate_year],
        help_text="People who have not heard from their match by this day write to the committee.",
    )
    committee_name = models.CharField(
        max_length=120, blank=True, help_text="Signs every email: SciPy 2027 Activities Committee"
    )
    committee_people = models.CharField(
        max_length=255, blank=True, help_text="First names under the signature"
    )
    contact_email = models.EmailField("contact email", blank=True)
    accepts_late_answers = models.BooleanField(
        "accept late responses",
        default=True,
        help_text="After the day on which responses are due. The form says which it is.",
    )
    color = models.CharField(
        max_length=7,
        blank=True,
        validators=[validate_color],
        help_text="Of links and buttons on the public pages, such as #0b5c86",
    )
    privacy_notice = models.TextField(
        blank=True,
        max_length=10_000,
        help_text="What happens to people’s data, in your words. Every public page links to it.",
    )
    kept_months = models.PositiveSmallIntegerField(
        "months until anonymized",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="How long after the last day people’s data is kept. The pages say so, and the "
        "dashboard reminds you. Chairs get an email 14 and 3 days before.",
    )
    anonymises_itself = models.BooleanField(
        "anonymize automatically",
        default=False,
        help_text="When that time is over, without anyone pressing a button. It cannot be undone.",
    )
    code_of_conduct_url = models.URLField(
        "code of conduct", blank=True, help_text="Pages and emails link to it once it is filled in."
    )
    call_service_name = models.CharField(max_length=60, default="Jitsi")
    call_service_url = models.URLField("link of the call service", default="https://meet.jit.si/")
    meeting_places = models.TextField(
        "where and when to meet",
        blank=True,
        max_length=1000,
        help_text="Shown to matches who are both there in person, one place a line: "
        "Mentoring table in the lobby, every day from 12:30 to 13:30",
    )
    feedback_weeks = models.PositiveSmallIntegerField(
        "weeks for feedback",
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(26)],
        help_text="For so many weeks after the last day, personal links ask how it was.",
    )
    free_mail_domains = models.JSONField(
        default=free_mail_domains,
        blank=True,
        help_text="Email domains that do not tell an employer",
    )
    matching_priorities = models.JSONField(default=priorities, validators=[validate_priorities])
    affinity_weights = models.JSONField(default=affinity_weights)
    affinity_floor = models.PositiveSmallIntegerField(
        "minimum affinity",
        default=250,
        validators=[MaxValueValidator(1000)],
        help_text="A pair below this affinity (0 to 1000) is a low-affinity pair.",
    )
    one_mail_a_mentor = models.BooleanField(
        "one match email per mentor",
        default=False,
        help_text="A mentor with two or more mentees gets one email that names them all, and each "
        "mentee gets their own. Otherwise each pair gets one email together.",
    )
    mentors_first = models.BooleanField(
        "mentors asked first",
        default=False,
        help_text="Each mentor accepts or declines by email before a match can be announced.",
    )
    mentor_days = models.PositiveSmallIntegerField(
        "days to answer",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="How long a mentor who is asked first has to answer. One reminder goes out a day "
        "before.",
    )
    open_signup = models.BooleanField(
        "open sign-up",
        default=False,
        help_text="A public page on which people sign up who missed the question in the ticket "
        "shop. They confirm their email address first.",
    )
    mails_per_minute = models.PositiveSmallIntegerField(
        "emails per minute",
        default=30,
        help_text="What your email provider allows. 0 means no limit.",
    )
    mails_per_day = models.PositiveIntegerField(
        "emails per day",
        default=400,
        help_text="In any 24 hours. A free Google mailbox allows 500. 0 means no limit.",
    )
    import_columns = models.JSONField(default=dict, blank=True, editable=False)
    # Made by `load_demo`: `serve` may print its sign-ins, and its people are invented.
    is_demo = models.BooleanField(default=False, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    restored_to = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the backup was made that the site was restored from; no email leaves until "
        "somebody has looked at the outbox",
    )
    copied_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="copies",
        editable=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="programs"
    )

    history = HistoricalRecords()
    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="program_starts_before_it_ends",
                violation_error_message="The last day is before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(affinity_floor__lte=1000), name="program_affinity_floor_range"
            ),
            models.CheckConstraint(
                condition=Q(anonymises_itself=False) | Q(kept_months__isnull=False),
                name="program_anonymises_itself_at_a_time",
                violation_error_message="Say first how many months people’s data is kept.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def clean(self) -> None:
        """Put on one line what stands in subjects and senders of emails."""
        for name in _ON_ONE_LINE:
            setattr(self, name, " ".join(str(getattr(self, name)).split()))

    @property
    def signature(self) -> str:
        """The committee as it signs its emails."""
        return self.committee_name or f"{self.name} mentorship committee"

    @property
    def kept_until(self) -> date | None:
        """The last day on which people's data is kept; None if the program does not say."""
        if not self.kept_months:
            return None
        years, month = divmod(self.ends_on.month - 1 + self.kept_months, 12)
        year, month = self.ends_on.year + years, month + 1
        return date(year, month, min(self.ends_on.day, calendar.monthrange(year, month)[1]))

    @property
    def feedback_until(self) -> date:
        """The last day on which people are asked how it was."""
        return self.ends_on + timedelta(weeks=self.feedback_weeks)

    def ahead(self, day: date | None) -> date | None:
        """Return this day, None once it has passed on the program's own clock."""
        return day if day and day >= self.local(timezone.now()).date() else None

    def local(self, moment: datetime) -> datetime:
        """Return this moment on the program's own clock."""
        return moment.astimezone(self.zone)

    def is_over(self, moment: datetime) -> bool:
        """Return whether the last day has passed at this moment, on the program's own clock."""
        return self.local(moment).date() > self.ends_on

    @property
    def formats(self) -> Formats:
        """How this program writes dates and times: in its region, on its clock."""
        return Formats(self.region, self.zone)

    def moment(self, moment: datetime | None) -> str:
        """Return this moment on the program's own clock as text with its zone; "" for None."""
        return f"{self.local(moment):%Y-%m-%d %H:%M %Z}" if moment else ""


class TaxonomyRow(models.Model):
    """A word of a program's list, in the list's own order."""

    name = models.CharField(max_length=80)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class Field(TaxonomyRow):
    """An area of expertise."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="fields")
    is_other = models.BooleanField(
        "means other or unknown", default=False, help_text="People whose field is unknown go here."
    )

    class Meta(TaxonomyRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="field_name_once_a_program"),
            models.UniqueConstraint(
                fields=["program"], condition=Q(is_other=True), name="one_other_field_a_program"
            ),
        ]


class Sector(TaxonomyRow):
    """A kind of employment."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="sectors")
    is_other = models.BooleanField(
        "means other",
        default=False,
        help_text="Two people in it do not count as working in the same sector.",
    )

    class Meta(TaxonomyRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="sector_name_once_a_program"),
            models.UniqueConstraint(
                fields=["program"], condition=Q(is_other=True), name="one_other_sector_a_program"
            ),
        ]


class Membership(models.Model):
    """Who sits on a program's committee, and what they may do there.

    A reader sees the program and changes nothing, a member runs it, a chair also decides on its
    settings and its committee.
    """

    class Level(models.TextChoices):
        CHAIR = "chair"
        MEMBER = "member"
        READER = "reader"

    # Who works on the program, and does not only read it.
    WORKING = (Level.CHAIR, Level.MEMBER)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    level = models.CharField(max_length=10, choices=Level, default=Level.MEMBER)

    class Meta:
        verbose_name = "committee member"
        constraints = [
            models.UniqueConstraint(fields=["program", "user"], name="one_membership_a_program"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_level_display()})"
