"""Look for text that speaks to the model instead of to support. A finding never blocks: it calls a human."""

import re
import unicodedata

from fleet.ticket import Ticket
from worker.content import content_of
from worker.domain import Flag

_MACHINE = (
    r"(ai|llm|robot|(large |whatever )?language model|triage (model|bot|system)|classifier)( agent| model| system)?s?"
)


def _rule(clues: str, pattern: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """A pattern behind words of which it needs one: looking for those first takes a fraction of the time."""
    return tuple(clues.split("|")), re.compile(pattern, re.DOTALL)


# Every repetition is bounded: a text of 64 KiB that nearly fits must not hold up the process (tests/unit/worker).
# Orders to forget the orders, in the languages that the fleet meets.
_FORGET = (
    _rule(
        "ignore|disregard|forget|override|bypass",
        r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(instructions?|rules|prompts?|guidelines|directives?)\b",
    ),
    _rule(
        "anweisung|regeln|vorgaben|instructies|regels",
        r"\b(ignorier|vergiss|vergessen sie|missachte|negeer|vergeet)\w{0,9}\b.{0,40}"
        r"\b(anweisung|regeln|vorgaben|instructies|regels)",
    ),
    _rule(
        "instruc|istruzion|instruç|consigne|reglas|règles|regole|regras",
        r"\b(ignor|olvid|oubli|dimentic|esque[cç])\w{0,9}\b.{0,40}"
        r"\b(instruc|istruzion|instruç|consigne|reglas|règles|regole|regras)",
    ),
    _rule("zignoruj|zapomnij|pomiń", r"\b(zignoruj|zapomnij|pomiń)\b.{0,40}\b(instrukcj|polece|zasad)"),
    _rule("talimat", r"\btalimat\w{0,9}\b.{0,30}\b(yok say|unut|görmezden)"),
    _rule("инструкц|указани|правил", r"\b(игнорир|забудь|не обращай)\w{0,9}\b.{0,40}\b(инструкц|указани|правил)"),
    _rule("تجاهل", r"تجاهل.{0,40}(التعليمات|الأوامر|القواعد)"),
    _rule("無効|無視|忘れ", r"(指示|命令|ルール).{0,12}(無効|無視|忘れ)"),
    _rule("忽略|无视|無視|忘记|忘記", r"(忽略|无视|無視|忘记|忘記).{0,12}(指令|指示|说明|規則|规则|提示)"),
)

# Talk of the machinery, which customers have no words for.
_MACHINERY = (
    _rule("system|developer", r"\b(system|developer)\s{0,9}(prompt|message|instruction|override)s?\b"),
    _rule("<|[", r"</?\s{0,9}(ticket|system|assistant|instructions?)\s{0,9}>|<\|\w{1,30}\|>|\[/?(inst|system)\]"),
    _rule("<!--", r"<!--\s{0,9}(system|assistant|ai|llm)\b"),
    _rule("you are", r"\byou are (now|no longer)\b.{0,60}\b(assistant|model|ai|bot|mode|triage|classifier)\b"),
    _rule("needs_human|decided_by", r"needs_human|decided_by"),
    _rule("urgency|category", r"\burgency\"?\s{0,9}[:=]|\bcategory\"?\s{0,9}[:=]\s{0,9}\""),
    _rule("your |the real", r"\byour (new|real|actual|only) (task|instructions?|role)\b|\bthe real task\s{0,9}:"),
    _rule(
        "pretend|role|act as", r"\b(pretend you are an?|you are role-?playing|act as (an?|my) (ai|assistant|bot|dan))\b"
    ),
    _rule("from now on", r"\bfrom now on,? you (will |must |are |should )?(act|respond|answer|reply|going|behave)"),
    _rule("do anything|stay in char", r"\bdo anything now\b|\bstay in character\b"),
    _rule("decode", r"\bdecode\b.{0,40}\b(follow|execute|obey|do what)\b"),
    _rule("triage", r"\btriage (model|bot)\b"),
)

# Words to the machine behind the back of the staff.
_ASIDES = (
    _rule(
        "note|message|attention|instruction",
        r"\b(note|message|attention|instructions?) (to|for) (the |any |all )?"
        rf"({_MACHINE}|model|assistant|bot|triage)\b",
    ),
    _rule(
        "to |for ",
        rf"\b(to|for) (the |any |all |every )?{_MACHINE}\b"
        r"\s{0,9}([:,\u2013\u2014]|-\s|not the (human|people|staff)|(process|read)(es|ing)\b)",
    ),
    _rule("ai|llm|robot|language|triage|classifier", rf"(^|\n)\W{{0,9}}{_MACHINE}\s{{0,9}}[:\u2013\u2014]"),
    _rule(
        "automatische|ki|sprachmodell",
        r"\b(hinweis|anweisung|nachricht) an (die |das |alle )?(automatische\w?|ki|sprachmodell)\b",
    ),
    _rule("ia", r"\b(note|instructions?|message) (pour|à) l['\u2019]ia\b"),
    _rule("para la ia|para el modelo", r"\b(nota|instrucci[oó]n(es)?|mensaje) para (la ia|el modelo)\b"),
)

_SPACED = re.compile(r" (?<=\b\w )(?=\w\b)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def screen(ticket: Ticket) -> frozenset[Flag]:
    """Name the suspicions that a ticket raises; an empty set for nearly all of them."""
    text = _plain("\n".join(content_of(ticket).texts()))
    for clues, pattern in (*_FORGET, *_MACHINERY, *_ASIDES):
        if any(clue in text for clue in clues) and pattern.search(text):
            return frozenset({Flag.INJECTION})
    return frozenset()


def _plain(text: str) -> str:
    """Undo what hides words from a search and not from a model: look-alikes, unseen characters, l e t t e r s apart."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _SPACED.sub("", text.lower())
