"""The things that a file may say about a person, and the headings by which each is known.

Headings are written as `plain` gives them. The languages are those in which the shops and form
tools themselves write their headings: English, German, French, Spanish, Portuguese, Dutch, Italian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mentorship.domain.text import composed

_ZONE = re.compile(r"\s*\((?:UTC|GMT|[A-Z][A-Za-z]+/[A-Za-z_/+-]+)\)$")


@dataclass(frozen=True)
class Column:
    """One thing that a table may say about a person.

    `called` names it in messages. A heading means it if it is one of `headings` or else, when no
    such heading is there, if `pattern` is found in it; in neither case if `unless` is. Of several
    such headings those with `first` in them go before. Several columns together say it if it is
    `many`. If it is `needed`, one of the keys in `instead` will do as well.
    """

    key: str
    called: str
    headings: frozenset[str]
    pattern: str = ""
    needed: bool = False
    unless: str = ""
    first: str = ""
    many: bool = False
    instead: frozenset[str] = frozenset()

    def means(self, heading: str, *, by_pattern: bool) -> bool:
        """Return whether a plain heading means this, exactly or by what is found in it."""
        if self.unless and re.search(self.unless, heading):
            return False
        if by_pattern:
            return bool(self.pattern and re.search(self.pattern, heading))
        return heading in self.headings


def column(
    key: str,
    called: str,
    headings: str,
    pattern: str = "",
    needed: bool = False,
    *,
    unless: str = "",
    first: str = "",
    many: bool = False,
    instead: str = "",
) -> Column:
    """Make a Column; `headings` are separated by bars, `instead` by blanks."""
    # A column without a heading is none of them.
    known = frozenset(filter(None, headings.split("|")))
    return Column(
        key, called, known, pattern, needed, unless, first, many, frozenset(instead.split())
    )


def plain(text: str) -> str:
    """Return a heading as it is compared: lower case, letters and digits, single spaces."""
    # Not `text.words_in`: programs remember headings in this form, in which an apostrophe is a gap.
    return " ".join(re.sub(r"[\W_]+", " ", composed(text)).split())


def plain_heading(text: str) -> str:
    """Return a heading as `plain` does, without the time zone that some tools write after it."""
    return plain(_ZONE.sub("", text))


# Whose ticket it is, and who has only paid for it.
_ATTENDEE = (
    r"\b(attendees?|participants?|ticket|guest|delegate|registrant|holder|teilnehmer\w*"
    r"|asistente|participante|deelnemer)\b"
)
_BUYER = (
    r"\b(buyers?|purchasers?|order(er)?|booker|billing|invoice|payer|payment|customers?"
    r"|besteller\w*|käufer\w*|rechnungs\w*|acheteur|commande|facturation|comprador|compra|pedido"
    r"|factura|fatura|koper|besteller|factuur)\b"
)
# What a survey asks for itself, beside the name of whoever was signed in.
_THEIRS = rf"{_ATTENDEE}|\byour\b"
# Somebody else altogether, or something about an address.
_NOBODYS = (
    r"\b(verified|verification|confirmed|bestätigt|emergency|supervisor|advis[eo]r|manager"
    r"|colleagues?|referees?|references?|friends?|assistant|partner|spouse|rather not"
    r"|not be matched|newsletter|marketing|opt (in|out)|consent|subscribe\w*|sent|domain"
    r"|invited by)\b"
)

_MAIL = (
    r"\be ?mails?\b|\be ?mail ?(adres\w*|address)|correo|courriel|messagerie"
    r"|posta elettronica"
)
_ADDRESS = column(
    "address",
    "email address",
    "email|e mail|mail|email address|e mail address|mail address|your email|your e mail"
    "|your email address|attendee email|attendee email address|attendee e mail|ticket email"
    "|e mail adresse|mailadresse|emailadresse|adresse e mail|adresse email|adresse mail"
    "|adresse électronique|adresse de messagerie|courriel|dirección de correo electrónico"
    "|correo electrónico|correo|endereço de e mail|endereço de email|e mailadres|mailadres"
    "|indirizzo email|indirizzo e mail|adres e mail|e postadress|e post"
    "|epost|адрес электронной почты"
    "|メールアドレス|电子邮件地址|電子郵件地址|邮箱|电子邮箱|이메일 주소|이메일",
    _MAIL,
    needed=True,
    unless=_NOBODYS,
    first=_ATTENDEE,
)
_ACCOUNT = column(
    "account_address",
    "account they were signed in with",
    "username|user name|benutzername|nutzername|nom d utilisateur|nombre de usuario"
    "|nome de usuário|nome de utilizador|gebruikersnaam|nome utente",
)
_BUYER_ADDRESS = column(
    "buyer_address",
    "buyer’s email address",
    "buyer email|order email|purchaser email|billing email",
    f"{_BUYER}.*({_MAIL})|({_MAIL}).*{_BUYER}",
    unless=_NOBODYS,
)
_BUYER_NAME = column(
    "buyer_name",
    "buyer’s name",
    "ordered by|purchased by|booked by|name des bestellers|nom de l acheteur|nombre del comprador"
    "|nome do comprador|naam koper|naam van de koper",
    rf"{_BUYER}.*\bname\b",
    many=True,
    unless=rf"{_NOBODYS}|\b(first|last|given|family|company|user|event|item|product|ticket|file"
    r"|method)\b",
)
_NAMES = [
    column("first_name", "first name", "first name|firstname|given name|given names|forename|first"
           "|attendee first name|ticket first name|attendee name given name|your first name"
           "|vorname|vornamen|prénom|prénoms|primeiro nome|voornaam|name vorname"
           "|attendee name first name|nombre s|fornavn|förnamn|imię",
           r"\b(first|given) ?name|\bvorname\b|\bprénom\b|\bvoornaam\b",
           unless=f"{_BUYER}|{_NOBODYS}", first=_THEIRS),
    column("particle", "part of the last name that stands before it (van der)", "tussenvoegsel"
           "|tussenvoegsels|voorvoegsel|voorvoegsels|infix|name infix|namenszusatz|vorsatzwort"
           "|particule"),
    column("last_name", "last name", "last name|lastname|surname|family name|last"
           "|attendee last name|attendee surname|ticket last name|attendee name family name"
           "|your last name|nachname"
           "|familienname|nom de famille|apellido|apellidos|apellido s|sobrenome|apelido"
           "|achternaam|cognome|attendee name last name|efternavn|etternavn|efternamn|nazwisko"
           "|фамилия",
           r"\b(last|family) ?name|\bsurname|\bnachname\b|\bfamilienname\b|\bapellidos?\b"
           r"|\bachternaam\b",
           unless=f"{_BUYER}|{_NOBODYS}", first=_THEIRS),
    column("name", "name", "name|full name|name full|your name|your full name|attendee"
           "|attendee name|attendee full name|ticket full name|ticket name holder|participant"
           "|ticket holder name|ticket holder|holder name|registrant name|registrant|delegate name"
           "|fullname"
           "|participant name"
           "|guest|guest name|what is your name|whats your name|what s your name|name and surname"
           "|name des teilnehmers|name der teilnehmerin|name der teilnehmenden person"
           "|name des teilnehmenden|teilnehmername|teilnehmer|vollständiger name|vor und nachname"
           "|nom|nom complet|nom du participant|nom et prénom|nombre|nombre completo"
           "|nombre del asistente|nombre y apellidos|nome|nome completo|nome do participante|naam"
           "|volledige naam|naam van de deelnemer|navn|namn|имя|имя и фамилия|фио|氏名|お名前"
           "|参加者名|姓名|이름",
           r"\bfull name|\byour (full )?name|\battendee name|\bnombre completo\b|\bnom complet\b"
           r"|\bnome completo\b",
           unless=f"{_BUYER}|{_NOBODYS}", first=_THEIRS),
]  # fmt: skip
_AFFILIATION = column(
    "affiliation",
    "affiliation",
    "affiliation|your affiliation|what is your affiliation|company affiliation|company"
    "|company name|attendee company|ticket company name|ticket company|organisation|organization"
    "|institution|employer|current affiliation|university|institute|what s your company"
    "|firma|unternehmen|einrichtung|arbeitgeber|universität|entreprise|société|organisme"
    "|établissement|empresa|organización|institución|compañía|instituição|organização|bedrijf"
    "|organisatie|instelling",
    r"affiliation|institution|employer|organi[sz]ation|\bcompany\b|\barbeitgeber\b|\bempresa\b",
    unless=rf"{_BUYER}|{_NOBODYS}|\bkind of\b|\btype of\b|\bsize\b|\baddress\b",
    first=r"affiliation",
)
# Of earlier years.
PAST = (
    r"\bbefore$|\blast year\b|\bprevious(ly)?\b|\bin the past\b|\bever\b|\bhave you been\b"
    r"|\bwere you\b|\bdid you\b|\bbereits\b|\bschon (ein)?mal\b|\bdéjà\b|\banteriormente\b"
    r"|\beerder\b"
)
_MENTOR = r"mentor|tutor[ií]a|\bparrain|наставни|ментор|メンター|导师|導師|멘토"
_PAIR = [
    column("can_mentor", "offer to be a mentor (yes or no)", "can mentor|is mentor|be a mentor"),
    column("wants_mentor", "wish for a mentor (yes or no)", "wants mentor|needs mentor"),
]

SIGNUP_COLUMNS = [
    _BUYER_ADDRESS,
    _BUYER_NAME,
    Column(**(vars(_ADDRESS) | {"instead": frozenset({"buyer_address"})})),
    *_NAMES,
    column("registered_at", "time of registration", "registered at|registered on|registered"
           "|registration date|registration time|date registered|order date|order time"
           "|purchase date|purchased at|ordered at|created at|created|date|timestamp|order datetime"
           "|bestelldatum|bestellzeit|bestellzeitpunkt|bestelluhrzeit|anmeldedatum|angemeldet am"
           "|datum|date de commande|heure de commande|date d inscription|fecha de compra"
           "|fecha del pedido|hora del pedido|fecha de pedido|hora de pedido|fecha de registro"
           "|fecha de inscripción|data da compra|data do pedido|hora do pedido|data de inscrição"
           "|besteldatum|besteltijd|datum van bestelling|tijd van bestelling|ticket created date",
           r"\b(registered|registration|order|purchase|created) (date|time|at|on)\b",
           first=r"regist|ticket created|inscri|anmeld"),
    column("addon", "add-on of another ticket", "add on to position id|add on to|addon to|add on of"
           "|parent ticket|parent position|zusatzprodukt zu position"
           "|zusatzprodukt zu positions id", r"\badd ?on (to|of)\b|\bzusatzprodukt zu\b"),
    column("position", "ticket number", "position id|position|ticket id|ticket number"
           "|positions id"),
    column("quantity", "number of tickets", "quantity|qty|positions|tickets|number of tickets"
           "|ticket quantity|anzahl|menge|positionen|quantité|cantidad|quantidade|aantal"),
    column("order", "order number", "order|order number|order no|order id|order code|order ref"
           "|order reference|booking|booking reference|booking number|registration id"
           "|bestellnummer|bestellcode|bestellung|auftragsnummer|buchungsnummer|commande"
           "|numéro de commande|code de commande|número de pedido|código de pedido|pedido|código"
           "|bestelcode|ordernummer|ticket reference",
           r"\border\b(?! (type|total|link|ip|secret))",
           unless=r"\b(status|date|time|url|email|name|company|phone|locale|comment|discount)\b",
           first=r"\border|bestell|commande|pedido"),
    *_PAIR,
    column("answer", "mentorship question", "mentorship|mentorship program|mentorship programme"
           "|mentoring|mentor or mentee|mentorship role|signed up as|mentoring program"
           "|mentoring programme|mentoringprogramm|mentoring programm|mentorat|mentoría|mentoria"
           "|mentorschap", _MENTOR, needed=True, unless=rf"\b(name|e ?mail) of\b|{PAST}",
           instead="can_mentor wants_mentor"),
    column("takes_part", "wish to take part, beside the role (yes or no)", ""),
    column("status", "whether the ticket is valid", "status|order status|attendee status"
           "|ticket status|void status|approval status|registration status|payment status"
           "|guest status|state of order|test mode|canceled|cancelled|refunded|void|voided"
           "|checked in|rsvp|bestellstatus|zustand|storniert|testmodus|eingecheckt|statut"
           "|statut de la commande|annulé|remboursé|estado|estado del pedido|estado do pedido"
           "|cancelado|reembolsado|bestelstatus|geannuleerd|waiting list|waitlist|waitlisted"
           "|статус|статус заказа|ステータス|状态|订单状态|상태",
           r"\b\w*status\b|\b(order|ticket|attendee|registration|payment|booking|guest) state\b"
           r"|\bstatut\b|\bestatus\b|\b(estado|situação|stato) (de|del|do|da) (pedido|asistente"
           r"|participante|ticket|entrada|billete|ingresso|pago|pagamento|compra|ordine"
           r"|inscri\w+)\b|\bblocked\b|\bgesperrt\b|\bcancel+(ed|ation)\b|\brefund(ed)?\b"
           r"|\bvoid(ed)?\b|\btest ?mode\b"
           r"|\bwait(ing)? ?list(ed)?\b|\b(withdrawn|withdrew|dropped out)\b"
           r"|^(zurückgetreten|désisté)$|^no longer (coming|attending|taking part)\b",
           unless=r"\b(employment|marital|career|student|visa|member\w*|tax|price|amount|policy"
                  r"|professional|academic|familienstatus|civil|laboral|profissional"
                  r"|professionnel)\b", many=True),
    column("ticket", "ticket", "ticket|ticket type|ticket name|ticket class|ticket category"
           "|ticket title|registration type|admission|item|product|type|variation|attendance"
           "|item name|product name|line item|lineitem name"
           "|produkt|variante|ticketart|ticketkategorie|eintrittskarte|produit|billet"
           "|type de billet|producto|variación|entrada|tipo de entrada|produto|variação|ingresso"
           "|tipo de ingresso|tickettype|tickettyp|ticketname|ticket typ|registration options"
           "|registration option|admission item|participation|participation type|teilnahme"
           "|teilnahmeart|attendance type|attendance mode|mode of participation|variatie|variant"
           "|optie|how will you attend|variations|tipo di biglietto|biglietto|ticketnaam"
           "|ticketsoort|billettype|billet type|biljettyp|biljett|rodzaj biletu|bilet|билет"
           "|тип билета|チケット|チケット種別|参加方法|票种|티켓",
           r"\bticket\b|\battend(ance|ing)?\b",
           unless=r"\b(price|id|number|reference|url|secret|code|e ?mail|status|created|date|holder"
                  r"|company|phone|quantity|full name|first name|last name|last updated|not"
                  r"|attendee status|buyer)\b", first=r"ticket|produ[ck]t|item|variat|variant"),
    _AFFILIATION,
]  # fmt: skip

RESPONSE_COLUMNS = [
    _ACCOUNT,
    _ADDRESS,
    column("submitted_at", "time of the answer", "timestamp|time stamp|submitted at|submitted"
           "|submitted on|submission time|submission date|completion time|completed at|date"
           "|end date|enddate|recorded date|recordeddate|submit date|date submitted|date and time"
           "|time|created at|created|zeitstempel|zeit|datum|abgabezeit|abgeschickt am"
           "|datum abgeschickt|fertigstellungszeit|horodateur|heure de fin|date de soumission"
           "|marca temporal|hora de finalización|fecha de envío|carimbo de data hora"
           "|hora de conclusão|data de envio|tijdstempel|tijd van voltooien|datum inzending"
           "|informazioni cronologiche|ora di completamento|sygnatura czasowa|tidstämpel"
           "|отметка времени|タイムスタンプ|时间戳记|時間戳記|타임스탬프|date created"
           "|survey timestamp",
           r"\b(submit(ted)?|submission|completed|completion)\b"
           r"(?! (status|type|id|url|number|language|progress))",
           unless=r"\b(start(ed)?|stage|begin\w*|duration|birth)\b",
           first=r"submi|record|complet|end ?date|timestamp|abgeschickt|fertig"),
    column("finished", "whether the answer is complete", "finished|progress|status|response type"
           "|distribution channel|distributionchannel|last page|letzte seite|dernière page"
           "|última página|laatste pagina|completed|complete|completion status|submission status"
           "|response status|partial|vollständig|état",
           r"\b(response|survey|submission|entry) (status|type)\b",
           many=True),
    *_NAMES,
    column("capacity", "how many mentees", "capacity|how many mentees could you take"
           "|number of mentees|max mentees", r"how many|number of mentees|\bcapacity\b"
           r"|\bwie ?viele?\b|\bcombien\b|\bcu[aá]nt[oa]s\b|\bquant([oa]s|[ie])\b|\bhoeveel\b",
           unless=r"\b(years?|jahre?|ann[ée]e?s|años|anos|times|hours?|papers?)\b"),
    column("topics_offered", "topics offered", "topics offered|topics you can offer"
           "|what can you offer as a mentor", r"\boffer\b|\bmentors? (could|can) (help|talk)"),
    column("topics_wanted", "topics wanted", "topics wanted|topics you would like to talk about"
           "|what would you like to talk about|what do you hope to get out of it",
           r"\bhope\b|like to (talk|learn|discuss)"),
    *_PAIR,
    column("role", "mentor or mentee", "role|mentor or mentee|mentor mentee"
           "|would you like to be a mentor or a mentee|mentorship role|rolle|rôle|rol|papel|ruolo"
           "|mentor oder mentee|mentor ou mentoré|mentor o aprendiz|mentor of mentee",
           r"mentor\w*( in| innen| e| a| as)? (or|oder|ou|o|of)"
           r" (an? |une? |una? |ein\w* )?"
           r"(mentee|mentor|aprendiz|pupil|alliev)"
           r"|mentee\w* (or|oder|ou|o|of) (an? |ein\w* )?mentor"
           r"|\brole\b",
           needed=True, unless=r"\b(job|current|professional|work|position|title)\b",
           instead="can_mentor wants_mentor"),
    column("taking_part", "still taking part (yes or no)", "taking part|take part|participating"
           "|do you want to take part|do you still want to take part|are you taking part"
           "|nimmst du teil", r"\btak(e|ing) part\b|\bparticipat(e|ing)\b"),
    column("attendance", "attendance", "attendance|attending|how will you attend"
           "|how are you attending|in person or virtual|teilnahme|wie nimmst du teil"
           "|wie nehmen sie teil|participation|asistencia|participação|deelname",
           r"\battend|in person or|\bvor ort\b|\bpr[ée]sentiel\b|\bpresencial\b"
           r"|\bcomment (participe|assiste|viendre|allez)"
           r"|\bc[oó]m[oe] (vas|va|(você )?(asist|particip|partecip|vai))"
           r"|\bhoe neem|\bwie (nimmst|nehmen|wirst) "),
    column("fields", "fields of expertise", "field|fields|field s of expertise"
           "|fields of expertise|field of expertise|areas of expertise|expertise|fachgebiet"
           "|fachgebiete|fachbereich|fachbereiche|domaine|domaines|domaines d expertise|áreas"
           "|áreas de experiencia|áreas de especialidad|área|áreas de atuação|vakgebied"
           "|vakgebieden", r"\bfields?\b|\bexpertise\b|\bare[ae] di (competenza|interesse)\b"
           r"|\bfachgebiete?\b|\bdomaines?\b|\báreas?\b"
           r"|\bvakgebied", many=True),
    column("sector", "employment sector", "sector|employment sector|sector of employment|sektor"
           "|branche|secteur|secteur d activité|sector laboral|setor|werkveld",
           r"\bsector\b|\bsektor\b|\bsecteur\b|\bsetor\b"),
    column("career_stage", "career stage", "career stage|career level|seniority"
           "|where are you in your career|karrierestufe|étape de carrière|etapa profesional",
           r"\bcareer (stage|level)|\bseniority\b"),
    _AFFILIATION,
    column("time_zone", "time zone", "time zone|timezone|your time zone|zeitzone|fuseau horaire"
           "|zona horaria|fuso horário|fuso orario|tijdzone",
           r"\btime ?zone\b|\bzeitzone\b|\bfuseau horaire\b|\bzona horaria\b|\btijdzone\b"),
    column("notes", "notes", "notes|note|comments|comment|anything else"
           "|anything that helps us match you|anmerkungen|bemerkungen|kommentar|kommentare"
           "|commentaire|commentaires|remarques|comentario|comentarios|observaciones"
           "|comentários|observações|opmerkingen",
           r"\banything\b|\bnotes?\b|\bcomments?\b|\banmerkung|\bbemerkung|\bcommentaire"
           r"|\bcomentario|\bopmerking"),
]  # fmt: skip
