"""Import the responses of another form tool from the command line."""

from __future__ import annotations

from mentorship.interfaces.imports.command import ImportCommand
from mentorship.models import Import


class Command(ImportCommand):
    help = "Import the survey responses that another form tool collected."
    kind = Import.Kind.RESPONSES
