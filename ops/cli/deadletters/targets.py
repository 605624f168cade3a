"""What a name on the command line means: a ticket, by id or key, or a delivery."""

from dataclasses import dataclass
from typing import cast

import redis

from fleet.ledger.reading import read_dead, read_parked_effects

EVERYTHING = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Targets:
    """Parked things to decide on; `unknown` are names that mean nothing here."""

    tickets: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def by_name(client: redis.Redis, names: list[str]) -> Targets:
    """Look up names as people type them."""
    tickets, effects, unknown = [], [], []
    for name in dict.fromkeys(names):
        if client.exists(f"tf:e:{name}"):
            effects.append(name)
        elif ticket_id := _ticket_id(client, name):
            tickets.append(ticket_id)
        else:
            unknown.append(name)
    return Targets(tuple(tickets), tuple(effects), tuple(unknown))


def everything(client: redis.Redis, *, limit: int | None) -> Targets:
    """Name all that is parked now, tickets first."""
    tickets = by_reason(client, None, limit=limit).tickets
    left = EVERYTHING if limit is None else limit - len(tickets)
    effects = tuple(str(row["id"]) for row in read_parked_effects(client, limit=left)) if left else ()
    return Targets(tickets, effects)


def by_reason(client: redis.Redis, reason: str | None, *, limit: int | None) -> Targets:
    """Name the tickets that were parked for a reason, oldest first."""
    rows = read_dead(client, reason=reason, limit=EVERYTHING if limit is None else limit)
    return Targets(tuple(str(row["id"]) for row in rows))


def _ticket_id(client: redis.Redis, name: str) -> str | None:
    if client.exists(f"tf:t:{name}"):
        return name
    for key in (name, f"file:{name}"):
        found = cast("bytes | None", client.hget(f"tf:idem:{key}", "id"))
        if found:
            return found.decode()
    return None
