"""What a shop or a form tool says of a row: a ticket that counts, or one that was given up.

A status is read by its heading and its word together: "yes" under "Refunded" takes a ticket out,
"yes" under "Attending" does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.text import cached_by_text, fold


def _said(lines: str) -> frozenset[str]:
    return frozenset(fold(word) for word in lines.split("|"))


# Why a row with this word does not count, in the words of the list that names it.
_OUT: dict[str, frozenset[str]] = {
    "canceled": _said(
        "cancelled|canceled|cancel|cancellation|order cancelled|order canceled|ticket cancelled"
        "|void|voided|invalid|inactive|deleted|removed|c|storniert|abgesagt|ungultig"
        "|annule|annulee|annulle|cancelado|cancelada|anulado|anulada|geannuleerd|annullato"
        "|annullata|cancele|supprime|eliminado|eliminada|zuruckgezogen|ruckgangig"
        "|anulowane|anulowany|anulowano|отменен|отменён|отменено|аннулирован|キャンセル|キャンセル済み"
        "|已取消|取消|취소|avbokad|avbokat|annullerad|annulleret|annullert|kansellert|avbestilt"
    ),
    "withdrawn": _said(
        "withdrawn|withdrew|dropped out|no longer attending|no longer coming|zuruckgetreten"
        "|desiste|retirado|retirada|desistiu|teruggetrokken|ritirato|ritirata"
    ),
    "refunded": _said(
        "refunded|refund|fully refunded|charged back|chargeback|reversed|erstattet|ruckerstattet"
        "|rembourse|remboursee|reembolsado|reembolsada|terugbetaald|rimborsato|rimborsata"
        "|devuelto|devuelta|zwrócone|zwrócono|возврат|возвращен|возвращён|返金|返金済み|已退款|환불"
        "|återbetald|refunderad|refunderet|refundert"
    ),
    "expired": _said(
        "expired|overdue|abandoned|incomplete order|e|abgelaufen|verfallen|expire|expiree|expirado"
        "|expirada|caducado|caducada|vencido|vencida|verlopen|scaduto"
    ),
    "not attending": _said(
        "not attending|not going|declined|rejected|denied|not approved|no show|noshow|not coming"
        "|unable to attend|unregistered|regret|regrets|abgelehnt|nimmt nicht teil|refuse|refusee"
        "|rechazado|rechazada|recusado|recusada|afgewezen|afgemeld|ne participe pas|no asistira"
        "|no asiste|nao vai participar|neemt niet deel|absagt|sagt ab"
    ),
    "on the waiting list": _said(
        "waiting list|waitlist|waitlisted|wait list|wait listed|on waiting list|waiting"
        "|on the waiting list|on waitlist|warteliste|auf der warteliste|liste dattente"
        "|en liste dattente|lista de espera|en lista de espera|em lista de espera|wachtlijst"
        "|op de wachtlijst|lista rezerwowa|лист ожидания|キャンセル待ち|候补|väntelista|venteliste"
        "|lista dattesa|in lista dattesa"
    ),
    "not finished": _said("in progress|incomplete|not completed|unfinished|registration started"),
    "payment failed": _said("failed|payment failed|declined payment|error|fehlgeschlagen|echoue"),
    "a test": _said("test|test order|test mode|testmode|sandbox|testbestellung"),
    "only invited": _said("invited|not responded|no response|no reply|eingeladen|invite"),
    "not approved yet": _said(
        "pending approval|awaiting approval|approval pending|waiting for approval|under review"
    ),
}
_COUNTS = _said(
    "paid|p|complete|completed|confirmed|approved|accepted|accept|attending|active|valid|going"
    "|checked in|registered|issued|free|sold|ok|processed|payment received|succeeded|successful"
    "|success|pending|n|open|placed|assigned|reserved|claimed|in|live|production|real|redeemed"
    "|used|scanned|booked|enrolled|fulfilled|authorized|unfulfilled|invoiced|attended|not"
    " checked in"
    "|awaiting payment|payment pending|pending payment|partially paid|on hold"
    "|bezahlt|ausstehend|bestatigt|angemeldet|gultig|aktiv|offen|zugesagt|eingecheckt"
    "|paye|payee|en attente|en attente de paiement|confirme|confirmee|valide|inscrit|inscrite"
    "|pagado|pagada|pendiente|confirmado|confirmada|valido|valida|inscrito|inscrita|activo|aprobado"
    "|pago|paga|pendente|valido|inscrito|ativo|aprovado"
    "|participe|participera|asistira|asiste|confirmara|vai participar|participara|partecipa"
    "|nimmt teil|neemt deel|aanwezig|presente|inscrito|validado|emitido|emis|utilise|utilizado"
    "|confermato|confermata|pagato|pagata|in attesa"
    "|betaald|in afwachting|bevestigd|geldig|actief|aangemeld|goedgekeurd"
    "|processing|unpaid|not paid|not paid yet|partial payment|paid in full|fully paid"
    "|payment complete"
    "|payment completed|payment successful|order completed|completed order|complete order|settled"
    "|captured|ticket issued|sent|delivered|complimentary|comp|waived|purchased|ordered|will attend"
    "|new|submitted|received|in bearbeitung|unbezahlt"
    "|opłacone|opłacony|zapłacone|potwierdzone|potwierdzony|oczekuje"
    "|nieopłacone|оплачен|оплачено"
    "|подтвержден|подтверждён|подтверждено"
    "|ожидает оплаты|支払済み|支払い済み|支払済|確定|参加|参加予定"
    "|已支付|已付款|已确认|待支付|결제완료|확정|betald|betalt|bekräftad|bekræftet|bekreftet|obetald"
)
_YES = _said("yes|y|true|1|x|ja|oui|si|sim|wahr|vrai|verdadero|on")
_NO = _said("no|n|false|0|nein|non|nao|nee|falsch|faux|falso|off|none|na|n a")
# Headings under which a yes, or a date, takes the ticket out, and what it was then.
_FLAGS = [
    (re.compile(r"\b(?:cancel+ed|cancel+ation|void(?:ed)?|storniert|stornierung|annulee?|"
                r"cancelad[oa]|"
                r"geannuleerd|deleted)\b"), "canceled"),
    (re.compile(r"\b(?:withdrawn|withdrew|dropped out|no longer (?:coming|attending|taking part)|"
                r"zuruckgetreten)\b"), "withdrawn"),
    (re.compile(r"\b(?:refund(?:ed)?|erstattet|remboursee?|reembolsad[oa]|terugbetaald)\b"),
     "refunded"),
    (re.compile(r"\b(?:test(?: ?mode| order)?|is test|testmodus|sandbox|modo de prueba|modo de"
                r" teste)"
                r"\b"), "a test"),
    (re.compile(r"\b(?:wait ?list(?:ed)?|waiting list|warteliste|liste dattente|lista de espera|"
                r"wachtlijst)\b"), "on the waiting list"),
    (re.compile(r"\b(?:expired|abgelaufen|expiree?|expirad[oa]|verlopen)\b"), "expired"),
    (re.compile(r"\b(?:no show|not attending|declined|rejected)\b"), "not attending"),
]  # fmt: skip
# Headings under which a no takes it out.
_WANTED = [
    (re.compile(r"\b(?:attending|rsvp|going|valid|approved|confirmed|gultig|valide|valido)\b"),
     "not attending"),
    (re.compile(r"\b(?:active|aktiv|activo|actief|ativo)\b"), "canceled"),
]  # fmt: skip
# Under which whatever is said is the reason.
_BLOCKED = re.compile(r"^(?:blocked|gesperrt|bloque|bloqueado)$")
_CHECKED_IN = re.compile(
    r"\b(?:checked? ?in|check ?in|checked? ?out|scan(?:ned|ning)?|"
    r"eingecheckt|ingecheckt|enregistre|registrado)\b"
)
# Words by which a column of any heading says that a ticket was given up.
_CLEARLY_OUT = (
    _OUT["canceled"]
    | _OUT["withdrawn"]
    | _OUT["refunded"]
    | _OUT["on the waiting list"]
    | _OUT["a test"]
) - {"c", "e", "test", "invalid", "inactive", "deleted", "removed", "reversed", "waiting"}
# In a ticket's name, "no refund" and "free cancellation" are its conditions; "Void" is a last name.
_GIVEN_UP = re.compile(
    rf"\b(?:{'|'.join(sorted(_CLEARLY_OUT - {'cancellation', 'refund', 'void'}))})\b"
)
_NO_STATUS = re.compile(
    r"\b(?:marital|employment|membership|member|visa|policy|insurance|immigration|newsletter|"
    r"consent|workshop|tutorial|dinner|flight|hotel|travel|abstract|submission|paper|talk)\b"
)
# Under such a heading an unknown word may have nothing to do with the ticket ("badge status").
_OF_SOMETHING_ELSE = re.compile(
    r"^(?!.*\b(?:order|ticket|attendee|participant|registra\w+|payment|guest|booking|approval|void|"
    r"transaction|purchase|delegate|rsvp)\b).+ status$"
)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{8,14}")
# A status is one of few words.
_DIFFERENT_AT_MOST = 15


def has_statuses(heading: str, values: Iterable[str]) -> bool:
    """Return whether a column says of some rows that they were given up, whatever it is called."""
    said = {fold(value) for value in values if value}
    return (
        len(said) <= _DIFFERENT_AT_MOST
        and not _CLEARLY_OUT.isdisjoint(said)
        and not _NO_STATUS.search(fold(heading))
    )


def is_of_ticket(heading: str) -> bool:
    """Return whether a column of this heading is about the ticket, and nothing beside it."""
    return not _OF_SOMETHING_ELSE.match(fold(heading))


@cached_by_text(5000)
def speaks_of_giving_up(text: str) -> bool:
    """Return whether a ticket's or a person's name says "canceled" or "waitlist" somewhere."""
    return bool(_GIVEN_UP.search(fold(text)))


@cached_by_text(5000)
def why_not_counted(heading: str, text: str) -> str:
    """Return why a row with this cell is no valid ticket, or "" if it is one.

    Raise NotUnderstood if the cell may mean either.
    """
    said, above = fold(text), fold(heading)
    if not said or _CHECKED_IN.search(above):
        return ""
    if _BLOCKED.search(above):
        return "" if said in _NO else "canceled"
    for pattern, why in _FLAGS:
        if pattern.search(above):
            if said in _NO or said in _COUNTS:
                return ""
            if said in _YES or _DATE.search(text) or pattern.search(said) or said in _OUT[why]:
                return why
            return _by_word(text, said)
    if said in _YES | _NO:
        for pattern, why in _WANTED:
            if pattern.search(above):
                return why if said in _NO else ""
    return _by_word(text, said)


def _by_word(text: str, said: str) -> str:
    for why, words in _OUT.items():
        if said in words:
            return why
    if said in _COUNTS:
        return ""
    raise NotUnderstood(text)


# Of a survey's answers: what is a test of its author, and what was never sent off.
_A_TEST = _said(
    "survey preview|survey test|preview|test|testing|test response|spam|spammed"
    "|offline survey preview"
)
_UNFINISHED = _said(
    "partial|started|incomplete|unfinished|in progress|partially complete|partial response"
    "|not completed|not finished|disqualified|screened out|abandoned|over quota|draft|saved"
    "|nicht abgeschlossen|unvollstandig|inachevee|incompleta|onvoltooid"
)
_FINISHED = _said(
    "complete|completed|finished|ip address|imported|anonymous|email|completed response|submitted"
    "|abgeschlossen|vollstandig|terminee|complete|completa|voltooid|gl|link|qr code|web|done"
    "|hand entered|synthetic|offline|uploaded|submitted via web"
)
_PROGRESS = re.compile(r"\b(?:progress|fortschritt|percent|completion rate)\b")
_FINISHED_HEADING = re.compile(
    r"\b(?:finished|completed?|completion|abgeschlossen|termine|submitted|beendet|finalizad[oa])\b"
)
# The codes of Qualtrics for the column "Status" of an export with numbers.
_CODES = {"0": "", "1": "a test", "2": "a test", "4": "", "8": "a test", "16": "", "32": "",
          "9": "a test", "17": "a test", "40": "a test", "48": "a test"}  # fmt: skip


@cached_by_text(5000)
def why_no_answer(heading: str, text: str) -> str:
    """Return why an answer with this cell is none ("a test", "unfinished"), or "" if it is one.

    Raise NotUnderstood if the cell may mean either.
    """
    said, above = fold(text), fold(heading)
    if not said:
        return ""
    if _PROGRESS.search(above):
        number = re.fullmatch(r"(\d+)(?:[.,]0+)?", text.strip().rstrip("% "))
        if not number:
            raise NotUnderstood(text)
        return "" if int(number[1]) >= 100 else "unfinished"
    if _FINISHED_HEADING.search(above) and said in _YES | _NO:
        return "unfinished" if said in _NO else ""
    if said in _A_TEST:
        return "a test"
    if said in _UNFINISHED:
        return "unfinished"
    if said in _FINISHED or _DATE.search(text):
        return ""
    if said in _CODES:
        return _CODES[said]
    raise NotUnderstood(text)


# What a shop sells besides tickets. Somebody who bought nothing else is no attendee.
_NO_TICKET = re.compile(
    r"\b(?:conference |event |speakers? |social |welcome )?(?:t ?shirts?|tshirts?|shirts?|"
    r"hood(?:ie|y)s?|sweat(?:er|shirt)s?|mugs?|tote ?bags?|"
    r"stickers?|merch(?:andise)?|swag|souvenirs?|donations?|spende|don|donacion|doacao|donatie|"
    r"banquet|gala|dinner|lunch(?:es)?|breakfast|"
    r"reception|party|parking|child ?care|kinderbetreuung|shuttle|hotel|accommodation|"
    r"proceedings|poster print(?:ing)?|invoice fee|processing fee|service fee|shipping|"
    r"gift cards?|gutschein|voucher|carbon offset|excursion|camiseta|playera|tasse|becher)\b"
)
_STILL_A_TICKET = re.compile(
    r"\b(?:pass(?:es)?|tickets?|conference|registration|admission|attendee|access|incl|included|"
    r"including|with|plus|konferenz|entrada|billet|inscripcion|in person|virtual|online)\b"
)


@cached_by_text(5000)
def admits_nobody(ticket: str) -> bool:
    """Return whether this is a thing that shops sell besides tickets: a T-shirt, a dinner."""
    said = fold(ticket)
    found = _NO_TICKET.search(said)
    rest = _NO_TICKET.sub(" ", said)
    return bool(found and not _STILL_A_TICKET.search(rest))
