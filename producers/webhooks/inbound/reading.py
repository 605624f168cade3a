"""From a provider's request to the tickets of its mails, or to the reason why there are none. Nothing is written."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.errors import InvalidTicketError
from producers.intake.metrics import Refusal
from producers.mail.message import MailTicket, read_mail
from producers.rejection import Rejected
from producers.webhooks.providers.registry import Provider
from producers.webhooks.request.posted import Posted
from producers.webhooks.trust.gates import Gate


@dataclass(frozen=True, slots=True)
class Read:
    """One mail of a request: its bytes, and what the mail parser makes of them."""

    raw: bytes
    outcome: MailTicket | Rejected


@dataclass(frozen=True, slots=True)
class Found:
    """What a believed request holds; `token` is good once, and its content tells a second use from a retry."""

    mails: tuple[Read, ...]
    token: str = ""

    @property
    def content(self) -> bytes:
        """All that a token is bound to: a retry may pack the same mail into another form."""
        return b"\0".join(mail.raw for mail in self.mails)


def read_request(posted: Posted, provider: Provider, gate: Gate, *, now: float, own: frozenset[str]) -> Found | Refusal:
    """Check the proofs, then read the mails; `own` are our addresses, in small letters."""
    try:
        why = gate.doubt(posted, now)
    except InvalidTicketError:  # a signature inside a form that cannot be read is none
        return Refusal.MISSING
    if why is not None:
        return why
    return Found(_read_mails(posted, provider, now, own), gate.token(posted) if gate.token else "")


def _read_mails(posted: Posted, provider: Provider, now: float, own: frozenset[str]) -> tuple[Read, ...]:
    at = datetime.fromtimestamp(now, UTC)
    try:
        found = provider.mails(posted)
    except InvalidTicketError as error:  # kept as it came
        return (Read(posted.body, Rejected(1, str(error))),)
    return tuple(Read(raw, read_mail(raw, now=at, own=own)) for raw in found)
