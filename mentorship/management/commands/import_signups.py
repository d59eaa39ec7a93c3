"""Import a ticket shop's export from the command line."""

from __future__ import annotations

from mentorship.interfaces.imports.command import ImportCommand
from mentorship.models import Import


class Command(ImportCommand):
    help = "Import a ticket shop's export: who takes part, as mentor or mentee, with which ticket."
    kind = Import.Kind.SIGNUPS
