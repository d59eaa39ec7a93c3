"""The outbox: one row for each email, from queued to its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from matching.models import Concern, Match
from mentorship.models import Participant, Program
from notifications.models.schedule import ScheduleRun
from notifications.models.states import EmailState, can_go_again
from notifications.models.template import PAIR_KINDS, Kind

# The kind of an email that a committee member sends to themself, whichever template it shows.
TEST = "test"
# The kind of an email that reminds a chair of the day until which people's data is kept.
RETENTION = "retention"
# What goes to the committee: it is about nobody in the program.
TO_COMMITTEE = (TEST, RETENTION)
# Of these together a match has one email, for both people or for the mentee: which, may change.
_ONE_A_MATCH = (*PAIR_KINDS, Kind.MATCH_MENTEE)


class EmailBatch(models.Model):
    """Emails queued together, by one press of a button or by one run of a schedule."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="email_batches")
    kind = models.CharField(max_length=20)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    run = models.ForeignKey(
        ScheduleRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="batches"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    leaves_at = models.DateTimeField(help_text="Until then the whole batch can be undone.")
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "email batches"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind}, {self.program.formats.short_moment(self.created_at)}"


def _to_chairs_alone() -> Q:
    """Return what holds of an email to somebody who wrote to the chairs alone."""
    confidential = Concern.objects.filter(kind__in=Concern.CONFIDENTIAL).values("pk")
    return Q(kind=Kind.PROBLEM_RECEIVED, about__in=confidential)


class EmailLogQuerySet(models.QuerySet["EmailLog"]):
    def seen_by(self, *, chair: bool) -> EmailLogQuerySet:
        """Return those that a member may see: not who wrote to the chairs alone."""
        return self if chair else self.exclude(_to_chairs_alone())

    def for_chairs(self) -> EmailLogQuerySet:
        """Return those that only chairs may see."""
        return self.filter(_to_chairs_alone())

    def told(self) -> EmailLogQuerySet:
        """Return those that reached their people: not bounced, and not sent elsewhere instead.

        While everything goes to one address, a trial counts as if it had reached them.
        """
        there = self.filter(came_back_at=None)
        return there if settings.MAIL_REDIRECT_TO else there.filter(redirected_to="")

    def can_go_again(self) -> EmailLogQuerySet:
        """Return those that bounced and whose addresses have been corrected or found right."""
        return self.filter(can_go_again())

    def worth_sending_again(self) -> EmailLogQuerySet:
        """Return those that can go again and still have a reason, as far as their people tell."""
        out = Participant.objects.filter(emails=OuterRef("pk")).exclude(withdrawn_at=None)
        done = Participant.objects.filter(
            Q(unsubscribed_at__isnull=False) | Q(responses__isnull=False), emails=OuterRef("pk")
        )
        asks = Q(kind__in=[Kind.SURVEY, Kind.REMINDER])
        return self.can_go_again().exclude(Exists(out)).exclude(asks & Exists(done))

    def invitations(self) -> EmailLogQuerySet:
        """Return the invitations to the survey that reached their people or are going to."""
        gone = (EmailState.CANCELLED, EmailState.FAILED)
        sent = self.filter(kind=Kind.SURVEY, came_back_at=None)
        return sent.exclude(state__in=gone)

    def like(self, kind: str, about: Iterable[int]) -> EmailLogQuerySet:
        """Return the emails, as unique as `kind` is, about these; freed ones count no more."""
        return self.filter(kind__in=kinds_like(kind), about__in=about, freed=False)

    def like_around(self, kind: str, about: Sequence[int]) -> EmailLogQuerySet:
        """Return the same, and some about others between them; quicker where these are many."""
        return self.filter(kind__in=kinds_like(kind), about__range=around(about), freed=False)


def around(keys: Collection[int]) -> tuple[int, int]:
    """Return the lowest and the highest of these keys, to ask for all between them.

    With two numbers that is quicker than with thousands. The caller leaves out what is too much.
    """
    return min(keys, default=0), max(keys, default=0)


def kinds_like(kind: str) -> Sequence[str]:
    """Return the kinds of which there is one email together: a match has one variant."""
    return _ONE_A_MATCH if kind in _ONE_A_MATCH else (kind,)


class EmailLog(models.Model):
    """One email to one or two people. Subject and bodies are kept as they are sent.

    There is one of its kind about the same thing, told apart by `about`, `which` and `repeat`.
    """

    State = EmailState

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="emails")
    kind = models.CharField(
        max_length=20,
        choices=[
            *Kind.choices,
            (TEST, "Test email"),
            (RETENTION, "Reminder about people’s data"),
        ],
    )
    state = models.CharField(max_length=10, choices=EmailState, default=EmailState.QUEUED)
    about = models.BigIntegerField(
        default=0,
        help_text=(
            "Primary key of what its kind is about: the person, the match (the first of several), "
            "the help request, or the account that asked for a test"
        ),
    )
    which = models.CharField(
        max_length=200,
        blank=True,
        help_text=(
            "Which of its kind about the same: the number of a reminder, the two roles that "
            "contradict each other, or the person of a match"
        ),
    )
    repeat = models.PositiveSmallIntegerField(
        default=0, help_text="0 for the first email, 1 for the first time it was resent, …"
    )
    freed = models.BooleanField(
        default=False,
        help_text="Canceled because its reason was gone, so that another can take its place",
    )
    people = models.ManyToManyField(Participant, related_name="emails")
    match = models.ForeignKey(
        Match, null=True, blank=True, on_delete=models.SET_NULL, related_name="emails"
    )
    matches = models.ManyToManyField(
        Match,
        blank=True,
        related_name="mentor_emails",
        help_text="Those that an email to a mentor of several mentees introduces",
    )
    batch = models.ForeignKey(
        EmailBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="emails"
    )
    recipients = models.JSONField(help_text="Addresses, one or two")
    resend_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="resends"
    )
    resend_why = models.CharField("resent because", max_length=200, blank=True)
    subject = models.CharField(max_length=400)
    text_body = models.TextField()
    html_body = models.TextField()
    calendar = models.TextField(blank=True, help_text="The proposed meetings, as iCalendar")
    written_for = models.CharField(
        max_length=64, blank=True, help_text="Mark of what was true of its people when written"
    )
    reply_to = models.EmailField(blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    state_reason = models.TextField("why", blank=True)
    delivered_to = models.JSONField(default=list, blank=True)
    sent_to = models.JSONField(
        default=list,
        blank=True,
        help_text="Every address that a server took it for, also before it was sent again",
    )
    refusals = models.JSONField(
        default=dict,
        blank=True,
        help_text="What the server said of each address that it refused at the last try",
    )
    queued_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    redirected_to = models.EmailField(
        blank=True, help_text="Who got this email instead of its recipients"
    )
    came_back_at = models.DateTimeField(null=True, blank=True)

    objects = EmailLogQuerySet.as_manager()

    class Meta:
        verbose_name = "email"
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="sent_mail_has_its_time",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=8), name="at_most_eight_attempts"),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "uncertain"]) | Q(claimed_at__isnull=False),
                name="mail_on_its_way_was_claimed",
            ),
            models.UniqueConstraint(
                fields=["kind", "about", "which", "repeat"],
                condition=Q(freed=False) & ~Q(kind__in=[TEST, *_ONE_A_MATCH]),
                name="one_email_of_a_kind_about_the_same",
            ),
            models.UniqueConstraint(
                fields=["about", "repeat"],
                condition=Q(freed=False, kind__in=_ONE_A_MATCH),
                name="one_email_about_a_match",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "about"]),
            models.Index(fields=["state", "not_before"]),
            # What the limits count, before every email.
            models.Index(fields=["program", "claimed_at"]),
        ]

    def __str__(self) -> str:
        return self.subject
