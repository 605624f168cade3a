"""One call of the Messages API from bytes to answer, without any HTTP library."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from ops.simulator.answer.author import Author
from ops.simulator.answer.reply import Reply, bounded
from ops.simulator.answer.ticket_text import ticket_text
from ops.simulator.answer.writer import Writer
from ops.simulator.api.catalogue import Model
from ops.simulator.api.errors import invalid
from ops.simulator.api.request import CountRequest, MessageRequest
from ops.simulator.api.validation import check, parse
from ops.simulator.faults.distortions import distort
from ops.simulator.faults.plan import Fault, Kind
from ops.simulator.faults.refusals import raise_error
from ops.simulator.metering.meter import Meter
from ops.simulator.metering.prompt_cache import InputUsage
from ops.simulator.metering.segments import measure

NOBODY_KNOWS = "unknown"  # the model's place in the statistics when a request does not get that far


@dataclass
class Call:
    """A call on its way; filled in as it becomes known, so that the end of it can be counted wherever it ends."""

    request_id: str
    model: str = NOBODY_KNOWS
    fault: Fault | None = None
    usage: InputUsage | None = None
    output_tokens: int = 0

    @property
    def is_trickled(self) -> bool:
        """Whether the answer leaves byte by byte."""
        return self.fault is not None and self.fault.kind is Kind.TRICKLE


class Calls:
    """Answers calls: validation, faults, limits, waiting, the reply, its usage."""

    def __init__(self, author: Author, meter: Meter) -> None:
        self._author = author
        self._meter = meter
        self._numbers = count(1)

    def begin(self) -> Call:
        """Open a call with a request id of its own."""
        return Call(f"req_sim{next(self._numbers):020d}")

    async def answer(self, call: Call, body: bytes) -> bytes:
        """Return the body of the 200, or raise ApiError; a planned timeout never returns."""
        request = parse(body, MessageRequest)
        model = check(request)
        call.model = request.model
        writer = self._author.writer(request)
        text = ticket_text(request.messages)
        call.fault = self._meter.strike(request.model, text)
        raise_error(call.fault)
        call.usage = self._admit(request, model)
        reply = self._reply(request, model, writer, text, call.fault)
        call.output_tokens = reply.output_tokens
        await self._wait(call, model)
        return json.dumps(_message(call, reply, call.usage), ensure_ascii=False).encode()

    def count(self, body: bytes) -> dict[str, int]:
        """Answer a token count; it costs nothing and has no limit here."""
        request = parse(body, CountRequest)
        check(request)
        self._author.writer(request)
        return {"input_tokens": measure(request)[0]}

    def _admit(self, request: MessageRequest, model: Model) -> InputUsage:
        total, points = measure(request)
        if total > model.max_input_tokens:
            raise invalid(f"prompt is too long: {total} tokens > {model.max_input_tokens} maximum")
        return self._meter.admit(request.model, total, points, model.cache_minimum_tokens)

    def _reply(
        self, request: MessageRequest, model: Model, writer: Writer | None, text: str, fault: Fault | None
    ) -> Reply:
        if request.max_tokens == 0:  # fills the prompt cache, produces nothing
            return Reply(None, "max_tokens")
        written, value = self._author.reply(writer, text, small=model.is_small)
        spoiled = distort(Reply(written), value, writer.root if writer else None, fault, ticket=text)
        return bounded(spoiled, request.max_tokens, request.stop_sequences)

    async def _wait(self, call: Call, model: Model) -> None:
        if call.fault is not None and call.fault.kind is Kind.TIMEOUT:
            await asyncio.Event().wait()
        delay_s = self._meter.latency.draw_s(model.family, call.output_tokens)
        if delay_s > 0:
            await asyncio.sleep(delay_s)


def _message(call: Call, reply: Reply, usage: InputUsage) -> Mapping[str, Any]:
    return {
        "id": f"msg_sim{call.request_id.removeprefix('req_sim')}",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": reply.content,
        "stop_reason": reply.stop_reason,
        "stop_sequence": reply.stop_sequence,
        "stop_details": reply.stop_details,
        "usage": {
            "input_tokens": usage.uncached,
            "cache_creation_input_tokens": usage.written,
            "cache_read_input_tokens": usage.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.written_5m,
                "ephemeral_1h_input_tokens": usage.written_1h,
            },
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"thinking_tokens": reply.thinking_tokens},
            "service_tier": "standard",
        },
    }
