"""Faults that spoil a good reply: cut, garbled, outside the taxonomy, refused, or oddly shaped."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ops.simulator.answer.reply import Reply
from ops.simulator.answer.slots import Filling, Slot
from ops.simulator.faults.plan import Fault, Kind

UNHEARD_OF = "simulated_unknown_value"
Distortion = Callable[[Reply, Any, Slot | None, Fault], Reply]


def distort(reply: Reply, value: Any, root: Slot | None, fault: Fault | None, *, ticket: str = "") -> Reply:
    """Return the reply as the fault leaves it; `value` and `root` are the parsed reply and its schema, if any."""
    if fault is not None and fault.kind is Kind.ECHO:
        return replace(reply, text=json.dumps({"channel": "http", "subject": "", "body": ticket[:1000]}))
    change = DISTORTIONS.get(fault.kind) if fault else None
    return change(reply, value, root, fault) if change and fault else reply


def _truncated(reply: Reply, _: Any, __: Slot | None, ___: Fault) -> Reply:
    text = reply.text or ""
    return replace(reply, text=text[: max(1, len(text) * 2 // 3)], stop_reason="max_tokens")


def _refusal(reply: Reply, _: Any, __: Slot | None, fault: Fault) -> Reply:
    details = {"type": "refusal", "category": fault.category, "explanation": "Simulated refusal."}
    # Some refusals come with words, some without: a parser has to bear both.
    text = "I can't help with that." if fault.category == "general_harms" else None
    return replace(reply, text=text, stop_reason="refusal", stop_details=details)


def _malformed(reply: Reply, _: Any, __: Slot | None, ___: Fault) -> Reply:
    return replace(reply, text=f"Sure! Here is the triage:\n{(reply.text or '')[:-1]},")


def _out_of_taxonomy(reply: Reply, value: Any, root: Slot | None, _: Fault) -> Reply:
    if root is None or not isinstance(value, dict):
        return reply
    name = next((part.name for part in root.parts if part.filling is Filling.CHOICE), None)
    return reply if name is None else replace(reply, text=json.dumps({**value, name: UNHEARD_OF}))


def _schema(reply: Reply, value: Any, _: Slot | None, __: Fault) -> Reply:
    if not isinstance(value, dict):
        return reply
    return replace(reply, text=json.dumps(dict(list(value.items())[1:])))


def _empty(reply: Reply, _: Any, __: Slot | None, ___: Fault) -> Reply:
    return replace(reply, text=None)


def _thinking_first(reply: Reply, _: Any, __: Slot | None, ___: Fault) -> Reply:
    return replace(reply, thinking="Simulated thinking: what is asked, how urgent, who has to look.")


def _fenced(reply: Reply, _: Any, __: Slot | None, ___: Fault) -> Reply:
    return replace(reply, text=f"```json\n{reply.text or ''}\n```")


def _prose(reply: Reply, value: Any, _: Slot | None, __: Fault) -> Reply:
    lines = [f"- **{name}**: {said}" for name, said in value.items()] if isinstance(value, dict) else []
    return replace(reply, text="\n".join(["Here is how I would triage this ticket:", "", *lines]))


DISTORTIONS: Mapping[Kind, Distortion] = {
    Kind.TRUNCATED: _truncated,
    Kind.REFUSAL: _refusal,
    Kind.MALFORMED: _malformed,
    Kind.OUT_OF_TAXONOMY: _out_of_taxonomy,
    Kind.SCHEMA: _schema,
    Kind.EMPTY: _empty,
    Kind.THINKING_FIRST: _thinking_first,
    Kind.FENCED: _fenced,
    Kind.PROSE: _prose,
}
