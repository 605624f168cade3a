"""Send the evidently hard tickets to the frontier model at once: asking the small one first would be paid twice.

By the customer's own words: subject, body, fields, what was passed on; never by quoted history or a signature.
"""

import re
from collections.abc import Set as AbstractSet

from fleet.lanes import Tier
from fleet.taxonomy import Taxonomy
from fleet.ticket import Ticket
from worker.content import content_of
from worker.domain import Flag, Route
from worker.routing.banners import without_banners
from worker.routing.issues import has_several
from worker.routing.language import is_foreign
from worker.routing.risks import find_risk
from worker.routing.words import words_of

LONG_CHARACTERS = 2_500
"""About 600 tokens; in longer mails the small model mixes up what is quoted and what is asked."""

RISKY_ROUTES = frozenset({"suspected_injection", "risk_words"})
"""Reasons that keep their way to the frontier model when money is short."""

_ADDRESS = re.compile(
    r"https?://[^\s<>]+|www\.[^\s<>]+|\b[\w-]{1,63}\.[a-z]{2,9}/[^\s<>]*|[^\s<>@]{1,64}@[^\s<>@]{1,250}\w"
)
"""Links that a gateway rewrote are long, and addresses are called `fraud@…`: neither is a word."""


def route(ticket: Ticket, flags: AbstractSet[Flag], taxonomy: Taxonomy) -> Route:
    """Choose the tier by what can be seen without a model; the reason is from a closed set."""
    if Flag.INJECTION in flags:
        return Route(Tier.FRONTIER, "suspected_injection")
    reason = _reason(content_of(ticket).own, taxonomy)
    return Route(Tier.FRONTIER if reason else Tier.SMALL, reason)


def _reason(text: str, taxonomy: Taxonomy) -> str:
    if "@" in text or "/" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    words = words_of(text)
    own = without_banners(text, words)
    own_words = words if own == text else words_of(own)
    # Read with the banner and without it: it may be in another language than the customer.
    if find_risk(words) or (own_words is not words and find_risk(own_words)):
        return "risk_words"
    if len(own) > LONG_CHARACTERS:
        return "long"
    if has_several(own):
        return "several_issues"
    return "language" if is_foreign(own, own_words, taxonomy.languages.small) else ""
