"""Killing worker processes at the worst moment: while they hold tickets."""

import random
from collections.abc import Sequence
from typing import Any

from ops.demo.fleet import LocalFleet
from ops.demo.processes import Child
from tests.support.books import describe
from tests.support.waiting import wait_for


def holdings(fleet: LocalFleet) -> dict[int, list[str]]:
    """Which process holds which tickets now, by pid."""
    held: dict[int, list[str]] = {}
    due: Any = fleet.ledger.redis.zrange("tf:due", 0, -1)
    for raw_id in due:
        worker: Any = fleet.ledger.redis.hget(f"tf:t:{raw_id.decode()}", "worker")
        if worker:
            held.setdefault(int(worker.decode().rpartition("-")[2]), []).append(raw_id.decode())
    return held


def busy(fleet: LocalFleet, children: Sequence[Child], *, least: int = 1) -> list[Child]:
    """Those of the children that are alive and hold so many tickets at least."""
    held = holdings(fleet)
    return [child for child in children if child.is_alive and len(held.get(child.pid, ())) >= least]


def kill_a_busy_one(
    fleet: LocalFleet, children: Sequence[Child], chance: random.Random, *, least: int = 1
) -> tuple[Child, list[str]]:
    """Kill -9 a random one of the children that hold tickets, as soon as there is one; answers it and its tickets."""
    found = wait_for(
        "a worker holds tickets", lambda: busy(fleet, children, least=least), explain=lambda: describe(fleet)
    )
    victim = chance.choice(found)
    pid = victim.pid
    victim.kill()
    return victim, holdings(fleet).get(pid, [])
