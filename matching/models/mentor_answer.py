"""What mentors who are asked first said about a mentee."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from mentorship.models import Participant, Program


class MentorAnswer(models.Model):
    """One mentor who was asked about one mentee before their match is announced.

    It is about the two people, not about one match, so that it outlives drafts: who has declined
    is not proposed again, and who has accepted is not asked again.
    """

    class Answer(models.TextChoices):
        NONE = "", "not answered"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"
        OVERRIDDEN = "overridden", "not waited for"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="mentor_answers")
    mentor = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="answers_as_mentor"
    )
    mentee = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="mentors_asked_about"
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default=Answer.NONE)
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mentor", "mentee"], name="mentor_asked_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="mentor_answered_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} about {self.mentee}: {self.get_answer_display()}"
