"""The texts that benchmarks work on: those of the bundled tickets that make the fleet call the small model once."""

from fleet.lanes import Tier
from fleet.taxonomy import load_taxonomy
from fleet.ticket import Ticket, make_ticket
from ops.demo.tickets import load
from worker.guardrails.prefilter import prefilter
from worker.guardrails.screen import screen
from worker.routing.route import route


def one_call_texts() -> list[str]:
    """Read them; a run that needs more begins again at the first."""
    return [labelled.ticket.body for labelled in load(None, None).tickets if _is_one_small_call(labelled.ticket)]


def _is_one_small_call(ticket: Ticket) -> bool:
    taxonomy = load_taxonomy()
    body_alone = make_ticket(source=ticket.source, body=ticket.body)
    is_small = route(body_alone, screen(body_alone), taxonomy).tier is Tier.SMALL
    return is_small and prefilter(body_alone, taxonomy) is None
