"""One model call: raw response, no silent retries, a deadline on the wall clock, and a record whatever happens."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import anthropic
from anthropic.types import Message, MessageParam
from httpx2 import Limits

from fleet.lanes import Tier
from fleet.settings import Settings
from fleet.ticket import Ticket
from worker.domain import Call, CallResult, Failure, Foreseen, Purpose, Reply, Seen, Usage
from worker.llm.block import Block, ticket_block
from worker.llm.estimate import CallEstimate
from worker.llm.failures import NotTheApiError, classify, error_under_200, was_sent
from worker.llm.prices import PriceTable
from worker.llm.prompt import Prompt
from worker.llm.sdk import make_async_client

CONNECT_TIMEOUT_S = 5.0
OVERHEAD_TOKENS = 50
"""What the API adds around the messages, generously."""


_MAY_BE_BILLED = {CallResult.TIMEOUT, CallResult.CONNECTION, CallResult.UNREADABLE}
"""No figure came, and the provider may have worked: an error that it answered costs nothing."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair call adds: the reply that could not be used, and what was wrong with it."""

    bad_reply: str
    complaint: str


class ModelClient:
    """Calls the two models. Lives on one event loop; `concurrency` is the most calls in flight."""

    def __init__(self, settings: Settings, prompt: Prompt, prices: PriceTable, *, concurrency: int = 256) -> None:
        self._models = {Tier.SMALL: settings.small_model, Tier.FRONTIER: settings.frontier_model}
        for model in self._models.values():
            prices.ensure(model)
        self._prompt = prompt
        self._prices = prices
        self._deadline_s = settings.call_timeout_s
        self._max_tokens = settings.max_output_tokens
        self._ticket_tokens = {
            Tier.SMALL: settings.small_ticket_tokens,
            Tier.FRONTIER: settings.frontier_ticket_tokens,
        }
        self.estimates = {model: CallEstimate(prompt.size_bytes, self._max_tokens) for model in self._models.values()}
        self._sdk = make_async_client(
            settings,
            timeout=anthropic.Timeout(self._deadline_s, connect=CONNECT_TIMEOUT_S),
            limits=Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
        )

    def foresee(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> Foreseen:
        """Estimate a call before it is made: input that counts toward the limit, what it probably costs and at most."""
        own = _own_bytes(self._block(ticket, tier), repair)
        model = self._models[tier]
        # Likely: about four bytes a token, the stable part read from the cache. At worst: one and a half, none cached.
        likely = own // 4 + OVERHEAD_TOKENS
        worst = self._prompt.size_bytes // 3 + own * 2 // 3 + 2 * OVERHEAD_TOKENS
        worst_nusd = self._prices.worst_nusd(model, worst, self._max_tokens)
        likely_nusd = self._likely_nusd(model, own)
        return Foreseen(model, tier, self._prompt.version, likely, self._max_tokens, worst_nusd, likely_nusd)

    def _likely_nusd(self, model: str, own_bytes: int) -> int:
        return self._prices.cost_nusd(model, self.estimates[model].usage(own_bytes))

    async def call(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> tuple[Call, Reply | Failure]:
        """Ask the tier's model; always answers a record of the call, priced, and a reply or why there is none."""
        purpose = Purpose.REPAIR if repair else Purpose.TRIAGE
        model = self._models[tier]
        block = self._block(ticket, tier)
        record = Call(
            model,
            tier,
            purpose,
            self._prompt.version,
            CallResult.OK,
            seconds=0.0,
            cuts=block.cuts,
        )
        # Foreseen when it goes out: by the time it is given up others may have shown the cache to be warm.
        likely_nusd = self._prices.cost_nusd(model, self.estimates[model].begin(_own_bytes(block, repair)))
        started = time.monotonic()
        try:
            # A read time-out restarts with every byte; only the wall clock ends a reply that trickles.
            async with asyncio.timeout(self._deadline_s):
                message, headers = await self._send(model, _messages(block.text, repair))
                usage, reply = _read(message, headers)
        except (anthropic.APIError, TimeoutError, ValueError) as error:
            failure = classify(error)
            may_be_billed = failure.result in _MAY_BE_BILLED and was_sent(error)
            seconds = time.monotonic() - started
            request_id = getattr(error, "request_id", None) or ""
            return replace(
                record,
                result=failure.result,
                seconds=seconds,
                error=failure.message,
                cost_nusd=likely_nusd if may_be_billed else 0,
                is_estimated=may_be_billed,
                request_id=request_id,
                retry_after_s=failure.retry_after_s,
            ), failure
        self.estimates[model].learn(_own_bytes(block, repair), usage)
        record = replace(
            record,
            seconds=time.monotonic() - started,
            usage=usage,
            cost_nusd=self._prices.cost_nusd(model, usage, is_batch=message.usage.service_tier == "batch"),
            cache_saved_nusd=self._prices.cache_saved_nusd(model, usage),
            stop_reason=reply.stop_reason,
            request_id=headers.get("request-id") or "",
            seen=_seen(headers),
        )
        return record, reply

    def _block(self, ticket: Ticket, tier: Tier) -> Block:
        return ticket_block(ticket, self._ticket_tokens[tier])

    async def _send(self, model: str, messages: list[MessageParam]) -> tuple[Message, Mapping[str, str]]:
        raw = await self._sdk.messages.with_raw_response.create(
            model=model,
            max_tokens=self._max_tokens,
            system=self._prompt.system,
            messages=messages,
            output_config=self._prompt.output_config,
        )
        return await raw.parse(), raw.headers

    async def close(self) -> None:
        """Close the connections."""
        await self._sdk.close()


def _own_bytes(block: Block, repair: Repair | None) -> int:
    """Bytes of what is sent beside the stable prefix."""
    said = len(repair.bad_reply.encode()) + len(repair.complaint.encode()) if repair else 0
    return len(block.text.encode()) + said


def _seen(headers: Mapping[str, str]) -> tuple[Seen | None, Seen | None, Seen | None]:
    """Read what the provider shows of its limits: requests, input and output tokens, in that order."""
    return (_one_seen(headers, "requests"), _one_seen(headers, "input-tokens"), _one_seen(headers, "output-tokens"))


def _one_seen(headers: Mapping[str, str], name: str) -> Seen | None:
    try:
        limit = float(headers[f"anthropic-ratelimit-{name}-limit"])
        remaining = float(headers[f"anthropic-ratelimit-{name}-remaining"])
    except (KeyError, ValueError):
        return None
    return Seen(limit, remaining) if limit > 0 and math.isfinite(limit) and math.isfinite(remaining) else None


def _messages(block: str, repair: Repair | None) -> list[MessageParam]:
    messages: list[MessageParam] = [{"role": "user", "content": block}]
    if repair:
        messages.append({"role": "assistant", "content": repair.bad_reply.strip() or "(no text)"})
        messages.append({"role": "user", "content": repair.complaint})
    return messages


def _read(message: Message, headers: Mapping[str, str]) -> tuple[Usage, Reply]:
    found: object = message  # the SDK makes of any body what it can, whatever it is declared to be
    if isinstance(found, str | bytes) or "html" in headers.get("content-type", ""):
        raise NotTheApiError("a web page or text, and no message: is ANTHROPIC_BASE_URL right?", CallResult.MISDIRECTED)
    if getattr(found, "type", "") == "error":
        raise error_under_200(message.to_dict(), headers)
    try:
        return _usage(message), _reply(message)
    except (AttributeError, TypeError) as error:
        # The SDK builds its models without validating them, and a gateway may answer anything with status 200.
        raise ValueError(f"the answer is no message, or has no usage figures: {error}") from error


def _usage(message: Message) -> Usage:
    usage = message.usage
    created = usage.cache_creation_input_tokens or 0
    one_hour = usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else 0
    return Usage(
        input=int(usage.input_tokens),
        cache_write_5m=created - one_hour,
        cache_write_1h=one_hour,
        cache_read=usage.cache_read_input_tokens or 0,
        output=int(usage.output_tokens),
    )


def _reply(message: Message) -> Reply:
    # A thinking block may come first: blocks are picked by type, never by place.
    text = "".join(block.text for block in message.content if block.type == "text")
    text = text.encode(errors="replace").decode()  # half a surrogate pair could not be sent back for a repair
    details = message.stop_details
    return Reply(text, message.stop_reason or "", refusal=str(getattr(details, "category", "") or ""))
