#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import signal
import sys

if __name__ == "__main__":
    # A start and a large program make many objects that stay. To look through them for garbage
    # every 700 new ones takes a twelfth of the time.
    gc.set_threshold(100_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from mentorship.installation import FolderUnwritable, about_the_database

    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except (FolderUnwritable, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except DatabaseError as error:
        if sentence := about_the_database(error):
            sys.exit(sentence)
        raise
    except BrokenPipeError:
        # Who read the output has read enough of it. Python would complain when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
