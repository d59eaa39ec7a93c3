"""One mentor and one mentee."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from mentorship.models import Attendance, Field, Participant, Program


class MatchQuerySet(models.QuerySet["Match"]):
    """Matches, by who may see them and by their status."""

    def live(self) -> MatchQuerySet:
        """Return drafts and announced matches."""
        return self.filter(status__in=Match.LIVE)

    def between(self, person: Participant, others: Iterable[Participant]) -> MatchQuerySet:
        """Return the matches of one person with any of these."""
        others = list(others)
        return self.filter(
            Q(mentor=person, mentee__in=others) | Q(mentee=person, mentor__in=others)
        )

    def fixed(self) -> MatchQuerySet:
        """Return those that no proposal changes: live ones that are locked or announced."""
        return self.live().filter(Q(locked=True) | Q(status=Match.Status.ANNOUNCED))

    def announced(self) -> MatchQuerySet:
        """Return those that are announced and not dissolved."""
        return self.filter(status=Match.Status.ANNOUNCED)

    def of_person(self, person: Participant) -> MatchQuerySet:
        """Return the matches of one person, in either role."""
        return self.filter(Q(mentor=person) | Q(mentee=person))

    def with_people(self) -> MatchQuerySet:
        """Return the same, with what a card shows fetched in a constant number of queries."""
        return self.select_related(
            "bin", "mentor__sector", "mentee__sector", "mentor__program", "mentee__program"
        ).prefetch_related("mentor__fields", "mentee__fields")


class Match(models.Model):
    """One mentor with one mentee: a draft, announced, or dissolved."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        ANNOUNCED = "announced"
        DISSOLVED = "dissolved"

    LIVE = (Status.DRAFT, Status.ANNOUNCED)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="matches")
    mentor = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="matches_as_mentor"
    )
    mentee = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="matches_as_mentee"
    )
    bin = models.ForeignKey(
        Field,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="matches",
        help_text="The field under which the board lists this pair",
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    locked = models.BooleanField(default=False, help_text="New proposals keep this pair.")
    affinity = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    affinity_parts = models.JSONField(default=dict, blank=True, editable=False)
    proposal = models.ForeignKey(
        "matching.Proposal",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="matches",
        editable=False,
    )
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    mentor_attending = models.CharField(
        max_length=10,
        choices=Attendance,
        blank=True,
        editable=False,
        help_text="How the mentor attended when the match was announced",
    )
    mentee_attending = models.CharField(
        max_length=10,
        choices=Attendance,
        blank=True,
        editable=False,
        help_text="How the mentee attended when the match was announced",
    )
    dissolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    dissolved_why = models.CharField(max_length=200, blank=True)
    # Null, so that SQLite adds the column without making a new table of all matches.
    note = models.CharField(  # noqa: DJ001
        max_length=300, null=True, blank=True, help_text="Only the committee sees this"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "matches"
        ordering = ["mentor__name", "mentee__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentee"],
                condition=Q(status__in=["draft", "announced"]),
                name="one_live_match_a_mentee",
                violation_error_message="This mentee already has a mentor.",
            ),
            models.CheckConstraint(
                condition=~Q(mentor=F("mentee")),
                name="nobody_mentors_themselves",
                violation_error_message="Mentor and mentee are the same person.",
            ),
        ]
        indexes = [models.Index(fields=["program", "status"])]

    def __str__(self) -> str:
        return f"{self.mentor} & {self.mentee}"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def is_fixed(self) -> bool:
        """Whether no proposal changes it, as `fixed()` of the table; for live matches."""
        return self.locked or self.status == self.Status.ANNOUNCED

    def partner_of(self, person: Participant) -> Participant:
        """Return the one of the two who is not `person`."""
        return self.mentee if self.mentor_id == person.pk else self.mentor

    @property
    def contact_words(self) -> str:
        """Whether the two have been in touch, as each of them said last; "" if nobody said so."""
        said = {one.participant_id: one.in_touch for one in self.check_ins.all()}
        words = {True: "in touch", False: "not yet", None: "no answer"}
        if not said:
            return ""
        mentor, mentee = (words[said.get(pk)] for pk in (self.mentor_id, self.mentee_id))
        return mentor if mentor == mentee else f"mentor: {mentor}, mentee: {mentee}"

    @property
    def needs_call(self) -> bool:
        """Whether at least one of the two attends virtually."""
        return self.mentor.is_virtual or self.mentee.is_virtual
