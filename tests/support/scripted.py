"""A model that says what the test wrote down; held to the pipeline's protocol by the same test as the real client."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fleet.lanes import Tier
from fleet.ticket import Ticket
from worker.domain import Call, CallResult, Failure, Foreseen, Purpose, Reply, Usage
from worker.llm.client import Repair

COST_NUSD = 1_000
WORST_NUSD = 4_000
Answer = Reply | Failure | Exception | Callable[[], Awaitable[Reply | Failure]]


def text(**changes: Any) -> str:
    """Write a reply of the default taxonomy as the model would."""
    answer = {
        "reason": "The customer was charged twice.",
        "language": "en",
        "category": "billing",
        "urgency": "high",
        "needs_human": True,
        "confidence": 0.9,
    }
    return json.dumps(answer | changes)


def reply(raw: str | None = None, stop_reason: str = "end_turn", **changes: Any) -> Reply:
    """Make a reply, of raw text or of a good answer with changes."""
    return Reply(text(**changes) if raw is None else raw, stop_reason)


class ScriptedModel:
    """Gives the answers in order; a function among them is awaited, an exception raised. `asked` tells what came."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Tier, Repair | None]] = []

    def foresee(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> Foreseen:
        """Estimate the call before it is made."""
        del ticket, repair
        return Foreseen(f"a-{tier}-model", tier, "triage-2", 100, 20, WORST_NUSD)

    async def call(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> tuple[Call, Reply | Failure]:
        """Ask a tier's model."""
        del ticket
        self.asked.append((tier, repair))
        assert self.answers, "the pipeline made a call that the test does not expect"
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        said = answer if isinstance(answer, Reply | Failure) else await answer()
        purpose = Purpose.REPAIR if repair else Purpose.TRIAGE
        call = Call(f"a-{tier}-model", tier, purpose, "triage-2", CallResult.OK, 0.5)
        if isinstance(said, Failure):
            return Call(call.model, tier, purpose, call.prompt, said.result, 0.5, error=said.message), said
        return (
            Call(
                call.model,
                tier,
                purpose,
                call.prompt,
                CallResult.OK,
                0.5,
                usage=Usage(input=100, output=20),
                cost_nusd=COST_NUSD,
                stop_reason=said.stop_reason,
            ),
            said,
        )
