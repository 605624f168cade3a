"""Words of attributions ("wrote", "schrieb", "写道") and how they begin, by language."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re

VERB = re.compile(
    r"\b(?:wrote|writes|said|schrieb|schreibt|écrit|escribió|escribi[oó]|ha scritto|scrisse|escreveu|schreef"
    r"|geschreven|skrev"
    r"|skriver|kirjoitti|napisał(?:a|\(a\))?|napisana przez|pisze|napsal(?:\(a\)|a)?|napísal(?:a|\(a\))?|írta|yazdı"
    r"|şunları yazdı"
    r"|написал(?:а)?|пишет|писал(?:а)?|написав|написа|έγραψε|a scris|je napisao|piše|napisal(?:a)?|va escriure|đã viết"
    r"|menulis|ditulis|kirjutas|rakstīja|rašė|skrifaði|quoting|zitat von|citando|citaat van|cytowanie|citat (?:från"
    r"|fra))\b"
    r"|寫道|写道|写到|のメール|さんは書きました|wrote$|(?:작성|썼습니다|님이 쓴)|เขียน|כתב|كتب|نوشت|ने लिखा",
    re.IGNORECASE,
)

OPENER = re.compile(
    r"[\s*-]{0,8}(?:on|le|am|el|il|em|op|den|dne|dnia|w dniu|vào|pada|na|no dia|a|в|на|il giorno|at|the"
    r"|in a message dated)\s.{0,60}?\d",
    re.IGNORECASE,
)
