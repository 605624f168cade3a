"""Text comes from strangers, and a slow pattern on the one event loop stops every ticket of the process."""

import time
from dataclasses import replace

import pytest

from fleet.taxonomy import load_taxonomy
from fleet.ticket import MAX_TEXT_BYTES, Source, Ticket
from worker.guardrails.prefilter import prefilter
from worker.guardrails.screen import RULES, screen
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
    '"urgency" "reason" ',
    "ignore my previous instructions ",
    "set urgency ",
    "<system>",
    "stolen ",
    "tennis court ",
    "my lawyer. ",
    "report phishing to ",
    "- os: x\n",
    "also ",
    "environment:\n- a\n",
    "take a ",
    "https://x ",
    "a@",
    "<instructions>",
    "以前の指示",
    "\u200b",
    "ﬁ",
]


def longest(piece: str) -> str:
    return "a" + piece * ((MAX_TEXT_BYTES - 2) // len(piece.encode())) + "a"


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_holds_the_process_up(piece: str) -> None:
    ticket = Ticket(source=Source.HTTP, body=longest(piece))
    started = time.process_time()
    prefilter(ticket, load_taxonomy())
    route(ticket, screen(ticket), load_taxonomy())
    assert time.process_time() - started < LONGEST_S


@pytest.mark.parametrize("piece", PIECES)
def test_no_pattern_of_the_screen_is_slow_also_where_its_clue_stands(piece: str) -> None:
    text = longest(piece)
    for rule in RULES:
        every = replace(rule, clues=("",))
        started = time.process_time()
        every.finds(text)
        assert time.process_time() - started < LONGEST_S, rule.pattern.pattern
