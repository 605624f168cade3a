"""Look for text that speaks to the model instead of to support. A finding never blocks: it calls a human."""

import re
import unicodedata

from fleet.ticket import Ticket
from worker.content import content_of
from worker.domain import Flag
from worker.guardrails.attacks.asides import ASIDES
from worker.guardrails.attacks.forget import FORGET
from worker.guardrails.attacks.machinery import MACHINERY
from worker.guardrails.attacks.rule import Rule
from worker.guardrails.attacks.tags import has_stray_tag, has_unseen_words

RULES: tuple[Rule, ...] = (*FORGET, *MACHINERY, *ASIDES)
"""Every repetition is bounded: a text of 64 KiB that nearly fits must not hold up the process (tests/unit/worker)."""

_SPACED = re.compile(r" (?<=\b\w )(?=\w\b)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def screen(ticket: Ticket) -> frozenset[Flag]:
    """Name the suspicions that a ticket raises; an empty set for nearly all of them."""
    text = _plain("\n".join(content_of(ticket).texts()))
    if has_stray_tag(text) or any(rule.finds(text) for rule in RULES) or has_unseen_words(ticket.text):
        return frozenset({Flag.INJECTION})
    return frozenset()


def _plain(text: str) -> str:
    """Undo what hides words from a search and not from a model: look-alikes, unseen characters, l e t t e r s apart."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _SPACED.sub("", text.lower())
