"""Look for text that speaks to the model instead of to support. A finding never blocks: it calls a human."""

import re

from fleet.ticket import Ticket
from worker.domain import Flag

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(ignore|disregard|forget|override)\b.{0,40}\b(instructions?|rules|prompts?|guidelines)\b",
        r"\b(system|developer)\s*(prompt|message|instruction|override)\b",
        r"</?\s*(ticket|system|assistant|instructions?)\s*>",
        r"\byou are (now|no longer)\b.{0,60}\b(assistant|model|ai|bot|mode|triage|classifier)\b",
        r"\b(needs_human|decided_by|\"?urgency\"?\s*[:=]|\"?category\"?\s*[:=]\s*\")",
        r"\b(ignorier|vergiss|ignora|olvida|ignorez|oublie)\w*\b.{0,40}\b(anweisung|instruc|regeln|consignes|reglas)\w*",
        r"\b(note|message|attention|instructions?) (to|for) (the )?(ai|model|llm|assistant|bot|classifier|triage)\b",
    )
)


def screen(ticket: Ticket) -> frozenset[Flag]:
    """Name the suspicions that a ticket raises; an empty set for nearly all of them."""
    text = ticket.text
    if any(pattern.search(text) for pattern in _PATTERNS):
        return frozenset({Flag.INJECTION})
    return frozenset()
