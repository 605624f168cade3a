"""Carrying out what a person decided; each of these is safe to do twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet.ledger import Ledger
from fleet.ledger.transitions import discard, replay, revive_effect
from ops.cli.deadletters.targets import Targets
from ops.cli.terminal.connection import Hints

BATCH = 200


@dataclass(slots=True)
class Decided:
    """What was done, and what was left alone because it is not parked (any more), as (id, state)."""

    tickets: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    not_parked: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self, verb: str, targets: Targets) -> dict[str, Any]:
        """Write it as the command's JSON object."""
        return {
            verb: self.tickets,
            f"{verb}_deliveries": self.effects,
            "not_parked": [{"id": name, "state": state} for name, state in self.not_parked],
            "unknown": list(targets.unknown),
        }


def replay_all(ledger: Ledger, hints: Hints, targets: Targets, *, max_age_ms: int) -> Decided:
    """Send tickets and deliveries back to the start and tell the workers."""
    decided = Decided()
    for batch in _batches(targets.tickets):
        answers = ledger.run_many([replay(ticket_id, max_age_ms=max_age_ms) for ticket_id in batch])
        dispatch = []
        for ticket_id, answer in zip(batch, answers, strict=True):
            if answer.queue is None:
                decided.not_parked.append((ticket_id, answer.state))
            else:
                decided.tickets.append(ticket_id)
                dispatch.append((ticket_id, answer.queue))
        hints.look(dispatch, min((answer.at_ms for answer in answers if answer.queue is not None), default=0))
    _decide_effects(ledger, decided, targets, "replay")
    for batch in _batches(decided.effects):
        hints.deliver(batch)
    return decided


def discard_all(ledger: Ledger, targets: Targets, *, why: str, retention_ms: int) -> Decided:
    """End parked tickets and deliveries for good."""
    decided = Decided()
    for batch in _batches(targets.tickets):
        done = ledger.run_many([discard(ticket_id, why=why, retention_ms=retention_ms) for ticket_id in batch])
        for ticket_id, is_done in zip(batch, done, strict=True):
            if is_done:
                decided.tickets.append(ticket_id)
            else:
                decided.not_parked.append((ticket_id, _state(ledger, ticket_id)))
    _decide_effects(ledger, decided, targets, "discard")
    return decided


def _decide_effects(ledger: Ledger, decided: Decided, targets: Targets, how: str) -> None:
    for batch in _batches(targets.effects):
        done = ledger.run_many([revive_effect(effect_id, how) for effect_id in batch])
        for effect_id, is_done in zip(batch, done, strict=True):
            if is_done:
                decided.effects.append(effect_id)
            else:
                decided.not_parked.append((effect_id, "waiting"))


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), BATCH):
        yield list(names[start : start + BATCH])


def _state(ledger: Ledger, ticket_id: str) -> str:
    raw: Any = ledger.redis.hget(f"tf:t:{ticket_id}", "state")
    return raw.decode() if raw else "gone"
