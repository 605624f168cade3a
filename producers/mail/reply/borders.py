"""Border lines of help desks: "##- Please type your reply above this line -##", by language. Below them is history."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re

from producers.mail.reply.lines import Line

_LONGEST = 120
_MAX_AROUND = 40
_MAX_WORDS = 14

_BORDER = re.compile(
    r"\b(?:repl(?:y|ies|ying)|respon[ds]\w{0,5}|type|write|text|answers?|comments?)\b.{0,40}?\b(?:above|over"
    r"|below)\b.{0,12}?\b(?:this|the|that)\b"
    r".{0,12}?\bline\b"
    r"|\b(?:above|below) this line\b.{0,30}\b(?:repl|respon|post|add|appear|seen|ignored)"
    r"|\b(?:antwort\w{0,4}|schreiben)\b.{0,50}?\b(?:oberhalb|über)\b.{0,12}?(?:linie|zeile)|\boberhalb dieser (?:linie"
    r"|zeile)\b.{0,40}antwort"
    r"|\b(?:répon\w{1,6}|écri\w{1,5}|saisi\w{1,5})\b.{0,50}?\bau[- ]dessus de (?:cette|la) ligne"
    r"|\b(?:respuesta|respond\w{1,4}|escrib\w{1,4}|conteste)\b.{0,50}?\b(?:encima|arriba) de (?:esta|la) línea"
    r"|\b(?:resposta|respond\w{1,4}|digite|escreva)\b.{0,50}?\bacima d(?:esta|essa|a) linha"
    r"|\b(?:risposta|rispond\w{1,4}|scriv\w{1,4})\b.{0,50}?\bsopra (?:di )?(?:questa|la) (?:riga|linea)"
    r"|\b(?:antwoord\w{0,3}|typ|beantwoord\w{0,2}|schrijf)\b.{0,50}?\bboven (?:deze|de) (?:lijn|regel)"
    r"|\bboven deze (?:lijn|regel)\b.{0,30}antwoord"
    r"|\b(?:svar\w{0,3}|skriv)\b.{0,50}?\b(?:ovanför|over|ovenfor|ovenover) (?:denna|denne|den|linjen|raden)\b"
    r"|\b(?:vastau\w{1,8}|kirjoita)\b.{0,50}?\brivin yläpuolelle"
    r"|\b(?:odpowied\w{0,8}|odpowiada\w{0,3}|pisz|wpisz)\b.{0,50}?\b(?:powyżej|ponad|nad) t(?:ej|ą) lini"
    r"|\b(?:odpově\w{1,8}|napište|pište)\b.{0,50}?\bnad (?:tento řádek|tímto řádkem|tuto čáru)"
    r"|\b(?:yanıt\w{0,8}|cevab\w{0,6})\b.{0,50}?\bbu (?:satırın|çizginin) üst"
    r"|\b(?:ответ\w{0,6}|пишите)\b.{0,50}?\bвыше этой (?:строки|линии)"
    r"|この行(?:より|の)上|このラインより上|请在此(?:行|线).{0,6}(?:上方|以上|之上)|在此行上方|이 (?:줄|선) 위에",
    re.IGNORECASE,
)
_FRAMED = re.compile(r"\s{0,8}(?:[#\-_=*~\u2014\u2013\u2500+<\[(>]{1,40}\s?){1,3}")
_SPEAKS = re.compile(r"\?|\b(?:I|I'm|we|my|ich|wir|je|yo|ik|jag|jeg)\b")


def is_border(line: Line) -> bool:
    """Tell whether a help desk put this line above its own mail; what is written above it is the answer."""
    text = line.text.strip()
    if not 0 < len(text) <= _LONGEST:
        return False
    found = _BORDER.search(text)
    if found is None or _SPEAKS.search(text):
        return False
    around = len(text) - (found.end() - found.start())
    # Unframed, the line has to be little else: people write about such lines, too.
    return bool(_FRAMED.match(text)) or (
        around <= _MAX_AROUND and text[0].isupper() and len(text.split()) <= _MAX_WORDS
    )
