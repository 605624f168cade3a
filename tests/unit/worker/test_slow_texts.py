"""Text comes from strangers, and a slow pattern on the one event loop stops every ticket of the process."""

import time

import pytest

from fleet.taxonomy import load_taxonomy
from fleet.ticket import MAX_TEXT_BYTES, Source, Ticket
from worker.guardrails.prefilter import prefilter
from worker.guardrails.screen import screen
from worker.routing.route import route

LONGEST_S = 2.0
"""A hundred times what is needed; a pattern of quadratic time takes minutes."""

PIECES = [
    "\n",
    " ",
    "<",
    "< ",
    "a ",
    "-\n",
    "\n- ",
    "\n!!!!!!!!!",
    "1. ",
    "ignore ",
    "ignore",
    "urgency ",
    "to the ai ",
    "note to the ",
    "decode ",
    "talimat",
    "you are now ",
    "забудь",
    "игнорируй инструкц",
    "指示",
    "تجاهل ",
    "instructions à ",
    "\u200b",
    "ﬁ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_holds_the_process_up(piece: str) -> None:
    body = "a" + piece * ((MAX_TEXT_BYTES - 2) // len(piece.encode())) + "a"
    ticket = Ticket(source=Source.HTTP, body=body)
    started = time.process_time()
    prefilter(ticket, load_taxonomy())
    route(ticket, screen(ticket), load_taxonomy())
    assert time.process_time() - started < LONGEST_S
