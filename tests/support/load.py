"""Tickets by the hundred for the acceptance tests, put in as a producer puts them in."""

from collections.abc import Sequence
from itertools import cycle, islice

from fleet.ledger.transitions import accept
from fleet.ticket import Source, Ticket
from ops.demo.fleet import LocalFleet

EASY = (
    "How do I change my password in the settings? Request {n}.",
    "Where do I find my invoices? No hurry. Request {n}.",
    "The app shows error 500 when I try to log in. Request {n}.",
)
"""The simulator's small brain decides each of these with one call."""

HARD = "I will call my lawyer: my account was hacked. Request {n}."
"""Goes to the frontier by its words, without asking the small one."""

MIXED = (*EASY, HARD)


def make_tickets(count: int, name: str, texts: Sequence[str] = MIXED) -> list[Ticket]:
    """Make tickets `name-0`, `name-1`, … of these texts in turn."""
    return [
        Ticket(id=f"{name}-{n}", source=Source.HTTP, body=text.format(n=n))
        for n, text in enumerate(islice(cycle(texts), count))
    ]


def submit(fleet: LocalFleet, tickets: Sequence[Ticket]) -> list[str]:
    """Accept tickets and send a hint for each; answers their ids."""
    for ticket in tickets:
        answer = fleet.ledger.run(accept(ticket, key=f"key-{ticket.id}"))
        assert answer.is_new, answer
        fleet.hints.look([ticket.id], queue="triage.small", at_ms=answer.at_ms)
    return [ticket.id for ticket in tickets]
