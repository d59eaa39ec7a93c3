"""What other mail servers report about sent emails, and how far the mailbox is read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from notifications.models.bounce_kinds import BOUNCED_KINDS, WHAT_TO_DO, BounceKind, unclear
from notifications.models.email import EmailLog


class BounceQuerySet(models.QuerySet["Bounce"]):
    def unclear(self) -> BounceQuerySet:
        """Return the bounces of which a person has to say whose address they are about."""
        return self.filter(unclear())


class Bounce(models.Model):
    """One report about one email and one address: it bounced, is late, or was marked as spam.

    `address` is the address that the email went to. It is empty if the report does not tell which;
    then a person settles it, or dismisses the report.
    """

    mail = models.ForeignKey(EmailLog, on_delete=models.CASCADE, related_name="bounces")
    address = models.CharField(
        max_length=254, blank=True, help_text="The recipient that it is about, if that is clear"
    )
    reported = models.CharField(max_length=254, help_text="The address that the report names")
    report = models.CharField(max_length=64, help_text="Tells one report from another")
    kind = models.CharField(max_length=20, choices=BounceKind)
    words = models.CharField(max_length=500, blank=True, help_text="The other server's words")
    received_at = models.DateTimeField(auto_now_add=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    sent_again_at = models.DateTimeField(
        null=True, blank=True, help_text="When the email was queued again for this address"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["mail", "reported", "report"], name="one_report_once"),
            models.CheckConstraint(
                condition=Q(dismissed_at=None) | Q(address=""), name="dismissed_is_about_nobody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address or self.reported}: {self.words}"

    @property
    def is_unclear(self) -> bool:
        """Whether a person has to say whose address it is about; see `unclear`."""
        return self.is_bounced and not self.address and self.dismissed_at is None

    @property
    def is_bounced(self) -> bool:
        """Whether the email came to nothing at this address."""
        return self.kind in BOUNCED_KINDS

    @property
    def what_to_do(self) -> str:
        """What a reader is told to do about it."""
        return WHAT_TO_DO[self.kind]


class ReadMailbox(models.Model):
    """A mailbox that bounces arrive in, and up to where it has been read."""

    name = models.CharField(max_length=400, unique=True, help_text="Server, user and folder")
    uid_validity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "read mailboxes"

    def __str__(self) -> str:
        return self.name
