"""The simulated model's output before it becomes a response: blocks, and why it stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ops.simulator.metering.tokens import count_tokens, cut_to_tokens


@dataclass(frozen=True)
class Reply:
    """Text with the reason it ended; `thinking` stands before it, `text` None means no text block at all."""

    text: str | None
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    stop_details: dict[str, Any] | None = None
    thinking: str | None = None

    @property
    def thinking_tokens(self) -> int:
        """Tokens of the thinking."""
        return count_tokens(self.thinking) if self.thinking else 0

    @property
    def output_tokens(self) -> int:
        """All tokens produced; an empty reply still counts one."""
        return self.thinking_tokens + (count_tokens(self.text) if self.text else 1)

    @property
    def content(self) -> list[dict[str, Any]]:
        """The content blocks."""
        blocks: list[dict[str, Any]] = []
        if self.thinking is not None:
            blocks.append({"type": "thinking", "thinking": self.thinking, "signature": "c2ltdWxhdGVk"})
        if self.text is not None:
            blocks.append({"type": "text", "text": self.text})
        return blocks


def bounded(reply: Reply, max_tokens: int, stop_sequences: Sequence[str]) -> Reply:
    """Cut a reply at its first stop sequence and at `max_tokens`, saying so."""
    text = reply.text or ""
    hits = [(text.index(stop), stop) for stop in stop_sequences if stop in text]
    if hits:
        place, stop = min(hits)
        reply = replace(reply, text=text[:place], stop_reason="stop_sequence", stop_sequence=stop)
    if reply.output_tokens <= max_tokens:
        return reply
    rest = cut_to_tokens(reply.text or "", max(0, max_tokens - reply.thinking_tokens))
    return replace(reply, text=rest or None, stop_reason="max_tokens", stop_sequence=None)
