"""The words in which people say that they would mentor, or would like a mentor.

In the languages of the shops and their visitors: English, German, French, Spanish, Portuguese,
Dutch and Italian. Everything is compared as `as_written` gives it: lower case, without accents,
punctuation and apostrophes, "mentor" and "mentee" in one form for everyone.
"""

from __future__ import annotations

import re

from mentorship.domain.text import composed, plain_letters, words_in

# What is longer than this is a story, in which no phrase is the answer.
LONGEST = 300
# "Mentoré" is a mentee and "mentore" a mentor, so accents are looked at before they are dropped.
_ONE_FORM = [
    (re.compile(r"\bmentoré(?:[.·•]?e[.·•]?s?|\(e\)(?:\(s\))?|e?s)?(?!\w)"), "mentee"),
    (re.compile(r"\bmentor(?:[:*/_·]-?in(?:nen)?|/-?inn?en|\(in\)|in(?:nen)?|[/·.]?as?|\(as?\)|@s?"
                r"|·e|[/]e)(?!\w)"), "mentor"),
    (re.compile(r"\bmentor(?:es|en)(?!\w)"), "mentors"),
    (re.compile(r"\bmentee(?:[:*/_·]-?in(?:nen)?|\(in\)|in(?:nen)?)(?!\w)"), "mentee"),
    (re.compile(r"\beine[:*/_]n\b"), "einen"),
]  # fmt: skip


def as_written(text: str) -> str:
    """Return a text as its words are compared here."""
    said = composed(text)
    for form, plain in _ONE_FORM:
        said = form.sub(plain, said)
    return " ".join(words_in(plain_letters(said)))


def words_as_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


def _sayings(lines: str) -> frozenset[str]:
    return frozenset(line.strip() for line in lines.split("|"))


TICKS = frozenset({"x", "X", "✓", "✔", "✔️", "☑", "☒", "✅", "+", "•", "●"})
YES = _sayings(
    "yes|y|true|1|yes please|yes i do|yes i am|yes i would|yes i can|yes i will|yes id love to"
    "|yes id like to|yes thanks|yes thank you|sure|of course|absolutely|definitely|ok|okay|i do"
    "|i am|i would|i can|count me in|sign me up|with pleasure|on|checked|selected|ticked|yes sure"
    "|yes definitely|yes of course|yes absolutely|i would love to|id love to|happy to|gladly"
    "|ja|ja gern|ja gerne|ja bitte|gern|gerne|wahr|oui|oui volontiers|volontiers|oui merci|vrai"
    "|si|si por favor|claro|claro que si|verdadero|sim|sim por favor|verdadeiro|ja graag|graag|waar"
    "|si grazie|certo|volentieri"
)
REFUSALS = _sayings(
    "|no|n|none|na|n a|false|0|no grazie|no thanks|no thank you|not this year|no not this year"
    "|not interested|not taking part|neither|opt out|i opt out|pass|skip|no i cannot take part|"
    "nope|off|unchecked|not selected"
    "|nein|nein danke|nein dieses jahr nicht|falsch|keins|keines von beiden|weder noch"
    "|non|non merci|pas cette annee|faux|aucun|ni lun ni lautre|no gracias|este ano no|falso"
    "|ninguno|nao|nao obrigado|nao obrigada|este ano nao|nenhum|nee|nee bedankt|nee dank je"
    "|nee dit jaar niet|geen van beide|onwaar|nessuno|nessuno dei due|non questanno"
)
UNDECIDED = _sayings(
    "any|either|both|whatever|whichever|no preference|dont mind|i dont mind|not sure|not sure yet"
    "|im not sure|im not sure yet|i am not sure|i am not sure yet|i dont know|i dont know yet"
    "|dont know|dont know yet|undecided|not decided yet|havent decided|havent decided yet"
    "|i havent decided yet|to be decided|tbd|tbc|ask me later|still thinking|yes to both|yes both"
    "|both please|either is fine|either one|either or|unsure|maybe|perhaps|possibly|it depends"
    "|depends|open to either|open to both|wherever i am needed|where needed|wherever needed"
    "|happy with either|happy to do either|happy to do both|whatever is needed|as needed"
    "|beides|beide|egal|weiss nicht|weiss ich noch nicht|noch unsicher|noch nicht sicher|vielleicht"
    "|les deux|lun ou lautre|je ne sais pas|je ne sais pas encore|peut etre|ambos|ambas|los dos"
    "|tal vez|quizas|quiza|no se|no lo se|aun no lo se|os dois|as duas|talvez|nao sei"
    "|nao sei ainda|allebei|misschien|weet ik niet|weet ik nog niet|weet niet|geen voorkeur"
    "|entrambi|entrambe|forse|non so|non lo so|indifferente"
)
# Words that deny, in any of the languages.
NOT = words_as_set(
    "no not nope nor neither never none dont doesnt didnt cant cannot couldnt wont wouldnt isnt"
    " arent wasnt havent hasnt shouldnt without unable unwilling refuse decline avoid except"
    " instead nein nicht kein keine keinen keiner nie weder pas non aucun aucune jamais ni nao sin"
    " sem ninguno nunca niet geen nee noch zonder ohne sans lieber"
)
NOBODY = words_as_set("neither nor weder ni noch none")
# Words by which a phrase may be about somebody else, another time, or the other way around.
TURNED = words_as_set(
    "my mine his her hers their our ours your someone somebody anyone anybody everyone they them he"
    " she who whom whose people person colleague colleagues friend friends student students team"
    " was were had been did used former formerly previous previously past last ago already once ex"
    " stop cancel remove question why what how when where which whether sein seine mein meine"
    " meinen ihr ihre unser mon ma mes notre son sa mi mis nuestro su meu minha nosso seu mijn ons"
    " hun jemand jemanden jemandem quelquun alguien alguem iemand war hatte etais avais era fui"
    " tenia tinha foi geweest vorig vorige letztes letzten derniere dernier pasado passado anyway"
    " though although however help helping break stopped thank nominate recommend suggest heard"
    " hear about hate hated dislike loathe dread afraid scared fear shy busy reluctant hesitant"
    " hesitate unqualified inexperienced hardly barely doubt doubtful impossible quit quitting"
    " withdrew withdraw withdrawing dropped"
    " resign retire retired stepping declined underqualified another elsewhere later someday future"
    " cancelled canceled withdrawn refunded waitlist waitlisted storniert annule cancelado"
)
HEDGES = words_as_set(
    "maybe perhaps possibly might may either both unsure undecided depends depending unless if"
    " whichever potentially probably eventually or sure know idea consider considering thinking"
    " tentatively tentative whatever vielleicht eventuell beides beide egal oder falls wenn moglich"
    " peut etre eventuellement ou deux quizas quiza talvez vez ambos ambas depende o os of"
    " misschien allebei eventueel als"
    " forse entrambi entrambe oppure needed required necessary preference flexible"
)
# Words around a bare "mentor" that leave it the answer to "mentor or mentee?".
FOR_BARE = words_as_set(
    "yes y i id im am would will like love want to be as a an the role roles position spot option"
    " and also too in for this year again only just definitely sure happy glad here count volunteer"
    " volunteering program mentorship conference ja als oui en tant que comme si como sim graag"
    " gern gerne ich bin je suis soy sou ik ben der die das le la el los o os de attendee sign"
    " signing up me rolle rol papel ein eine un une una um uma een und et e y it is yep yeah"
    " able could can do open come il lo essere vorrei"
    " 1 2 3 01 02 b c both"
)
NO_WORDS = words_as_set(
    "no not nope none neither nor never dont doesnt cant cannot couldnt wont wouldnt thanks thank"
    " you but this time year years i id im am do want wish like would to take taking part"
    " participate participating participation be able attend attending interested interest in the"
    " a an mentorship program now right at moment for me sorry busy too have enough of these above"
    " opt out pass skip rather prefer please longer anymore any more it really join joining sign"
    " signed up involved today currently and so much nothing unfortunately conference will edition"
    " nein danke nicht teilnehmen ich mochte will kein keine interesse dieses jahr mal leider dabei"
    " am programm mache mit diesmal weder noch non merci je ne souhaite veux pas participer cette"
    " annee au programme ni lun lautre interesse gracias quiero participar este ano en el programa"
    " deseo me interesa por ahora nao obrigado obrigada quero desta vez no interessado interessada"
    " nee bedankt dank je wel ik wil doe niet mee dit jaar geen liever aan het programma"
)

# What is about the field or the time of the one who writes, and about nobody else.
HARMLESS_ASIDE = [
    re.compile(
        r"\b(?:in|on|for|within|about|with|during|from|of|at|around|through) my (?:own |current |"
        r"free |spare |early |future |next |first )?(?!mentors?\b|mentees?\b|students?\b|"
        r"colleagues?\b|friends?\b|daughter|son\b|team\b|boss\b|postdocs?\b|employees?\b|interns?\b"
        r"|wife|husband|partner|child|kid|group\b|lab\b|protege)\w+\b"
    ),
    re.compile(r"\b(?:at|during|for|in|of) (?:the |this )?(?:scipy|conference|event)(?: \d+)?\b"),
    re.compile(
        r"\b(?:an? )?(?:phd|doctoral|graduate|grad|masters?|msc|bsc|undergraduate|undergrad|"
        r"university|college) (?:students?|researchers?|candidate)\b"
    ),
    re.compile(r"\byes (?:or )?no\b|\bin person\b|\bno preference\b"),
    # The program's name says nothing of the direction.
    re.compile(
        r"\b(?:the |a |this )?(?:mentors?|mentees?|mentorship|mentoring|mentorat|mentoria)"
        r"(?: (?:and |or |und |et )?(?:mentors?|mentees?))? ?(?=(?:program(?:me|m|ma)?|scheme|"
        r"initiative|programmen)\b)"
    ),
]

_A = (
    r"(?:(?:a|an|the|one|some|another|good|great|experienced|senior|new|local|virtual|remote|"
    r"professional|career|industry|academic|research|technical|suitable|female|male|woman|friendly|"
    r"more|other|first|fellow|potential|part time|dedicated|personal|peer|community|junior|younger|"
    r"up to|upto|two|three|four|few|couple|several|few|of|or two|\d+|"
    r"ein|eine|einen|einem|einer|un|une|una|uno|um|uma|een|dun|dune|de|des|unos|einige|zwei|deux|dos|"
    r"dois|twee|erfahrenen|gute|guten|buen|bon|bonne|bom|boa|goede|ervaren) ){0,4}"
)
_MENTOR = _A + r"mentors?\b(?! (?:roles?|positions?|spots?|slots?|side|pool|team|training|badge)\b)"
_MENTEE = _A + (
    r"(?:mentees?|mentorees?|proteges?|protegees?|mentorad[oa]s?|mentorand[oa]s?|mentorizad[oa]s?|"
    r"mentoread[oa]s?|filleule?s?|aprendiz|aprendices|aprendizes|tutelad[oa]s?|alliev[oaie])\b"
    r"(?! (?:roles?|positions?|spots?|slots?|side)\b)"
)
_SOMEBODY = (
    r"(?:someone|somebody|others?|other people|people|students?|(?:a|one|two|some|up to \w+|\d+|"
    r"any) "
    r"(?:\w+ )?(?:students?|persons?|people|newcomers?|juniors?|developers?|researchers?|"
    r"beginners?|scientists?|attendees?)|newcomers?|juniors?|(?:junior|younger|early career|new|"
    r"less experienced|fellow|first time|young) \w+|beginners?|anyone|anybody|those|the next \w+|"
    r"a mentee|mentees|one person|jemanden|jemand|andere|quelquun|dautres|alguien|otros|alguem|"
    r"outros|iemand|anderen)"
)
_WANT = (
    r"(?:look(?:ing)?(?: out)? for|search(?:ing)? for|seek(?:ing|s)?|in search of|hop(?:e|ing) for|"
    r"wish(?:ing)? for|wishing|wants?|wanting|wanted|needs?|needing|in need of|"
    r"(?:would|id)(?: \w+){0,2} (?:like|love|appreciate|prefer|value|welcome|want)|like|love|"
    r"request(?:ing)?|require|get(?:ting)?|have|having|finding|find|receiv(?:e|ing)|meet(?:ing)?|"
    r"(?:match|pair|connect|group|link|team)(?:ed|ing)?(?: me| us)?(?: up)? (?:with|to)|"
    r"assign(?:ed)?(?: me| us)?(?: to)?|introduc(?:e|ed)(?: me| us)? to|give me|find me|get me|"
    r"(?:hook|set) me up with|put me (?:in touch |together )?with|to work with|(?:talk|speak|chat)"
    r"(?:ing)? (?:to|with)|learn(?:ing)? from|benefit(?:t?ing)? from|profit(?:ing)? from|"
    r"(?:guided|supported|coached|advised|helped|accompanied|mentored) by|"
    r"(?:guidance|help|support|advice|coaching|feedback) (?:from|of|by)|could use|"
    r"interested in(?: having| finding| getting| meeting)?|keen on(?: having| finding)?|"
    r"sign(?:ed|ing)?(?: me)? up for|apply(?:ing)? for|ask(?:ing)? for|register(?:ing)? for|"
    r"access to|"
    r"such(?:e|en|t|st du)|mochtest du|willst du|wunsche(?: mir)?|wunscht|mochte(?: gern|"
    r" gerne)?|ich will|brauche|benotige|"
    r"hatte gerne?|bekommen|finden|mit|"
    r"cerco|cerca|cercando|vorrei|desidero|bisogno di|vorrei avere|avere|trovare|"
    r"cherche|recherche|chercher|voudrais|souhaite|aimerais|veux|souhaitez vous|voulez vous|"
    r"cherchez vous|besoin|(?:voudrais|souhaite|"
    r"aimerais|veux|pour) avoir|avoir|trouver|rencontrer|"
    r"busco|buscando|buscas|quieres|quiero|quisiera|necesito|deseo|gustaria|(?:gustaria|quiero|"
    r"quisiera|deseo) "
    r"(?:tener|encontrar)|tener|encontrar|"
    r"procuro|procurando|procura|voce quer|quer|quero|queria|gostaria(?: de)?|preciso|preciso"
    r" de|ter|"
    r"zoek|zoek je|wil je|op zoek naar|zoekende|wil(?: graag)?|wens|wil(?: graag)? hebben|heb|"
    r"graag(?= een)|krijgen|"
    r"vinden)"
)
_GIVE = (
    r"(?:tak(?:e|ing)(?: on)?|accept(?:ing)?|host(?:ing)?|support(?:ing)?|guid(?:e|ing)|"
    r"coach(?:ing)?|supervis(?:e|ing)|advis(?:e|ing)|teach(?:ing)?|train(?:ing)?|help(?:ing)?|"
    r"betreue|betreuen|begleiten|accompagner|acompanar|acompanhar|begeleiden)"
)
_AS = (
    r"(?:come|essere|diventare|fare (?:da|il|la)|be|being|become|becoming|been|"
    r"(?:serv|volunteer|join|act|work|participat|help|enroll?|"
    r"regist)\w*(?: out| up| part)? as|take part as|as|am|im|play the role of|"
    r"sign(?:ed|ing)?(?: me)? up as|register(?:ed)? as|als|en tant que|comme|como|enquanto|etre|"
    r"devenir|ser|sein|werden|zijn|worden|word(?: graag)?|werde(?: gerne?)?|bin|suis|soy|sou|"
    r"ben|hacer de|para ser)"
)
_ROLE_WORD = r"(?:roles?|positions?|spots?|slots?)"
_OFFERED = r"(?:mentoring|mentorship|mentorat|mentoria|guidance|advice|coaching)"
_NOT_AN_OFFER = r"(?! (?:opportunit|experience|roles?|positions?|skills|program|event|session))"

# In this order: each is replaced by its direction before the next is looked for. True: a mentee.
PHRASES: list[tuple[bool, re.Pattern[str]]] = [
    (is_mentee, re.compile(phrase))
    for is_mentee, phrase in (
        # Somebody should mentor me.
        (True, r"\b(?:(?:for|find|want|need|like|love|have|is|get|there) )?(?:a |an )?(?:\w+ )?"
               r"(?:someone|somebody|anyone|person|expert|senior|professional)? ?"
               r"(?:who |that )?(?:can |could |will |would |to |you |please )*"
               r"mentor(?:s|ing)? (?:me|us)\b"),
        (True, r"\b(?:(?:for |find |want |need |like |have )?(?:someone|somebody|anyone|a"
               r" person) )?"
               r"(?:who |that )?(?:can |could |will |would |to )*be(?:come|ing)? "
               r"(?:my|our|a|the) mentor(?: (?:to|for|of) (?:me|us))?\b(?<=me|us|ur|or)"
               r"(?<!be a mentor)(?<!be the mentor)(?<!become a mentor)(?<!being a mentor)"
               r"(?<!become the mentor)(?<!being the mentor)"),
        (True, r"\b(?:to )?(?:be|being|get|getting) (?:mentored|menteed|guided by a mentor|"
               r"coached|a protege)(?: by (?:someone|somebody|an? \w+(?: \w+)?))?\b"),
        (True, r"\b(?:mentored|gementort|begleitet werden|betreut werden|etre (?:accompagnee?|"
               r"mentee|encadree?)(?: par une? mentor)?|ser (?:mentorizad[oa]|mentoread[oa]|"
               r"acompanad[oa]|mentorad[oa]|"
               r"orientad[oa])|begeleid worden|een mentee zijn)\b"),
        # To be one.
        (False, rf"\b{_AS} {_MENTOR}"),
        (False, rf"\b(?:{_A})mentors? (?:sein|werden|zijn|worden)\b"),
        (True, rf"\b{_AS} {_MENTEE}"),
        (True, rf"\b(?:{_A})mentees? (?:sein|werden|zijn|worden)\b"),
        (False, rf"\b(?:want|like|take(?: on)?|for|fill) (?:a |the )?mentor {_ROLE_WORD}\b"),
        (True, rf"\b(?:want|like|take(?: on)?|for|fill) (?:a |the )?mentee {_ROLE_WORD}\b"),
        # To have the other one.
        (False, rf"\b(?:{_WANT}|{_GIVE})(?: {_GIVE})? {_MENTEE}"),
        (False, rf"\bmentor(?:ing)? (?:a|an|one|two|some|several|new|\d+) {_MENTEE}"),
        (False, rf"\b{_MENTEE} (?:wanted|sought|welcome)\b"),
        (True, rf"\b{_MENTOR}(?: (?:oder|of) {_MENTOR})? "
               r"(?:haben|bekommen|finden|hebben|krijgen)\b"),
        (True, rf"\b{_WANT} {_MENTOR}"),
        (True, rf"\b{_MENTOR} (?:wanted|needed|requested|sought|gesucht|gezocht|recherchee?|"
               r"buscado|procurado)\b"),
        # To do it.
        (False, rf"\bmentor(?:ing)? {_SOMEBODY}\b"),
        (False, r"\b(?:can|could|will|would|ill|id|to|i|you|gladly|happily) (?:also |gladly |"
                r"happily |definitely |be able to )?mentor\b(?! (?:roles?|me|us)\b)"),
        (False, rf"\b(?:can|could|will|would|to|willing to|happy to) (?:offer|give|provide|do) "
                rf"(?:\w+ )?{_OFFERED}\b"),
        (False, rf"\b(?:offer(?:ing)?|giv(?:e|ing)|provid(?:e|ing)) (?:\w+ )?{_OFFERED}\b"),
        (False, r"\b(?:biete|anbieten|mochte|ofrezco|ofrecer|ofereco|oferecer|offre|offrir|"
                r"propose|bied|aanbieden)(?: \w+){0,2} (?:mentoring|mentorat|mentoria|"
                r"mentorship)\b"),
        (False, r"\bmentoring (?:anbieten|geben|aanbieden|geven)\b"),
        (True, r"\b(?:looking for|look for|searching for|search for|seeking|seek|want|need|in"
               r" need of|"
               r"would (?:really |also )?(?:like|appreciate|love)|id (?:really )?(?:like|love)|"
               r"receiv(?:e|ing)|get(?:ting)?|request(?:ing)?|benefit from|suche|brauche|cherche|"
               r"busco|necesito|procuro|preciso de|zoek)(?: to (?:receive|get|have))?"
               rf"(?: some| more| any)? {_OFFERED}\b{_NOT_AN_OFFER}"),
    )
]  # fmt: skip
BARE_MENTEE = re.compile(rf"\b{_MENTEE}")
BARE_MENTOR = re.compile(rf"\b{_A}mentors?\b")
# Said of somebody who has one by now.
HAS_ONE = re.compile(
    rf"\b(?:i|we)(?: \w+)? (?:have|had|got|found|know|met|found)(?: \w+)? {_MENTOR}"
)
# Said of another year, or of what somebody is not.
NOT_NOW = re.compile(
    r"\b(?:next (?:year|time|edition)|(?:one|some) day|nachstes (?:jahr|mal)|annee prochaine|"
    r"(?:el )?proximo ano|ano que vem|volgend jaar|wish i|under qualified|"
    r"too (?:\w+ ){1,6}to (?:be|become|act|serve|mentor|have|join))\b"
)
# "Mentor: 0 | Mentee: 1", as some tools write what is ticked.
NUMBERED = re.compile(r"\bment(?:or|ee)s?\s*(?:[:=]\s*[01]|0|1\s*[/|;,]\s*ment\w+)\b")
