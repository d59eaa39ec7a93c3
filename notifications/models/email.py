"""The outbox: one row a message, from queued to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from matching.models import Match
from mentorship.models import Participant, Program
from notifications.models.schedule import ScheduleRun
from notifications.models.template import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


# The kind of a mail that a committee member sends to themself, whichever text it shows.
TEST = "test"


def can_go_again() -> Q:
    """Return the condition: came back, and each of its addresses was corrected or found right."""
    bounced = Participant.objects.filter(emails=OuterRef("pk"), mail_bounced_at__isnull=False)
    return Q(~Exists(bounced), came_back_at__isnull=False)


class EmailBatch(models.Model):
    """Mails queued together, by one press of a button or by one run of a schedule."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="email_batches")
    kind = models.CharField(max_length=20)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    run = models.ForeignKey(
        ScheduleRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="batches"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    leaves_at = models.DateTimeField(help_text="Until then the whole batch can be taken back.")
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "email batches"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind}, {self.created_at:%d %b %Y %H:%M}"


class EmailLogQuerySet(models.QuerySet["EmailLog"]):
    def of(self, user: User | AnonymousUser) -> EmailLogQuerySet:
        """Give the mails of the programs that this user is a member of."""
        return self.filter(program__in=Program.objects.of(user))

    def told(self) -> EmailLogQuerySet:
        """Give those that came to their people: not back, and not to another address instead.

        While everything goes to one address, a trial counts as if it had come to them.
        """
        there = self.filter(came_back_at=None)
        return there if settings.MAIL_REDIRECT_TO else there.filter(redirected_to="")

    def invitations(self) -> EmailLogQuerySet:
        """Return the invitations to the survey that have left or are going to."""
        gone = (EmailLog.State.CANCELLED, EmailLog.State.FAILED)
        return self.filter(kind=Kind.SURVEY).exclude(state__in=gone)

    def can_go_again(self) -> EmailLogQuerySet:
        """Return those that came back and whose addresses are all corrected or found right."""
        return self.filter(can_go_again())


class EmailLog(models.Model):
    """One message to one or two people. Subject and bodies are kept as they are sent."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain"
        HELD = "held"
        CANCELLED = "cancelled"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="emails")
    kind = models.CharField(max_length=20, choices=[*Kind.choices, (TEST, "Test mail")])
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    dedupe_key = models.CharField(max_length=200, unique=True)
    people = models.ManyToManyField(Participant, related_name="emails")
    match = models.ForeignKey(
        Match, null=True, blank=True, on_delete=models.SET_NULL, related_name="emails"
    )
    matches = models.ManyToManyField(
        Match,
        blank=True,
        related_name="mentor_emails",
        help_text="Those that a mail to a mentor of several mentees introduces",
    )
    batch = models.ForeignKey(
        EmailBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="emails"
    )
    recipients = models.JSONField(help_text="Addresses, one or two")
    resend_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="resends"
    )
    resend_why = models.CharField("sent once more because", max_length=200, blank=True)
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
        blank=True, help_text="Who got this mail instead of its recipients"
    )
    came_back_at = models.DateTimeField(null=True, blank=True)

    objects = EmailLogQuerySet.as_manager()

    class Meta:
        verbose_name = "mail"
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
        ]
        indexes = [
            models.Index(fields=["state", "not_before"]),
            # What the limits count, before every mail.
            models.Index(fields=["program", "claimed_at"]),
        ]

    def __str__(self) -> str:
        return self.subject
