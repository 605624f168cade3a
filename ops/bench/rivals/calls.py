"""The call that every rival makes: the fleet's own request for a ticket, with the SDK's default retries."""

from typing import Any

from fleet.taxonomy import load_taxonomy
from fleet.ticket import make_ticket
from ops.bench.bare import TICKET_TOKENS
from ops.bench.texts import one_call_texts
from ops.demo.fleet import SIMULATED_KEY
from worker.llm.block import ticket_block
from worker.llm.prompt import build_prompt

CLIENT: dict[str, Any] = {"api_key": SIMULATED_KEY, "timeout": 45.0}
"""Options of the SDK's client; `max_retries` stays as the SDK has it, which is 2."""


class Requests:
    """The arguments of `messages.create`, ticket by ticket."""

    def __init__(self) -> None:
        self._prompt = build_prompt(load_taxonomy())
        self._texts = one_call_texts()

    def __getitem__(self, number: int) -> dict[str, Any]:
        """The request for a ticket; after the last text comes the first."""
        ticket = make_ticket(source="file", body=self._texts[number % len(self._texts)])
        return {
            "model": "claude-haiku-5-5",
            "max_tokens": 400,
            "system": self._prompt.system,
            "messages": [{"role": "user", "content": ticket_block(ticket, TICKET_TOKENS).text}],
            "output_config": self._prompt.output_config,
        }
