"""What machines write in subjects and texts, by language. Never proof alone: people quote it when they complain."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re

FAILED_SUBJECT = re.compile(
    r"undeliver|\[bounce\]|bounced (?:e?-?mail|message)|unable to send|delivery (?:status|fail|has failed|problem"
    r"|report|notif|error|delay|incomplete)|failed delivery"
    r"|(?:mail|message|email) (?:delivery|could not|cannot|not deliver|undeliver|rejected|delay|fail|system error)"
    r"|returned (?:e?-?mail|to sender|message)|return(?:ing|ed) (?:message|mail)? ?to (?:the )?sender|failure notice"
    r"|failure (?:delivery|report)|mail fail|error sending|sending your mail|rejected mail|non[- ]?delivery"
    r"|(?<!\w)(?:ndn|ndr|dsn)\b"
    r"|could ?n[o']t be (?:delivered|sent)|not (?:be )?delivered|mail status report|postmaster (?:notify|report)"
    r"|nondeliverable"
    r"|unable to deliver|unzustellbar|nicht zugestellt|nicht zustellbar|zustellung|rücksendung|fehlgeschlagen"
    r"|non (?:remis|distribu|délivr)|échec|non recapitat|mancato recapito|consegna|no (?:entregad|se pudo entregar"
    r"|se ha podido)"
    r"|devuelto|fallo en la entrega|devolvid|não (?:entreg|foi possível)|falha na entrega|onbestelbaar|niet bezorgd"
    r"|kunde inte levereras"
    r"|kan ikke leveres|toimittaminen|nie dostarczon|niedostarczon|zwrócon|nedoruč|kézbesítés|teslim edilemedi"
    r"|не доставлен|недоставлен|не удалось доставить|ошибка доставки"
    r"|配信|配送(?:不能|エラー)|送信(?:でき|エラー|失敗)|送達|届(?:かな|け)"
    r"|不達|退信|系统退信|投递失败|無法(?:傳送|投遞|傳遞)|无法(?:投递|送达|发送)|未送达|전송 실패|반송|배달",
    re.IGNORECASE,
)

COMPLAINT_SUBJECT = re.compile(
    r"\s*(?:complaint about message from \d|e-?mail feedback report for ip\b)", re.IGNORECASE
)
"""As feedback loops write it, with the sender's IP; people who complain write "Abuse report", too."""

FAILED_TEXT = re.compile(
    r"<<< [45]\d\d|>>> (?:RCPT|DATA|MAIL)|RCPT TO:|\bSMTP[; ].{0,60}\b[45]\d\d\b"
    r"|\b5[05]\d[ -](?:#?5\.\d{1,2}\.\d{1,2}\b|[^\n]{0,40}"
    r"(?:user|mailbox|recipient|unknown|relay|address|taken))|\b[45]\.\d\.\d{1,2}\b[^\n]{0,60}(?:user|mailbox"
    r"|recipient|address|unknown)"
    r"|\bMAILER-DAEMON|user (?:is )?unknown|unknown (?:user|recipient|local part)|no such (?:user|recipient"
    r"|mailbox)|invalid (?:user|recipient)"
    r"|(?:mailbox|inbox|quota)[^\n]{0,30}(?:full|exceeded|unavailable)|host (?:unknown|not found)|unknown host"
    r"|unrouteable"
    r"|delivery (?:problems|errors|failed|to the following)|following (?:address|recipient)[^\n]{0,40}(?:fail"
    r"|reject|problem|error)"
    r"|could not be delivered to|not delivered to|failed (?:addresses|recipient)|permanent (?:fatal )?error"
    r"|no valid recipients"
    r"|(?:returned|original|undelivered) message (?:follows|headers?|is )"
    r"|ユーザ(?:ー)?(?:が|は)|宛先|送信できませ|配信できませ",
    re.IGNORECASE,
)
"""In the language of mail servers; a shop's "your parcel could not be delivered" is not meant."""

ORIGINAL_INSIDE = re.compile(
    r"^[\s>|]*(?:received: (?:from|by) |return-path: ?<|x-original-to: |message-id: ?<)|original message"
    r"|message text follows|^message details:|mail from:"
    r"|(?:copy of (?:the|your)|below is) (?:the )?(?:message|mail)|元(?:の)?メッセージ|オリジナル",
    re.IGNORECASE | re.MULTILINE,
)

_RE = r"(?:re|aw|sv|vs|antw|rép|odp|res|rif|ynt|ответ|回复|返信)\s*[:\uff1a]"
"""Before an answer's subject."""

ANSWERED_SUBJECT = re.compile(rf"\W*{_RE}", re.IGNORECASE)
PASSED_ON_SUBJECT = re.compile(
    r"\W*(?:fwd?|wg|tr|rv|enc|i|doorst|vb|vl|fs|vidaresänt|пересл|轉寄|转发|転送)\s*[:\uff1a]", re.IGNORECASE
)

AUTO_REPLY_SUBJECT = re.compile(
    r"[\[\s*]*(?:(?:"
    r"auto(?:matic|mated)?[- ]?(?:reply|response|answer|responder)|auto"
    r"|auto(?:matisch)?e? ?(?:antwort|abwesenheitsnotiz)"
    r"|out of (?:the )?office auto-?reply|vacation (?:reply|response)"
    r"|abwesenheits(?:notiz|benachrichtigung|assistent)"
    r"|réponse automatique(?: d['\u2019]absence)?|respuesta automática|risposta automatica|resposta automática"
    r"|automatisch(?:e)? (?:antwoord|beantwoord)\w*|autosvar|automatiskt? svar|automaattinen vastaus"
    r"|automatyczna odpowiedź|automatická odpověď|automatikus válasz|otomatik yanıt"
    r"|автоответ\w*|автоматический ответ|автоматична відповідь"
    r"|自动回复|自動回覆|自動回复|自動(?:応答|返信)|자동 ?(?:회신|응답)|不在(?:通知|のお知らせ)"
    r")\s*[:\uff1a\]]"
    r"|(?:out of (?:the )?office|ooo|vacation message|(?:message d['\u2019])?absence|abwesend|fuera de la oficina)"
    rf"[\s:\uff1a\-\u2013(\[]+{_RE})",
    re.IGNORECASE,
)
"""An automatic reply names, after a colon, what it replies to: "Automatic reply stopped working" is a customer.

So is "RE: Automatic reply: …", an answer to one of ours.
"""
