"""Where things stand, as one object: what `triage status --json` prints."""

from dataclasses import asdict
from typing import Any

import redis

from fleet.ledger.condition import read_condition
from fleet.ledger.heartbeats import Workers
from fleet.ledger.outbox import read_deliveries
from fleet.ledger.reading import read_counters, read_lanes, read_totals, read_waits
from ops.cli.health.queues import read_queues
from ops.cli.quota.allowed import Allowed
from ops.cli.quota.state import model, read_money
from ops.cli.terminal.wording import NANO_PER_DOLLAR
from worker.limits.reading import read_models

State = dict[str, Any]


def read_state(client: redis.Redis, allowed: Allowed, *, workers: list[dict[str, Any]] | None = None) -> State:
    """Read everything; `waiting` at the top counts what has not ended, at work included, in a lane what lies there."""
    totals = read_totals(client)
    alive = Workers(client).alive() if workers is None else workers
    parked = {reason: number for reason, number in sorted(read_counters(client, "dead").items()) if number}
    condition = read_condition(client)
    return {
        **asdict(totals),
        "server": asdict(condition) | {"is_full": condition.is_full, "troubles": condition.troubles()},
        "deliveries": asdict(read_deliveries(client)),
        "waits_for": read_waits(client),
        "cost_usd": totals.cost_nusd / NANO_PER_DOLLAR,
        "invariant_holds": totals.is_balanced,
        "lanes": {lane.value: asdict(view) for lane, view in read_lanes(client).items()},
        "parked_by_reason": parked,
        "accepted_by_source": dict(sorted(read_counters(client, "accepted").items())),
        "money": read_money(client, allowed.budget),
        "models": {state.model: model(state) for state in read_models(client, allowed.limits, allowed.models)},
        "queues": read_queues(client, alive),
        "workers_alive": len(alive),
        "workers": alive,
    }
