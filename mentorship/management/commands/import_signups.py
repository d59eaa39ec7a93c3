"""Import a ticket shop's export from the command line."""

from __future__ import annotations

from mentorship.interfaces.imports.resources import ImportCommand, SignupResource


class Command(ImportCommand):
    help = "Import a ticket shop's export: who takes part, as mentor or mentee, with which ticket."
    resource_class = SignupResource
