"""What is left of people outside the rows that were anonymized, and how it is removed.

Emails written as files, messages that wait in sessions to be shown, and what a SQLite file still
holds in space that is free. Nothing here knows names: it goes by what was left to be cleaned up.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from mentorship.models import CleanUp, Program
from notifications.domain.transport.message import rows_named_in
from notifications.models import EmailLog

logger = logging.getLogger(__name__)
# Django's file backend ends each message with this line.
_END = b"\n" + b"-" * 79 + b"\n"
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
# A worker writes into a file for less than a minute: one that is older is complete.
_COMPLETE_AFTER = 600


def leave_to_clean_up(program: Program, emails: QuerySet[EmailLog]) -> None:
    """Note that the traces of these emails have to go, and remove them once this is committed."""
    CleanUp.objects.create(program=program, emails=sorted(emails.values_list("pk", flat=True)))
    transaction.on_commit(partial(clean_up), robust=True)


def clean_up() -> int:
    """Remove all that is left to be removed, and return how much of it has to wait.

    What a process that died has left is done, too. It waits while others use a SQLite file so that
    it cannot be written anew.
    """
    left = list(CleanUp.objects.order_by("pk"))
    if not left:
        return 0
    remove_messages({key for each in left for key in each.emails})
    forget_shown_messages()
    if not empty_freed_space():
        return len(left)
    CleanUp.objects.filter(pk__in=[each.pk for each in left]).delete()
    return 0


def remove_messages(emails: Collection[int]) -> None:
    """Blank these emails where they were written as files, and delete files with nothing else."""
    keys = set(emails)
    for path in _mail_files():
        is_complete = time.time() - path.stat().st_mtime > _COMPLETE_AFTER
        place, goes, others = 0, False, False
        with path.open("r+b") as file:
            for chunk in file.read().split(_END):
                # Without a Message-ID it is what follows such a line in the message before.
                if found := _MESSAGE_ID.search(chunk.partition(b"\n\n")[0]):
                    goes = not keys.isdisjoint(rows_named_in(found[1].decode(errors="replace")))
                if goes:
                    # As long as it was: a worker may be adding to the file at this moment.
                    file.seek(place)
                    file.write(b" " * len(chunk))
                elif chunk.strip():
                    others = True
                place += len(chunk) + len(_END)
        if is_complete and not others:
            path.unlink(missing_ok=True)


def _mail_files() -> Iterator[Path]:
    for folder in {settings.MAIL_DIR, Path(settings.EMAIL_FILE_PATH or settings.MAIL_DIR)}:
        if folder.is_dir():
            yield from sorted(folder.glob("*.log"))


def forget_shown_messages() -> None:
    """Delete sessions that are over, and from others the sentences that were not shown yet."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    for session in Session.objects.iterator():
        content = session.get_decoded()
        if content.pop(SessionStorage.session_key, None):
            Session.objects.filter(pk=session.pk).update(
                session_data=SessionStore().encode(content)
            )


def empty_freed_space() -> bool:
    """Have SQLite write its file anew, without what was deleted; return whether that was possible.

    Where the database is a server, that is the server's own matter.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        try:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
        except OperationalError as error:
            logger.warning("The database cannot be written anew yet (%s)", error)
            return False
    return not busy
