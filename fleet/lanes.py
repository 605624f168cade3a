"""Tiers, lanes and the queue names made of them."""

from enum import StrEnum


class Tier(StrEnum):
    """Which of the two models looks at a ticket."""

    SMALL = "small"
    FRONTIER = "frontier"


class Lane(StrEnum):
    """How soon a ticket has to be looked at; chosen when it is accepted."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


QUARANTINE = "triage.quarantine"
DELIVER = "triage.deliver"


def queue_of(tier: Tier, lane: Lane = Lane.NORMAL) -> str:
    """Name the queue of a tier and lane: `triage.small`, `triage.small.urgent` and so on."""
    base = f"triage.{tier}"
    return base if lane is Lane.NORMAL else f"{base}.{lane}"


TRIAGE_QUEUES: tuple[str, ...] = (*(queue_of(tier, lane) for tier in Tier for lane in Lane), QUARANTINE)


def tier_of(queue: str) -> Tier | None:
    """Name the tier that a queue serves, whatever its lane; None where it serves no tier (quarantine, deliveries)."""
    return next((tier for tier in Tier if queue == queue_of(tier) or queue.startswith(f"{queue_of(tier)}.")), None)


def lane_of(name: str | bytes) -> Lane:
    """Read a lane back from the ledger; one that only another release knows is worked on as a normal one."""
    text = name.decode() if isinstance(name, bytes) else name
    return Lane(text) if text in set(Lane) else Lane.NORMAL


def lanes_of(queue: str) -> tuple[str, ...]:
    """Expand a tier's base queue to the queues of all its lanes, urgent first; leave others as they are."""
    for tier in Tier:
        if queue == queue_of(tier):
            return tuple(queue_of(tier, lane) for lane in Lane)
    return (queue,)
