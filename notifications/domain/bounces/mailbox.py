"""The mailbox that bounces arrive in, and how it is read.

What has been read is known by the mailbox's own numbers (UIDs), which only grow: so a report is
found even if somebody opened it first, and other messages are neither marked nor looked at twice.
"""

from __future__ import annotations

import contextlib
import datetime
import imaplib
import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, U
from imap_tools.errors import ImapToolsError

from mentorship.domain.heartbeat import BOUNCES, beat, note_trouble
from notifications.domain.bounces.records import record
from notifications.domain.bounces.replies import may_answer, record_reply
from notifications.domain.bounces.reports import may_report
from notifications.domain.bounces.unsubscribing import unsubscribe
from notifications.domain.transport.google import read_account, sign_in
from notifications.domain.transport.smtp import ServerUnreachable
from notifications.domain.transport.troubles import in_words, is_sign_in, said
from notifications.domain.transport.urls import ImapAddress, imap_address
from notifications.models import ReadMailbox

logger = logging.getLogger(__name__)
# How far back a mailbox is read the first time.
FIRST_TIME = datetime.timedelta(days=14)
# Our emails are far smaller, and so is what returns them.
BYTES = 1_000_000
AT_ONCE = 500


@dataclass
class Looked:
    """How many messages were looked at, and how many of them are for us.

    `reports` report on our emails, or end somebody's reminders.
    """

    messages: int = 0
    reports: int = 0


def read_mailbox() -> Looked:
    """Read what is new in BOUNCE_IMAP_URL: bounces, answers, and who wants no reminders.

    Mark as read what reports on our emails, and touch nothing else. Raise ServerUnreachable
    with a sentence if the mailbox cannot be read; it stays as an alarm until it can.
    """
    try:
        looked = _read()
    except ServerUnreachable as error:
        note_trouble(BOUNCES, str(error), back_off=error.back_off)
        raise
    beat(part=BOUNCES)
    return looked


def _read() -> Looked:
    looked = Looked()
    try:
        address = imap_address(settings.BOUNCE_IMAP_URL)
        with _opened(address) as box:
            mark = _bookmark(address, box)
            for uid in _new(box, mark)[:AT_ONCE]:
                looked.messages += 1
                if _is_report(box, uid):
                    looked.reports += 1
                    # Not imap_tools' own way, which also empties the bin of that mailbox.
                    box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
                ReadMailbox.objects.filter(pk=mark.pk).update(last_uid=uid)
    except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError) as error:
        why = (
            f"The mailbox for bounces cannot be read: {in_words(error)[:400]}. "
            "Check BOUNCE_IMAP_URL."
        )
        raise ServerUnreachable(why, back_off=is_sign_in(error)) from error
    return looked


@contextlib.contextmanager
def _opened(address: ImapAddress) -> Iterator[BaseMailBox]:
    box = _connected(address)
    try:
        if address.password:
            box.login(address.user, address.password, address.folder)
        else:
            _enter_google(box, address.folder)
        yield box
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            box.logout()


def _enter_google(box: BaseMailBox, folder: str) -> None:
    account, token = sign_in()
    try:
        box.xoauth2(account.mailbox, token, initial_folder=None)
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        read_account.cache_clear()
        raise ServerUnreachable(
            f"Google does not let us read the mailbox of {account.mailbox} "
            f"({said(str(error))[:300]}). {account.delegate}"
        ) from error
    box.folder.set(folder)


def _connected(address: ImapAddress) -> BaseMailBox:
    # Without a context of one's own, imaplib believes any certificate.
    context = ssl.create_default_context()
    where = {"host": address.host, "port": address.port, "timeout": settings.EMAIL_TIMEOUT}
    if address.security == "ssl":
        return MailBox(**where, ssl_context=context)
    if address.security == "tls":
        return MailBoxStartTls(**where, ssl_context=context)
    return MailBoxUnencrypted(**where)


def _bookmark(address: ImapAddress, box: BaseMailBox) -> ReadMailbox:
    """Return up to where this mailbox has been read, from the start if it was set up anew."""
    validity = box.folder.status(address.folder, ["UIDVALIDITY"])["UIDVALIDITY"]
    name = f"{address.user}@{address.host}:{address.port}/{address.folder}"[:400]
    mark, _ = ReadMailbox.objects.get_or_create(name=name, defaults={"uid_validity": validity})
    if mark.uid_validity != validity:
        mark.uid_validity, mark.last_uid = validity, 0
        mark.save()
    return mark


def _new(box: BaseMailBox, mark: ReadMailbox) -> list[int]:
    if mark.last_uid:
        wanted = AND(uid=U(str(mark.last_uid + 1), "*"), size_lt=BYTES)
    else:
        wanted = AND(date_gte=(timezone.now() - FIRST_TIME).date(), size_lt=BYTES)
    # “From here to the end” always gives the last one, even if that is before here.
    return sorted(uid for uid in map(int, box.uids(wanted)) if uid > mark.last_uid)


def _is_report(box: BaseMailBox, uid: int) -> bool:
    """Return whether a message reports on our emails or ends somebody's reminders.

    What answers an email about a match is kept and stays unread. Of all others only the headers
    are fetched.
    """
    try:
        headers = next(iter(box.fetch(uid_list=[str(uid)], mark_seen=False, headers_only=True)))
        if unsubscribe(headers.obj):
            return True
        if may_report(headers.obj):
            whole = next(iter(box.fetch(uid_list=[str(uid)], mark_seen=False)))
            return record(whole.obj)
        if may_answer(headers.obj):
            record_reply(next(iter(box.fetch(uid_list=[str(uid)], mark_seen=False))).obj)
    except StopIteration:
        pass  # somebody has moved it meanwhile
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        # Made to be unreadable, or broken: it must not keep the others from being read.
        logger.warning("Message %s in the mailbox cannot be read", uid, exc_info=True)
    return False
