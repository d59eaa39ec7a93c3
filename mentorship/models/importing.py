"""One file that was imported, or waits to be, and what undoing it would need."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from mentorship.models.packed import PackedJSONField
from mentorship.models.program import Program


class ImportQuerySet(models.QuerySet["Import"]):
    def light(self) -> ImportQuerySet:
        """Leave the large columns out until they are asked for."""
        return self.defer("content", "report", "undo", "unattached", "undecided", "columns")

    def done_of(self, program: Program | int, kind: str) -> ImportQuerySet:
        """Return the program's imports of this kind that were done, without those undone."""
        return self.filter(program=program, kind=kind, state=Import.State.DONE)

    def forget_people(self) -> int:
        """Clear all that these imports know of people, after which none can be undone.

        Return how many there are. Who, when, the file's checksum and the numbers stay.
        """
        return self.update(**Import.about_nobody())


class Import(models.Model):
    """A file's way into a program: a draft while the committee reads what it would change.

    `report` is the difference as it was shown, `undo` what undoing it restores and removes (see
    `mentorship.domain.imports.undo`), `unattached` the responses from unknown addresses and
    `attached` those of them that somebody has attached: address → key of the person. `undecided`
    are sign-ups that name no role yet ("both", "maybe"). `content`, `sheet`, `read_as`, `columns`,
    `choice`, `answers`, `seen` and `progress` are a draft's own: `sheet` is the one that somebody
    has chosen, `read_as` says which `sheets` there are, which `sheet` is read, of which `tool` the
    file looks, and a `note`; `answers` is what somebody chose where the file can be read in more
    than one way. Edited match sheets are drafts only: what they change is undone on the board.
    `source` is what the file was read from, if nobody uploaded it; any member may confirm it.
    """

    class Kind(models.TextChoices):
        SIGNUPS = "signups", "sign-ups"
        RESPONSES = "responses", "survey responses"
        RESEARCH = "research", "a research sheet"
        MATCHES = "matches", "edited match sheets"

    class State(models.TextChoices):
        DRAFT = "draft", "not imported yet"
        DONE = "done", "imported"
        UNDONE = "undone", "undone"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    file_name = models.CharField("file", max_length=255, blank=True)
    sha256 = models.CharField("checksum (SHA-256)", max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    source = models.ForeignKey(
        "ImportSource", null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    numbers = models.JSONField(default=list, blank=True, help_text="How many, of what")
    report = models.JSONField(default=dict, blank=True)
    undo = PackedJSONField(default=dict, blank=True)
    sheet = models.CharField(max_length=255, blank=True)
    read_as = models.JSONField(default=dict, blank=True)
    unattached = models.JSONField(default=list, blank=True)
    attached = models.JSONField(default=dict, blank=True)
    undecided = models.JSONField(default=list, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    content = models.BinaryField(null=True, blank=True)
    columns = models.JSONField(default=list, blank=True)
    choice = models.JSONField(null=True, blank=True)
    seen = models.CharField(max_length=64, blank=True)
    progress = models.JSONField(default=dict, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", imported_at=None)
                | Q(state__in=["done", "undone"], imported_at__isnull=False),
                name="import_done_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", undone_at__isnull=False)
                | (~Q(state="undone") & Q(undone_at=None)),
                name="import_undone_at_a_time",
            ),
            # The newest read takes the place of one that still waits.
            models.UniqueConstraint(
                fields=["source"], condition=Q(state="draft"), name="one_draft_a_source"
            ),
        ]
        indexes = [models.Index(fields=["program", "kind", "sha256"])]

    def __str__(self) -> str:
        return self.file_name or f"{self.get_kind_display()}, {self.created_at:%Y-%m-%d}"

    @staticmethod
    def about_nobody() -> dict[str, Any]:
        """Return the columns that hold details of people, each with its value without them."""
        return {
            "file_name": "",
            "report": {},
            "undo": {},
            "unattached": [],
            "attached": {},
            "undecided": [],
            "answers": {},
            "content": None,
            "columns": [],
            "sheet": "",
            "read_as": {},
        }


class ValueMeaning(models.Model):
    """What a committee has said that a text in its files means, for every later import.

    `text` is the form in which texts are compared, `shown` the text as it was first written.
    """

    class Kind(models.TextChoices):
        ROLE = "role"
        ATTENDANCE = "attendance"
        STATUS = "status"

    class Meaning(models.TextChoices):
        MENTOR = "mentor"
        MENTEE = "mentee"
        NO = "no", "not taking part"
        UNDECIDED = "undecided", "decide for each person"
        IN_PERSON = "in_person", "in person"
        VIRTUAL = "virtual"
        ASK = "ask", "unknown, ask them"
        COUNTS = "counts", "it counts"
        LEFT_OUT = "left_out", "leave it out"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="value_meanings")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=300, editable=False)
    shown = models.CharField("text", max_length=300)
    meaning = models.CharField(max_length=10, choices=Meaning)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = "remembered word", "remembered words"
        ordering = ["kind", "shown", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "text"], name="one_meaning_a_text_of_a_program"
            ),
            models.CheckConstraint(
                condition=Q(kind="role", meaning__in=["mentor", "mentee", "no", "undecided"])
                | Q(kind="attendance", meaning__in=["in_person", "virtual", "ask"])
                | Q(kind="status", meaning__in=["counts", "left_out"]),
                name="meaning_is_of_its_kind",
                violation_error_message="Choose a meaning that fits the kind of word.",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.shown}”: {self.get_meaning_display()}"
