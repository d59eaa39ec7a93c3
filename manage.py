#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    from django.core.management import execute_from_command_line

    from mentorship.installation import FolderUnwritable

    try:
        execute_from_command_line(sys.argv)
    except FolderUnwritable as error:
        sys.exit(str(error))
