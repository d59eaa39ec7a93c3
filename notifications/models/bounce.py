"""What other mail servers report about sent emails, and how far the mailbox is read."""

from __future__ import annotations

from django.db import models

from notifications.models.email import EmailLog


class Bounce(models.Model):
    """One report about one email and one address: it bounced, or is late."""

    mail = models.ForeignKey(EmailLog, on_delete=models.CASCADE, related_name="bounces")
    address = models.CharField(max_length=254, help_text="The recipient that it is about")
    report = models.CharField(max_length=64, help_text="Tells one report from another")
    is_permanent = models.BooleanField()
    words = models.CharField(max_length=500, blank=True, help_text="The other server's words")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["mail", "address", "report"], name="one_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.words}"


class ReadMailbox(models.Model):
    """A mailbox that bounces arrive in, and up to where it has been read."""

    name = models.CharField(max_length=400, unique=True, help_text="Server, user and folder")
    uid_validity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "read mailboxes"

    def __str__(self) -> str:
        return self.name
