"""One paid call to each model: does it answer, in time, and is the schema of the reply enforced.

The system prompt asks for prose and does not tell the schema, so only a server that enforces it answers as it says.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from anthropic.types import TextBlockParam

from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger
from fleet.settings import Settings
from fleet.taxonomy import Taxonomy, load_taxonomy
from fleet.ticket import Source, Ticket, make_ticket
from ops.cli.health.finding import Line, failed, ok, warning
from ops.cli.terminal.wording import dollars
from worker.domain import Call, CallResult, Draft, Failure, Reply
from worker.guardrails.parse import excerpt, parse
from worker.limits.gate import Gate
from worker.limits.permits import NotNow, Report, Settlement
from worker.limits.rules import budget_of, load_limits
from worker.limits.shared import LIFE_BEYOND_DEADLINE_S, SharedLimiter
from worker.llm.client import ModelClient
from worker.llm.prices import load_price_table
from worker.llm.prompt import Prompt, reply_schema

PROSE = "You are friendly. Answer with one short sentence of plain English. Write no JSON, no list and no code."

SLOW_SHARE = 0.5
"""Of the deadline: what a quiet server takes so long for will be cut off under load."""

NOT_ENFORCED = (
    "the schema is not enforced: this server ignores output_config. Expect replies that cannot be used, up to four "
    "paid calls for a ticket, and tickets that end with a person (docs/endpoints.md)"
)


def check_calls(settings: Settings) -> Iterator[Line]:
    """Call each model once through the workers' own client, limits and budget."""
    yield from asyncio.run(_all(settings))


async def _all(settings: Settings) -> list[Line]:
    taxonomy = load_taxonomy(settings.taxonomy)
    ledger = AsyncLedger(settings.ledger_url)
    client = ModelClient(settings, _probe(taxonomy), load_price_table(settings.prices), concurrency=1)
    limits = SharedLimiter(
        ledger,
        load_limits(settings.limits),
        budget_of(settings),
        call_life_s=settings.call_timeout_s + LIFE_BEYOND_DEADLINE_S,
    )
    try:
        tries = _Tries(client, limits, taxonomy, settings.call_timeout_s)
        tiers = {settings.small_model: Tier.SMALL, settings.frontier_model: Tier.FRONTIER}
        return [line for model, tier in tiers.items() async for line in tries.of(model, tier)]
    finally:
        await client.close()
        await ledger.close()


def _probe(taxonomy: Taxonomy) -> Prompt:
    schema = reply_schema(taxonomy)
    size_bytes = len(PROSE) + len(json.dumps(schema).encode())
    system: list[TextBlockParam] = [{"type": "text", "text": PROSE}]
    return Prompt("check-1", system, {"format": {"type": "json_schema", "schema": schema}}, size_bytes)


def _question() -> Ticket:
    return make_ticket(
        id="triage-check", source=Source.FILE, subject="A test", body="What colour is a clear sky at noon?"
    )


@dataclass(frozen=True, slots=True)
class _Tries:
    client: ModelClient
    limits: SharedLimiter
    taxonomy: Taxonomy
    deadline_s: float

    async def of(self, model: str, tier: Tier) -> AsyncIterator[Line]:
        """Call one model; a fleet that holds it, or whose money is spent, is not gone round."""
        ticket = _question()
        gate = Gate(self.limits, random.random)
        permit = await gate.enter(self.client.foresee(ticket, tier), Lane.NORMAL, is_exempt=True)
        if isinstance(permit, NotNow):
            message = f"{model}: no call was made, for the fleet may make none now ({permit.refusal})"
            yield failed("call.not_permitted", message, "triage status says more")
            return
        call, said = await self.client.call(ticket, tier)
        await self.limits.settle(permit, _settlement(call))
        yield judge(call, said, self.taxonomy)
        if call.seconds > SLOW_SHARE * self.deadline_s:
            message = (
                f"{model}: took {call.seconds:.0f} s, more than half of TRIAGE_CALL_TIMEOUT_S ({self.deadline_s:g})"
            )
            yield warning("call.slow", message, "raise it, or start with few calls at once (-c)")


def _settlement(call: Call) -> Settlement:
    # Neutral, whatever came of it: another key or address may be tried here, and must not hold or free a model.
    if call.result is not CallResult.OK:
        return Settlement(Report.NEUTRAL)
    used = call.usage
    return Settlement(Report.NEUTRAL, used.uncached, used.output, call.cost_nusd, seen=call.seen)


def judge(call: Call, said: Reply | Failure, taxonomy: Taxonomy) -> Line:
    """Judge what came of a call that was tempted to leave the schema."""
    if isinstance(said, Failure):
        remedy = "raise TRIAGE_CALL_TIMEOUT_S" if said.result is CallResult.TIMEOUT else ""
        return failed("call.failed", f"{call.model}: {said.result}: {said.message}", remedy)
    cost = f"{call.model}: answered for {dollars(call.cost_nusd)} in {call.seconds:.1f} s"
    found = parse(said, taxonomy)
    if isinstance(found, Draft):
        return ok("call.enforced", f"{cost}; the schema is enforced")
    if said.stop_reason == "refusal":
        return warning("call.refusal", f"{cost}; it refused the question, so nothing is known of the schema")
    if said.stop_reason == "max_tokens":
        return warning("call.cut", f"{cost}; the reply was cut off", "raise TRIAGE_MAX_OUTPUT_TOKENS")
    return warning("call.not_enforced", f"{cost}; {NOT_ENFORCED}", f"it said {excerpt(said.text)[:80]!r}")
