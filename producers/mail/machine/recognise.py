"""Recognition of machine-made mail: the first rule that holds names the kind."""

from fleet.ticket import Automated
from producers.mail.headers import sender
from producers.mail.machine import auto_replies, bounces, lists, loops
from producers.mail.machine.evidence import gather
from producers.mail.machine.rules import Facts, Rule
from producers.mail.machine.way import way_of
from producers.mail.mime.parsing import Mail

RULES: tuple[Rule, ...] = (*loops.RULES, *bounces.RULES, *auto_replies.RULES, *lists.RULES)


def automated(mail: Mail, own: frozenset[str]) -> Automated | None:
    """Name the kind of machine-made mail; `own` are our addresses. In doubt None: a model reads it."""
    who = sender(mail)
    facts = Facts(mail, who, own, way_of(mail, own), gather(mail, who))
    return next((rule.kind for rule in RULES if rule.holds(facts)), None)
