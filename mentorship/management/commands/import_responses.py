"""Import another form tool's survey answers from the command line."""

from __future__ import annotations

from mentorship.interfaces.imports.resources import ImportCommand, ResponseResource


class Command(ImportCommand):
    help = "Import the survey answers that another form tool collected."
    resource_class = ResponseResource
