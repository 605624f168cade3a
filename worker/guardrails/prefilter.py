"""Messages that no person wrote or that say nothing: decided without a model."""

import re

from fleet.taxonomy import Taxonomy
from fleet.ticket import Automated, Ticket
from fleet.verdict import DecidedBy, Verdict
from worker.domain import Flag

_BOUNCE_SENDER = re.compile(r"^\W*(mailer-daemon|postmaster)@|<(mailer-daemon|postmaster)@", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(
    r"^(undeliver(ed|able)|delivery (status notification|failure|has failed|delayed)"
    r"|mail delivery (failed|failure|subsystem|system)|returned mail|failure notice|warning: could not send"
    r"|unzustellbar|nicht zustellbar|(fehler bei der )?zustellung|échec d[eu]|non remis|message non distribué"
    r"|no se (pudo|ha podido) entregar|(correo|mensaje) (devuelto|no entregado)|error (en la|de) entrega)",
    re.IGNORECASE,
)
_REPLY_SUBJECT = re.compile(
    r"^(auto(matic|mated)?[- ]?(reply|response)|out of (the )?office auto-?reply|abwesenheits(notiz|benachrichtigung)"
    r"|automatische (antwort|abwesenheitsnotiz)|réponse automatique( d['\u2019]absence)?|respuesta automática)\s*:"
    r"|^(auto[- ]?reply|out of (the )?office|ooo|(message d['\u2019])?absence|abwesend|fuera de la oficina)"
    r"[\s:]+(re|aw)\s*:",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w", re.UNICODE)


def prefilter(ticket: Ticket, taxonomy: Taxonomy) -> Verdict | None:
    """Decide machine-made and empty messages; None for everything that a model should read.

    In doubt None: a customer's mail taken for a bounce would be lost to everybody.
    """
    kind = ticket.automated or _recognise(ticket)
    if kind is not None:
        return _verdict(taxonomy, f"machine-made mail: {kind.value.replace('_', ' ')}", Flag.AUTOMATED)
    # Attachments may hold what the text does not say, so only a message with neither is empty.
    if not _WORD.search(ticket.text) and not ticket.attachments:
        return _verdict(taxonomy, "the message has no text", Flag.EMPTY)
    return None


def _recognise(ticket: Ticket) -> Automated | None:
    # Subject and sender both: a person may well write about "undelivered mail". And an automatic reply names, after a
    # colon, what it replies to: "Automatic reply stopped working" is a customer.
    if _BOUNCE_SENDER.search(ticket.sender) and _BOUNCE_SUBJECT.search(ticket.subject):
        return Automated.BOUNCE
    if _REPLY_SUBJECT.search(ticket.subject):
        return Automated.AUTO_REPLY
    return None


def _verdict(taxonomy: Taxonomy, reason: str, flag: Flag) -> Verdict:
    return Verdict(
        category=taxonomy.automated.category,
        urgency=taxonomy.lowest,
        needs_human=False,
        confidence=1.0,
        reason=reason,
        language="und",
        decided_by=DecidedBy.PREFILTER,
        taxonomy=taxonomy.version,
        flags=(flag,),
    )
