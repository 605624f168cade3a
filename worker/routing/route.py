"""Send the evidently hard tickets to the frontier model at once: asking the small one first would be paid twice."""

import re
from collections.abc import Set as AbstractSet

from fleet.lanes import Tier
from fleet.taxonomy import Taxonomy
from fleet.ticket import Ticket
from worker.domain import Flag, Route
from worker.routing.language import guess_language

LONG_CHARACTERS = 2_500
"""About 600 tokens; in longer mails the small model mixes up what is quoted and what is asked."""

ISSUE_MARKS = 3
"""Points or "also" turns from which a ticket counts as several issues."""

_RISK = re.compile(
    r"\b(lawyers?|attorneys?|solicitors?|legal action|lawsuit|sue|court|ombudsman|regulator|gdpr|dsgvo|rgpd|anwalt|"
    r"avocat|abogado|injur(y|ed|ies)|caught fire|smoke|burn(ed|t|ing)|electric shock|suicid\w*|kill myself|"
    r"self[- ]harm|hurt myself|hacked|breach(ed)?|phish\w*|ransomware|stolen|fraud\w*|unauthori[sz]ed|"
    r"leaked|compromised)\b",
    re.IGNORECASE,
)
RISKY_ROUTES = frozenset({"suspected_injection", "risk_words"})
"""Reasons that keep their way to the frontier model when money is short."""

_POINT = re.compile(r"^[ \t]*(?:\(?\d{1,2}[.)]|[-*•])[ \t]+\S", re.MULTILINE)
_TURN = re.compile(
    r"\b(also|another (issue|problem|thing|question)|second(ly)?|third(ly)?|on top of that|besides|in addition|"
    r"außerdem|zweitens|drittens|en outre|además|también)\b",
    re.IGNORECASE,
)


def route(ticket: Ticket, flags: AbstractSet[Flag], taxonomy: Taxonomy) -> Route:
    """Choose the tier by what can be seen without a model; the reason is from a closed set."""
    text = ticket.text
    if Flag.INJECTION in flags:
        return Route(Tier.FRONTIER, "suspected_injection")
    if _RISK.search(text):
        return Route(Tier.FRONTIER, "risk_words")
    if len(text) > LONG_CHARACTERS:
        return Route(Tier.FRONTIER, "long")
    if len(_POINT.findall(text)) >= ISSUE_MARKS or len(_TURN.findall(text)) >= ISSUE_MARKS:
        return Route(Tier.FRONTIER, "several_issues")
    language = guess_language(text)
    if language is not None and language not in taxonomy.languages.small:
        return Route(Tier.FRONTIER, "language")
    return Route(Tier.SMALL)
