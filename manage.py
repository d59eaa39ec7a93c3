#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys

if __name__ == "__main__":
    # A start and a large program make many objects that stay. To look through them for garbage
    # every 700 new ones takes a twelfth of the time.
    gc.set_threshold(100_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    from django.core.management import execute_from_command_line

    from mentorship.installation import FolderUnwritable

    try:
        execute_from_command_line(sys.argv)
    except FolderUnwritable as error:
        sys.exit(str(error))
