"""Legal footers and what mail gateways and scanners add below a mail: known wordings, several languages.

A footer needs an opening about the message itself and claims that only lawyers make; "the file is confidential, what
can I do?" is a customer.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re

_LONGEST = 4_000
_LEAD = r"[\s*_>\[(\"'|-]{0,12}"

_SURE = re.compile(
    _LEAD
    + r"(?:(?:legal|confidentiality|e-?mail|privacy) (?:notice|disclaimer|note)\b|disclaimer\b|if you are not (?:the"
    r"|an?) "
    r"(?:intended|named|addressee|recipient|person)|any (?:views|opinions)\b|any (?:unauthori[sz]ed )?(?:use"
    r"|dissemination|review|disclosure)\b"
    r"|unauthori[sz]ed (?:use|review|access)|(?:privileged|confidential)\W{1,3}(?:and )?(?:privileged|confidential)\b"
    r"|vertraulichkeits?hinweis|haftungsausschluss|(?:wenn|falls|sollten|sofern) sie nicht der"
    r"|si vous n['\u2019]êtes pas (?:le|la|un)\b"
    r"|avis de confidentialité|aviso (?:legal|de confidencialidad)|si (?:usted )?no es (?:el|la|usted)\b"
    r"|se (?:você )?não (?:é|for) o\b"
    r"|avviso di riservatezza|se non (?:è|siete) (?:il|i|la)\b|persone diverse dal|(?:indien|als) u niet de\b"
    r"|je[żś](?:eli|li) nie jest"
    r"|if you (?:have )?received this (?:e-?mail|message|communication|transmission) (?:in error|by mistake)"
    r"|(?:sollten|falls|wenn) sie diese (?:e-?mail|nachricht|mail) (?:irrtümlich|versehentlich)"
    r"|si vous avez reçu ce (?:message|courriel|mail) par erreur|si (?:usted )?ha recibido este (?:mensaje"
    r"|correo)\b.{0,20}por error"
    r"|se (?:avete|ha|ricevete|hai) (?:ricevuto )?(?:questo messaggio|questa e-?mail) per errore"
    r"|se recebeu esta mensagem por (?:engano|erro)"
    r"|(?:indien|als) u dit (?:e-?mail)?bericht (?:abusievelijk|ten onrechte|per vergissing|onterecht)"
    r"|(?:filter\d+: )?this (?:e-?mail|message) (?:has been|was) (?:scanned|checked))",
    re.IGNORECASE,
)
"""Nobody opens words of their own like this; two claims are enough then."""

_OPENING = re.compile(
    _LEAD + r"(?:(?:important|security|virus)?\s?(?:notice|caution|warning|note)\b\s?[:.\-\u2013]"
    r"|th(?:is|e)(?: entire| electronic| present| above)? (?:e-?mail|message|communication|transmission|mail)\b"
    r"|the (?:information|contents?|materials?)(?: contained| transmitted| included)? (?:in|of|with"
    r"|by) this (?:e-?mail|message|mail|comm|trans)"
    r"|if you (?:have )?received this\b|please (?:consider|think of|think about) (?:the|your)? ?environment"
    r"|.{2,40} (?:accepts?|assumes?|cannot accept|do(?:es)? not accept) (?:no |any )?(?:liability|responsibility)"
    r"|e-?mail (?:transmission|communication)s?\b|internet (?:e-?mail|communications)|to unsubscribe\b"
    r"|(?:diese|die) (?:e-?mail|nachricht|mitteilung|information\w{0,3})\b|der (?:inhalt|austausch)\b|(?:wichtiger "
    r"|rechtlicher )?hinweis\s?:"
    r"|(?:sollten|falls|wenn) sie diese|bitte (?:denken|prüfen) sie\b|informationen zum datenschutz|datenschutzhinweis"
    r"|(?:ce (?:message|courriel|courrier|mail|mél)|cet e-?mail|les informations|le contenu de ce|avertissement"
    r"|si vous avez reçu)\b"
    r"|(?:este (?:mensaje|correo|e-?mail)|la información contenida|si ha recibido)\b"
    r"|(?:esta mensagem|este e-?mail|as informações|se você recebeu)\b"
    r"|(?:questo messaggio|questa e-?mail|la presente|il presente messaggio|le informazioni|il contenuto|chiunque)\b"
    r"|se (?:avete ricevuto|ha ricevuto|ricevete)\b"
    r"|(?:dit (?:e-?mail)?bericht|deze e-?mail|de informatie|de inhoud van|aan dit bericht|(?:indien|als) u)\b"
    r"|(?:ta wiadomość|niniejsza wiadomość|treść tej wiadomości|informacje zawarte)\b"
    r"|(?:detta (?:e-?post)?meddelande|detta e-?(?:post|mail)|denne (?:e-?mail|e-?post|meddelelse|melding)"
    r"|tämä (?:viesti|sähköposti)"
    r"|tento (?:e-?mail|mail)|tato zpráva|bu (?:e-?posta|mesaj|ileti)|acest (?:mesaj|e-?mail)|ez az (?:e-?mail|üzenet)"
    r"|(?:данное|настоящее|это) (?:сообщение|письмо|электронное))"
    r"|本(?:邮件|郵件|電子郵件|メール|信)|此(?:邮件|郵件|电子邮件)|このメール|이 (?:메일|이메일|전자우편)|본 (?:메일"
    r"|이메일))",
    re.IGNORECASE,
)

_CLAIMS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"confidential|vertraulich|confidentiel|confidencia|riservat|vertrouwelijk|poufn|konfidential|konfidentiel"
            r"|fortrolig"
            r"|luottamuksel|důvěrn|gizli|bizalmas|конфиденциальн|保密|机密|機密|기밀"
        ),
        (
            r"privileged|proprietary|legally protected|rechtlich geschützt|geschützte informationen"
            r"|secret professionnel"
            r"|protegid"
            r"|wettelijk beschermd|prawnie chronion"
        ),
        (
            r"intended (?:solely |only |exclusively )?(?:recipient|for|to)|sole use|addressee|named (?:above|recipient)"
            r"|bestimmt"
            r"|adressat|empfänger|destinataire|destinatari|geadresseerde|ontvanger|bestemd|adresat|odbiorc|mottagare"
            r"|modtager|mottaker"
            r"|vastaanottaj|příjemc|alıcı|címzett|адресат|получател|收件人|宛先|수신"
        ),
        (
            r"received (?:this|it) (?:\w+ ){0,4}(?:in error|by mistake)|irrtümlich|versehentlich|par erreur|por error"
            r"|por engano|per errore"
            r"|abusievelijk|ten onrechte|omyłkow|przez pomyłkę|av misstag|ved en fejl|ved feil|erehdyksessä|omylem"
            r"|yanlışlıkla|ошибке|误|誤"
        ),
        (
            r"notify (?:the|us)|inform the sender|contact the sender|return e-?mail|informieren sie|benachrichtigen sie"
            r"|verständigen sie"
            r"|(?:avertir|informer|prévenir) (?:\w+ ){0,3}l.expéditeur|notifi|avisar al|informar al|avvis|informeer"
            r"|de afzender"
            r"|powiadomi|meddela|underret|avsändaren|afsenderen|avsenderen|lähettäj"
        ),
        (
            r"delete|destroy|löschen|vernichten|supprim|détrui|elimin|borr(?:ar|e)|apag(?:ar|ue)|cancell|distrugg"
            r"|verwijder|usun|radera"
            r"|slette|poista|smaž|sil(?:in|mek)|удал|删除|刪除|削除|삭제"
        ),
        (
            r"prohibited|unauthori[sz]ed|unlawful|strictly|verboten|nicht gestattet|untersagt|unzulässig|unbefugt"
            r"|interdit"
            r"|prohibid"
            r"|proibid|vietat|verboden|niet toegestaan|zabronion|förbjud|forbudt|kielletty|запрещ"
        ),
        r"liab(?:le|ility)|haftung|responsabili|aansprakelijk|odpowiedzialno|ansvar|verantwoordelijk",
        r"virus(?:es)?\b|malware|viren\b|mailscanner|scanned|antivirus|anti-virus",
        (
            r"copy(?:ing)?|disclos|distribut|disseminat|weitergabe|vervielfältig|verbreitung|divulg|copi[ae]|difundir"
            r"|diffus|verspreid"
            r"|rozpowszechni|kopiow|diffon|consegnare"
        ),
        (
            r"environment|before printing|umwelt|ausdrucken|l'environnement|d'imprimer|medio ambiente|imprimir|ambiente"
            r"|stampare"
            r"|milieu|afdrukken|środowisk|miljö"
        ),
        (
            r"privacy policy|privacy notice|data protection|gdpr|dsgvo|datenschutz|rgpd|protection des données"
            r"|protección de datos"
            r"|avg-|rodo\b|unsubscribe|subscribed"
        ),
        r"(?:views|opinions) (?:\w+ ){0,3}(?:expressed|are those)|do not (?:necessarily )?(?:reflect|represent)",
    )
]
_FEW, _ENOUGH = 2, 3

_ALONE = re.compile(
    _LEAD + r"(?:please (?:consider|think (?:of|about)) (?:the"
    r"|your)(?: impact on the)? environment(?:al responsibility)?\b.{0,80}\bprint"
    r"|(?:any )?(?:views|opinions) (?:or (?:views|opinions) )?(?:expressed|presented)\b.{0,60}(?:those|solely|not)\b"
    r"|save a tree\b|think before you print\b|virus-?free\b|virenfrei\b|(?:filter\d+: )?(?:this|diese) (?:e-?mail"
    r"|nachricht|message)\b.{0,40}"
    r"(?:checked|scanned|geprüft|protected)\b.{0,60}(?:viru|viren|avast|avg\b|norton|mailscanner|antivirus"
    r"|email security|messagelabs|symantec)"
    r"|l'absence de virus dans ce|este (?:correo|e-?mail|mensaje)\b.{0,60}(?:antivirus|avast)"
    r"|(?:questa e-?mail|deze e-?mail|dit bericht)\b.{0,60}(?:virus|avast)"
    r"|you (?:have )?received this (?:message|e-?mail) because you are subscribed)",
    re.IGNORECASE,
)
"""Wordings that nobody writes by hand."""

_SPEAKS = re.compile(
    r"[?\uff1f]|\b(?:I|I'm|I've)\b|(?i:\b(?:my|me|mine|ich|mein\w{0,2}|mir|mich|j'ai|je|mon|moi|yo|mi|mio|mia|mijn|ik"
    r"|mój|moja|meu|minha"
    r"|min|mitt|мой|моя|мне|я)\b)|我|私は"
)


_ABOUT_MAIL = re.compile(
    r"e-?mail|message|mail\b|informati|attach|files?\b|sender|legal|law\b|risk|guarantee|secur|thank|compan|author|viru"
    r"|nachricht|anhäng|anlage|absender|recht|danke|sicher|gesellschaft|pièces? jointe|merci|société|mensaje|correo"
    r"|adjunt|gracias"
    r"|mensagem|anex|obrigad|messaggio|allegat|grazie|bericht|bijlage|bedankt|wiadomoś|załącznik|dziękuj|meddelande"
    r"|bifog|tack\b"
    r"|melding|vedlegg|takk|viesti|liit|kiitos|zpráv|příloh|děkuj|ileti|mesaj|teşekkür|сообщен|письм|вложен|спасибо"
    r"|邮件"
    r"|附件|メール|메일",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!\u3002])\s+")
_WORDS = 4


def is_notice(text: str) -> bool:
    """Tell whether a paragraph is a legal footer or a scanner's line, and nothing else. In doubt it is not."""
    text = " ".join(text[:_LONGEST].split())
    if _SPEAKS.search(text):
        return False
    if _ALONE.match(text):
        return all(map(_is_legal, _SENTENCES.split(text)))
    needed = _FEW if _SURE.match(text) else _ENOUGH if _OPENING.match(text) else len(_CLAIMS) + 1
    claims = [bool(claim.search(text)) for claim in _CLAIMS]
    # "Confidential" and "for the addressee" belong together; one of them alone is said by people, too.
    is_known = sum(claims) >= needed or (needed == _ENOUGH and claims[0] and claims[1] + claims[2] > 0)
    return is_known and all(map(_is_legal, _SENTENCES.split(text)))


def _is_legal(sentence: str) -> bool:
    # A customer's sentence glued to the footer makes all of it the customer's.
    is_short = len(sentence.split()) < _WORDS
    return is_short or bool(_ABOUT_MAIL.search(sentence)) or any(claim.search(sentence) for claim in _CLAIMS)
