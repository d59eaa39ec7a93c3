"""The kinds of emails, and the template of each."""

from django.db import models
from simple_history.models import HistoricalRecords

from mentorship.models import Program


class Kind(models.TextChoices):
    SURVEY = "survey", "Survey invitation"
    REMINDER = "reminder", "Survey reminder"
    ROLE = "role", "Role clarification"
    ASK_MENTOR = "ask_mentor", "Question to a mentor"
    ASK_MENTOR_AGAIN = "ask_mentor_again", "Reminder to a mentor"
    MATCH_IN_PERSON = "match_in_person", "Match, in person"
    MATCH_CALL = "match_call", "Match, with a call"
    MATCH_MENTOR = "match_mentor", "Match, mentor of two or more"
    MATCH_MENTEE = "match_mentee", "Match, mentee of a shared mentor"
    UNMATCHED_MENTOR = "unmatched_mentor", "Unmatched mentor"
    UNMATCHED_MENTEE = "unmatched_mentee", "Unmatched mentee"
    MATCH_CHANGED = "match_changed", "Match changed"
    MEETING = "meeting", "An hour to meet"
    CHECK_IN = "check_in", "Check-in"
    PROBLEM_RECEIVED = "problem_received", "Help request received"
    FEEDBACK = "feedback", "Feedback request"
    RECEIPT = "receipt", "Receipt for answers"
    LINK = "link", "Personal link"
    SIGNUP = "signup", "Confirmation of a sign-up"


# Both people of a pair in one email, in two variants.
PAIR_KINDS = (Kind.MATCH_IN_PERSON, Kind.MATCH_CALL)
# What introduces people to each other.
MATCH_KINDS = (*PAIR_KINDS, Kind.MATCH_MENTOR, Kind.MATCH_MENTEE)


class EmailTemplate(models.Model):
    """Markdown with placeholders; a program without a row of a kind uses the default."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="email_templates")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=200)
    body = models.TextField(help_text="Markdown, with placeholders such as {{ program.name }}")
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "email template"
        ordering = ["program", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["program", "kind"], name="one_template_a_kind"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
