"""The events of a ticket as lines for a person: how long after its acceptance, what, and the particulars."""

from collections.abc import Callable
from typing import Any

from fleet.ledger.decoding import calls_of
from ops.cli.story.record import Story
from ops.cli.terminal.wording import columns, dollars, duration, plain

MAX_ERROR = 300
_TOKENS = (
    ("input_tokens", "in"),
    ("cache_write_5m_tokens", "cache write"),
    ("cache_write_1h_tokens", "cache write 1 h"),
    ("cache_read_tokens", "cache read"),
    ("output_tokens", "out"),
)

_CUTS = (
    ("cut_history", "of the thread history"),
    ("cut_middle", "from the middle"),
    ("cut_forwarded", "of the forwarded message"),
    ("cut_quoted", "of the quoted history"),
    ("cut_signature", "of the signature"),
    ("cut_beside", "of subject, fields and attachment names"),
)

Event = dict[str, Any]


def timeline(story: Story, *, with_text: bool = False) -> list[str]:
    """Write the history, oldest first, each model call on a line of its own before the event that came of it.

    What an unusable reply said may quote the ticket, so it is written only `with_text`.
    """
    start = next((event["at"] for event in story["history"] if "at" in event), 0)
    rows = [row for event in story["history"] for row in _rows(event, start, with_text=with_text)]
    return columns(rows, indent="  ")


def describe_call(call: dict[str, Any]) -> str:
    """Write one model call: who, what for, how it ended, tokens, cost, time."""
    ended = ", ".join(plain(str(call[name])) for name in ("result", "parse", "why", "stop_reason") if call.get(name))
    used = ", ".join(f"{call[name]:,} {word}" for name, word in _TOKENS if call.get(name))
    cost = dollars(int(call["cost_nusd"])) if "cost_nusd" in call else ""
    cost += " (estimated)" if call.get("estimated") else ""
    took = duration(float(call["seconds"])) if "seconds" in call else ""
    parts = [
        ended,
        used,
        _cut(call),
        cost,
        cache_effect(call.get("cache_saved_nusd")),
        took,
        plain(str(call.get("request_id") or "")),
    ]
    if call.get("error"):
        parts.append(plain(str(call["error"]), limit=MAX_ERROR))
    who = " ".join(plain(str(call[name])) for name in ("tier", "model") if call.get(name)) or "unknown model"
    purpose = f" to {plain(str(call['purpose']))}" if call.get("purpose") else ""
    return f"{who}{purpose}: {'; '.join(part for part in parts if part)}"


def cache_effect(saved_nusd: int | None) -> str:
    """Say what the prompt cache did to a price; a call that writes it pays more, for those that come after."""
    if not saved_nusd:
        return ""
    return f"the cache saved {dollars(saved_nusd)}" if saved_nusd > 0 else f"{dollars(-saved_nusd)} of it for the cache"


def _cut(call: dict[str, Any]) -> str:
    """Say how many characters of the ticket's text the model did not see."""
    parts = [f"{call[name]:,} {where}" for name, where in _CUTS if call.get(name)]
    return f"characters left out: {', '.join(parts)}" if parts else ""


def _rows(event: Event, start_ms: int, *, with_text: bool) -> list[tuple[str, str, str]]:
    offset = f"+{duration((event.get('at', start_ms) - start_ms) / 1000)}"
    name = str(event.get("event", "?"))
    calls = [row for call in calls_of(event) for row in _call_rows(call, offset, with_text=with_text)]
    return [*calls, (offset, plain(name.replace("_", " ")), _WORDS.get(name, _other)(event))]


def _call_rows(call: dict[str, Any], offset: str, *, with_text: bool) -> list[tuple[str, str, str]]:
    said = [("", "it said", plain(str(call["said"]), limit=MAX_ERROR))] if with_text and call.get("said") else []
    return [(offset, "model call", describe_call(call)), *said]


def _accepted(event: Event) -> str:
    queue = f", queue {_of(event, 'queue')}" if event.get("queue") else ""
    return f"from {_of(event, 'source')}{queue}"


def _claimed(event: Event) -> str:
    return f"attempt {_of(event, 'attempt')} by {_of(event, 'worker')}, from {_of(event, 'queue')}"


def _escalated(event: Event) -> str:
    return f"because of {_of(event, 'reason')}, to {_of(event, 'queue')}"


def _retry(event: Event) -> str:
    delay_s = float(event.get("delay_ms") or 0) / 1000
    return f"{_of(event, 'reason')}, again {f'in {duration(delay_s)}' if delay_s else 'at once'}{_error(event)}"


def _lease_expired(event: Event) -> str:
    return f"worker {_of(event, 'worker')} went away with it, crash number {_of(event, 'crashes')}"


def _redispatched(event: Event) -> str:
    return f"the hint was lost; sent again to {_of(event, 'queue')}"


def _parked(event: Event) -> str:
    return f"{_of(event, 'reason')}{_error(event)}"


def _other(event: Event) -> str:
    rest = {name: value for name, value in event.items() if name not in ("at", "event", "calls")}
    return ", ".join(f"{plain(name)} {plain(str(value), limit=MAX_ERROR)}" for name, value in rest.items())


_WORDS: dict[str, Callable[[Event], str]] = {
    "accepted": _accepted,
    "claimed": _claimed,
    "escalated": _escalated,
    "retry": _retry,
    "lease_expired": _lease_expired,
    "redispatched": _redispatched,
    "call_lost": lambda _: "nobody told how the call ended; its cost is an estimate",
    "parked": _parked,
    "replayed": lambda event: f"a person sent it back to {_of(event, 'queue')}",
    "discarded": lambda event: f"a person ended it: {_of(event, 'why')}",
    "amended": lambda _: "its author changed it",
    "withdrawn": lambda event: f"its author took it back: {_of(event, 'why')}",
    "effect": lambda event: f"to be told: {_of(event, 'effect')}",
    "triaged": lambda event: f"decided by {_of(event, 'decided_by')}",
    "delivered": lambda event: f"told to {_of(event, 'sink')}",
    "delivery_parked": lambda event: f"could not be told to {_of(event, 'sink')}{_error(event)}",
}


def _of(event: Event, name: str) -> str:
    return plain(str(event.get(name, "?")), limit=MAX_ERROR)


def _error(event: Event) -> str:
    return f": {_of(event, 'error')}" if event.get("error") else ""
