"""The page sink: an incident by PagerDuty's Events API v2, folded by its dedup key into one however often it is sent.

Source: PagerDuty developer documentation, "Send an alert event" (payload fields, 202 accepted, 429 and 5xx again).
"""

import hashlib
import json
import re
from collections.abc import Callable

from fleet.addresses import shown
from fleet.ledger.decoding import as_object
from fleet.ledger.records import Effect
from fleet.settings import Settings
from fleet.ticket import Ticket
from fleet.verdict import Verdict
from worker.sinks.base import SinkError
from worker.sinks.http import Outbound

_MAX_SUMMARY = 1024
_ADDRESS = re.compile(r"[^\s<>@\"]{1,64}@[^\s<>@\"]{1,255}")


class PageSink:
    """Pages for verdicts that `wants` says are worth waking somebody."""

    name = "page"

    def __init__(self, settings: Settings, outbound: Outbound, wants: Callable[[Verdict], bool]) -> None:
        self._url = settings.page_url
        self._key = settings.page_routing_key
        self._service = settings.page_service
        self._outbound = outbound
        self._wants = wants

    @property
    def state(self) -> str:
        """Whether pages go out."""
        return "off, for TRIAGE_PAGE_ROUTING_KEY is not set" if self._key is None else f"on, to {shown(self._url)}"

    def effect(self, ticket: Ticket, verdict: Verdict) -> Effect | None:
        """Page about one person's matter, not the attempt: a customer's third mail about it is the same incident."""
        if self._key is None or not self._wants(verdict):
            return None
        dedup_key = _incident(self._service, ticket)
        summary = f"[{self._service}] {verdict.category}, {verdict.urgency}: {verdict.reason}"
        payload = {
            "summary": summary[:_MAX_SUMMARY],
            "source": self._service,
            "severity": "critical",
            "component": ticket.source,
            "class": verdict.category,
            "custom_details": {"ticket_id": ticket.id, "decided_by": verdict.decided_by, "flags": verdict.flags},
        }
        # The routing key is a secret and is added when sending: it must not lie in the ledger.
        body = {"event_action": "trigger", "dedup_key": dedup_key, "payload": payload}
        return Effect(f"page:{ticket.id}", self.name, dedup_key, json.dumps(body))

    async def send(self, effect: Effect) -> None:
        """Send the event; 202 means accepted."""
        if self._key is None:
            raise SinkError("TRIAGE_PAGE_ROUTING_KEY is not set in this worker", retry_after_s=60)
        event = as_object(effect.body)
        if event is None:
            raise SinkError("this release cannot read the delivery's body", retry_after_s=60)
        event = {"event_action": "trigger", "dedup_key": effect.dedup_key} | event
        event["routing_key"] = self._key.get_secret_value()
        await self._outbound.post_json(self._url, event, idempotency_key=effect.dedup_key)


def _incident(service: str, ticket: Ticket) -> str:
    """Make the dedup key, with the author in it, for a conversation is a stranger's choice.

    In a channel without threads, or among answers to one newsletter, the next customer's outage would fold into an
    incident that is acknowledged already.
    """
    addresses = _ADDRESS.findall(ticket.sender)  # a display name may look like one; the real one stands last
    author = (addresses[-1] if addresses else ticket.sender).casefold()
    about = (ticket.conversation, author) if ticket.conversation else (ticket.id,)
    return hashlib.sha256(json.dumps((service, ticket.tenant, *about)).encode()).hexdigest()
