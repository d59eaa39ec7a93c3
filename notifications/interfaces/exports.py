"""Emails as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mentorship.interfaces.exports.lists import Column, ListExport
from notifications.models import EmailLog

# A personal link is a secret of the person it was mailed to: whoever has it answers as them.
_PERSONAL_LINK = re.compile(r"(/p/)[-\w]+")


class MailsExport(ListExport):
    """One row an email, as it was sent, save for the secret in its personal links."""

    name = "emails"

    def columns(self) -> Sequence[Column]:
        return [
            ("To", lambda mail: list(mail.recipients)),
            ("Kind", lambda mail: mail.get_kind_display()),
            ("State", lambda mail: mail.get_state_display().lower()),
            ("Why", lambda mail: mail.state_reason),
            ("Queued", lambda mail: self.local(mail.queued_at)),
            ("Not before", lambda mail: self.local(mail.not_before)),
            ("Sent", lambda mail: self.local(mail.sent_at)),
            ("Attempts", lambda mail: mail.attempts),
            ("Subject", lambda mail: mail.subject),
            ("Text", _text),
            ("Message-ID", lambda mail: mail.message_id),
        ]


def _text(mail: EmailLog) -> str:
    return _PERSONAL_LINK.sub(r"\1…", mail.text_body)
