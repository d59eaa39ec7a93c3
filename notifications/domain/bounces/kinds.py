"""Which kind of bounce a server's codes and words mean.

The enhanced status codes are those of RFC 3463 and its registry; servers that give none, or only
the code for "something", are told by their words.
"""

from __future__ import annotations

import re

from notifications.models.bounce import BounceKind

# class.subject.detail: 5.1.1 is "bad mailbox address" (RFC 3463).
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# Codes whose subject says less, or other, than their detail.
_BY_DETAIL = {
    (1, 7): BounceKind.REJECTED,  # about our own address
    (1, 8): BounceKind.REJECTED,
    (1, 9): BounceKind.REJECTED,
    (2, 1): BounceKind.WRONG_ADDRESS,  # the mailbox is closed
    (2, 2): BounceKind.FULL,
    (2, 3): BounceKind.TOO_LARGE,
    (3, 4): BounceKind.TOO_LARGE,
    (4, 4): BounceKind.WRONG_ADDRESS,  # no such domain, or none that takes email
    (4, 7): BounceKind.EXPIRED,
}
_BY_SUBJECT = {1: BounceKind.WRONG_ADDRESS, 7: BounceKind.REJECTED}
# Read in this order: a server that rejects spam may quote "user unknown" as one of its rules, and
# one whose mailbox is full calls it "unavailable".
_BY_WORDS: tuple[tuple[BounceKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            BounceKind.TOO_LARGE,
            r"message (?:is )?(?:size|too (?:big|large))|exceeds? .{0,30}(?:size|limit of \d)"
            r"|too large|size limit",
        ),
        (
            BounceKind.FULL,
            r"mailbox (?:is )?full|inbox (?:is )?(?:full|out of storage)"
            r"|(?:over|exceeded).{0,20}quota|quota (?:exceeded|full)|out of storage"
            r"|insufficient (?:system )?storage"
            r"|not enough (?:disk )?space",
        ),
        (
            BounceKind.WRONG_ADDRESS,
            r"(?:user|recipient|mailbox|account|address|addressee)"
            r"[^.;]{0,60}(?:unknown|not found|does ?n[o']t exist|doesn't have|no longer"
            r"|(?:is )?disabled|invalid|not exist)"
            r"|(?:no|unknown|invalid) (?:such )?(?:\w+ )?(?:user|recipient|mailbox|account|address)"
            r"|no (?:mailbox|such (?:person|user))|doesn'?t have a[n]? .{0,40} account"
            r"|unrouteable address|recipient address rejected: access denied"
            r"|(?:host|domain)[^.;]{0,60}(?:not found|not exist|couldn't be found)"
            r"|couldn't find any host|nxdomain|null ?mx"
            r"|wasn't found at|inactive (?:user|account)|no mailbox here by that name",
        ),
        (
            BounceKind.EXPIRED,
            r"retry time(?:out)? (?:not reached|exceeded)|queue.{0,10}expired|delivery time expired"
            r"|(?:connection|operation|conversation).{0,40}timed? ?out|been in the queue too long"
            r"|could not be delivered (?:for|after) more than|wasn'?t able to establish an smtp"
            r"|message expired",
        ),
        (
            BounceKind.REJECTED,
            r"spam|polic(?:y|ies)|block(?:ed|list)|black ?list|denylist|dmarc|\bspf\b|\bdkim\b"
            r"|reputation|unsolicited|not (?:allowed|authori[sz]ed|permitted)|access denied"
            r"|unauthenticated|refused|prohibited|content (?:rejected|filter)|relay",
        ),
    )
)


def kind_of(action: str, status: str, words: str) -> BounceKind:
    """Return which kind a report is.

    `action` and `status` are those of RFC 3464, `words` its diagnostic code or what the server
    wrote instead; any of them may be empty. A failure that nothing explains is UNKNOWN.
    """
    if action == "delayed":
        return BounceKind.LATE
    codes = [*_STATUS.finditer(words), *_STATUS.finditer(status)]
    for code in codes:
        if told := _by_code(code):
            return told
    if words_say := next((kind for kind, told in _BY_WORDS if told.search(words)), None):
        return words_say
    # Given up after days of "not now": the status is that of the last try.
    if any(code[1] == "4" for code in codes):
        return BounceKind.EXPIRED
    return BounceKind.UNKNOWN


def _by_code(code: re.Match[str]) -> BounceKind | None:
    subject, detail = int(code[2]), int(code[3])
    told = _BY_DETAIL.get((subject, detail)) or _BY_SUBJECT.get(subject)
    if code[1] == "4" and told in (BounceKind.WRONG_ADDRESS, BounceKind.REJECTED):
        # Not for good: the server was asked until the time was over.
        return BounceKind.EXPIRED
    return told
