"""How a mail relates to others, by its headers: it answers one, it forwards one, or it is the first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from producers.mail.headers import header
from producers.mail.mime.parsing import Mail
from producers.mail.reply.lines import Line

_LEAD = r"\W{0,8}(?:\[[^\]]{0,60}\]\s{0,4}){0,3}\W{0,4}"
_FORWARD = re.compile(
    _LEAD
    + r"(?:fwd?|wg|tr|rv|enc|i|vs|vl|vb|vbr|doorst|pd|fs|ilt|i̇lt|továbbítás|tovabb|forward|přep|πρθ|пересл|пер|ilet"
    r"|轉寄|转发|轉發|転送|전달|הועבר)\s{0,2}(?:\[\d{1,3}\]|\(\d{1,3}\))?\s{0,2}[:\uff1a]",
    re.IGNORECASE,
)
_REPLY = re.compile(
    _LEAD + r"(?:re|aw|antw?|sv|rif|r|res|odp|ynt|απ|на|отв|ответ|vá|atb|回复|答复|回覆|回信|返信|답장|회신|תגובה|رد)"
    r"\s{0,2}(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s{0,2}[:\uff1a]",
    re.IGNORECASE,
)
_VS = re.compile(_LEAD + r"vs\s{0,2}:", re.IGNORECASE)
_FINNISH = re.compile(r"[\s*]{0,4}lähettäjä", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relation:
    """What the headers say; neither is a mail that begins a conversation."""

    is_forward: bool
    is_reply: bool


def relation(mail: Mail, subject: str, lines: Sequence[Line]) -> Relation:
    """Read subject and references. "VS:" forwards in Norwegian and answers in Finnish."""
    is_forward = bool(_FORWARD.match(subject))
    if is_forward and _VS.match(subject) and any(_FINNISH.match(line.text[:40]) for line in lines):
        is_forward = False
    is_answer = any(header(mail, name) for name in ("In-Reply-To", "References")) or bool(_REPLY.match(subject))
    return Relation(is_forward, is_reply=is_answer and not is_forward)
