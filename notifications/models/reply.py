"""What people answered to emails about their match or their help request."""

from __future__ import annotations

from django.db import models

from mentorship.models import Participant
from notifications.models.email import EmailLog


class EmailReply(models.Model):
    """One answer to one email, as it came to the mailbox that is read for bounces.

    `is_automatic`: a program wrote it, as while somebody is away.
    """

    mail = models.ForeignKey(EmailLog, on_delete=models.CASCADE, related_name="replies")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="email_replies"
    )
    subject = models.CharField(max_length=400, blank=True)
    text = models.TextField(blank=True)
    is_automatic = models.BooleanField(default=False)
    message = models.CharField(max_length=64, help_text="Tells one message from another")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "email replies"
        ordering = ["received_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["mail", "message"], name="one_reply_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.subject}"
