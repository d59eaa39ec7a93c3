"""A program's logo."""

from __future__ import annotations

from django.db import models

from mentorship.models.program import Program


class Logo(models.Model):
    """A program's logo, a PNG of our own making whatever was uploaded."""

    program = models.OneToOneField(Program, on_delete=models.CASCADE, related_name="logo")
    image = models.BinaryField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Logo of {self.program}"
