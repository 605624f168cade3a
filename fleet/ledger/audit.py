"""Check the ledger's invariants: walk every key, name every ticket that breaks a rule. Works on a live fleet.

Each ticket is judged by what the ledger says of it at one instant, so tickets in motion raise no false alarm.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, cast

import redis

from fleet.lanes import TRIAGE_QUEUES, Lane
from fleet.ledger.decoding import as_number, as_object, as_story, calls_of
from fleet.ledger.scripts import source

BATCH = 50
"""Tickets in one script call: about a millisecond in which the server answers nobody else."""

STORY_KEPT = 800
"""A story of so many lines may have lost its beginning (the scripts trim it), so nothing is counted in it."""

_PLACES = {
    "accepted": frozenset({"open", "wait"}),
    "running": frozenset({"open", "due"}),
    "retry": frozenset({"open", "due"}),
    "parked": frozenset({"dlq"}),
    "triaged": frozenset[str](),
    "discarded": frozenset[str](),
}
_ENDED = ("triaged", "discarded")


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that one ticket (or delivery, or the books as a whole) breaks."""

    subject: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the ledger says of one ticket at one instant."""

    id: str
    fields: dict[str, str]
    ttl_ms: int
    places: frozenset[str]
    owner: str
    story: list[dict[str, Any]] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The ticket's state; empty where no ticket is kept under this id."""
        return self.fields.get("state", "")

    def number(self, name: str) -> int:
        """Read a counter of the ticket."""
        return as_number(self.fields.get(name)) or 0

    def events(self, name: str) -> int:
        """Count the lines of its story that tell of one kind of event."""
        return sum(line.get("event") == name for line in self.story)


def audit(client: redis.Redis, *, on_batch: Callable[[int], None] = lambda _seen: None) -> list[str]:
    """Answer every breach of a rule as a sentence; none when all is right."""
    return [str(breach) for breach in breaches(client, on_batch=on_batch)]


def breaches(client: redis.Redis, *, on_batch: Callable[[int], None] = lambda _seen: None) -> Iterator[Breach]:
    """Walk every key of the ledger once; `on_batch` is told how many tickets were looked at so far.

    Reads only: safe on a live fleet, a full server or a replica. Costs one pass over the keys.
    """
    seen = 0
    for ids in _batches(_ticket_ids(client)):
        for snapshot in _snapshots(client, ids):
            yield from judge(snapshot)
        seen += len(ids)
        on_batch(seen)
    yield from _judge_effects(client)
    yield from _judge_sums(client)


def judge(ticket: Snapshot) -> Iterator[Breach]:
    """Hold one ticket against every rule."""
    for message in _misplaced(ticket):
        yield Breach(ticket.id, message.partition(":")[0], f"{ticket.id}{message.partition(':')[2]}")
    if not ticket.state:
        return
    for rule, is_kept, message in _facts(ticket):
        if not is_kept:
            yield Breach(ticket.id, rule, f"{ticket.id} {message}")
    if 0 < len(ticket.story) < STORY_KEPT:
        for rule, found, wanted in _counts(ticket):
            if found != wanted:
                yield Breach(ticket.id, rule, f"{ticket.id} has {found:,}, and should have {wanted:,}")


def _misplaced(ticket: Snapshot) -> Iterator[str]:
    expected = _PLACES.get(ticket.state, frozenset[str]())
    kinds = {place.partition(":")[0] for place in ticket.places}
    yield from (f"{kind}: is missing" for kind in sorted(expected - kinds))
    yield from (f"{kind}: is there by mistake" for kind in sorted(kinds - expected))
    rightly = {"open": f"open:{ticket.fields.get('lane')}", "wait": f"wait:{ticket.fields.get('queue')}"}
    for place in sorted(ticket.places):
        kind = place.partition(":")[0]
        if kind in expected and place != rightly.get(kind, place):
            yield f"{kind}: stands in {place}, and belongs into {rightly[kind]}"


def _facts(ticket: Snapshot) -> Iterator[tuple[str, bool, str]]:
    state = ticket.state
    yield "state", state in _PLACES, f"has a state that no release knows: {state!r}"
    yield "story", bool(ticket.story), "has no story"
    yield (
        "verdict",
        (state == "triaged") == (as_object(ticket.fields.get("verdict")) is not None),
        f"is {state}: its verdict is wrong",
    )
    yield "reason", state != "parked" or bool(ticket.fields.get("reason")), "is parked for no reason"
    yield "worker", state != "running" or bool(ticket.fields.get("worker")), "runs with no worker"
    yield "retention", (ticket.ttl_ms > 0) == (state in _ENDED), f"is {state}, and its retention is wrong"
    yield "key", ticket.owner in ("", ticket.id), f"has a producer's key that belongs to {ticket.owner}"
    yield "fence", ticket.number("fence") >= ticket.number("attempts"), "was tried more often than it was claimed"


def _counts(ticket: Snapshot) -> Iterator[tuple[str, int, int]]:
    """Compare the story with the sums: (rule, what the story tells, what it should)."""
    is_parked = ticket.state == "parked"
    was_discarded = ticket.events("discarded")
    yield "once", ticket.events("triaged"), int(ticket.state == "triaged")
    yield "parked", ticket.events("parked"), ticket.number("replays") + int(is_parked) + was_discarded
    yield "claims", ticket.events("claimed"), ticket.number("fence")
    yield "cost", _told_nusd(ticket), ticket.number("cost_nusd")


def _told_nusd(ticket: Snapshot) -> int:
    return sum(int(call.get("cost_nusd") or 0) for line in ticket.story for call in calls_of(line))


def _judge_effects(client: redis.Redis) -> Iterator[Breach]:
    for ids in _batches(_effect_ids(client)):
        rows = _sums(client, ids)[2]
        for effect_id, (is_kept, is_waiting, is_parked) in zip(ids, rows, strict=True):
            if not is_kept and (is_waiting or is_parked):
                yield Breach(effect_id, "delivery", f"{effect_id} is named by the outbox, and its row is gone")
            elif is_kept and is_waiting + is_parked != 1:
                yield Breach(effect_id, "delivery", f"{effect_id} is kept, and {is_waiting + is_parked} lists name it")


def _judge_sums(client: redis.Redis) -> Iterator[Breach]:
    counters, sizes, _ = _sums(client, [])

    def n(*names: str) -> int:
        return sum(counters.get(name, 0) for name in names)

    opened = {lane: sizes[f"open:{lane}"] for lane in Lane}
    for lane, is_open in opened.items():
        counted = n(f"waiting:{lane}", f"running:{lane}")
        if counted != is_open:
            yield Breach(lane, "sums", f"lane {lane}: {is_open:,} tickets are open, and {counted:,} are counted")
    found = sum(opened.values())
    waiting = sum(size for name, size in sizes.items() if name.startswith("wait:")) + sizes["due"]
    if waiting != found:
        yield Breach("open", "sums", f"{found:,} tickets are open, and {waiting:,} wait, are leased or due")
    dead = sum(value for name, value in counters.items() if name.startswith("dead:"))
    if dead != sizes["dlq"]:
        yield Breach("dlq", "sums", f"{sizes['dlq']:,} tickets are parked, and {dead:,} are counted by reason")
    ended = n("triaged", "discarded") + sizes["dlq"]
    if n("accepted") != ended + found:
        message = f"the books do not balance: {n('accepted'):,} accepted, {ended:,} ended, {found:,} open"
        yield Breach("books", "sums", message)


def _ticket_ids(client: redis.Redis) -> Iterator[str]:
    """Name every ticket that is kept, or that a set names: a lost one stands in the second only."""
    keys = (key.decode().removeprefix("tf:t:") for key in client.scan_iter("tf:t:*", count=1000))
    sets = ["tf:due", "tf:dlq", *(f"tf:open:{lane}" for lane in Lane), *(f"tf:wait:{queue}" for queue in TRIAGE_QUEUES)]
    named = (member.decode() for name in sets for member, _ in client.zscan_iter(name, count=1000))
    seen: set[str] = set()
    for one in chain(keys, named):
        if one not in seen:
            seen.add(one)
            yield one


def _effect_ids(client: redis.Redis) -> Iterator[str]:
    keys = {key.decode().removeprefix("tf:e:") for key in client.scan_iter("tf:e:*", count=1000)}
    named = {member.decode() for name in ("tf:out", "tf:outdlq") for member, _ in client.zscan_iter(name, count=1000)}
    yield from sorted(keys | named)


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _snapshots(client: redis.Redis, ids: list[str]) -> Iterator[Snapshot]:
    raw = client.eval(source("snapshot"), 0, str(len(TRIAGE_QUEUES)), *TRIAGE_QUEUES, *ids)
    for ticket_id, (fields, ttl_ms, places, owner, story) in zip(ids, cast("list[Any]", raw), strict=True):
        yield Snapshot(
            ticket_id,
            _pairs(fields),
            ttl_ms,
            frozenset(place.decode() for place in places),
            owner.decode(),
            as_story(story),
        )


def _sums(client: redis.Redis, effects: list[str]) -> tuple[dict[str, int], dict[str, int], list[list[int]]]:
    raw = client.eval(source("sums"), 0, str(len(TRIAGE_QUEUES)), *TRIAGE_QUEUES, *effects)
    counters, sizes, rows = cast("list[Any]", raw)
    named = dict(zip((name.decode() for name in sizes[::2]), sizes[1::2], strict=True))
    return {name: as_number(value) or 0 for name, value in _pairs(counters).items()}, named, rows


def _pairs(flat: list[bytes]) -> dict[str, str]:
    texts = [value.decode(errors="replace") for value in flat]
    return dict(zip(texts[::2], texts[1::2], strict=True))
