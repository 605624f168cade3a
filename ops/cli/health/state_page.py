"""The state as lines for a person."""

from typing import Any

from ops.cli.health.queues import unserved
from ops.cli.health.state import State
from ops.cli.quota.page import model_lines, money_lines
from ops.cli.terminal.wording import columns, count, dollars, duration, plain

_SLOW_DELIVERY_S = 10.0
_WAITS = {
    "budget": "for money (budget)",
    "budget_reserved": "for money that calls under way hold",
    "minute_budget": "for money (minute)",
    "limit": "for a limit",
    "paused": "for a 429's pause",
    "breaker": "for the provider (breaker)",
    "held": "for a held model",
    "newer": "for a newer worker",
}
_OK, _BROKEN = "the books balance", "THE BOOKS DO NOT BALANCE: accepted is not triaged + parked + discarded + waiting"


def page(state: State) -> list[str]:
    """Write the whole state; what matters most stands at the end, where the eye is after printing."""
    return [*_body(state), "", books(state)]


def screen(state: State) -> list[str]:
    """Write it for a screen, which shows no more than its height: what matters most stands first."""
    return [f"{books(state)} (Ctrl-C ends this)", "", *_body(state)]


def books(state: State) -> str:
    """Say whether every accepted ticket is accounted for."""
    return _OK if state["invariant_holds"] else _BROKEN


def _body(state: State) -> list[str]:
    return [
        *(f"ATTENTION: {plain(trouble, limit=400)}" for trouble in state["server"]["troubles"]),
        *_lanes(state["lanes"]),
        *_waits(state["waits_for"]),
        "",
        *money_lines(state["money"]),
        "",
        *model_lines(state["models"]),
        "",
        *columns(_sums(state)),
        "",
        *_workers(state["workers"]),
        *unserved(state["queues"], state["workers"]),
    ]


def _lanes(lanes: dict[str, dict[str, Any]]) -> list[str]:
    rows = [("lane", "waiting", "at work", "oldest")]
    for lane, view in lanes.items():
        oldest = duration(view["oldest_s"]) if view["oldest_s"] else "-"
        rows.append((lane, f"{view['waiting']:,}", f"{view['running']:,}", oldest))
    return columns(rows)


def _sums(state: State) -> list[tuple[str, str]]:
    reasons = ", ".join(f"{plain(reason)} {number:,}" for reason, number in state["parked_by_reason"].items())
    given_up = f", {state['effects_parked']:,} given up (triage dead list)" if state["effects_parked"] else ""
    return [
        ("accepted", f"{state['accepted']:,}"),
        ("triaged", f"{state['triaged']:,}"),
        ("parked", f"{state['parked']:,}" + (f" ({reasons})" if reasons else "")),
        ("discarded", f"{state['discarded']:,}"),
        ("not ended", f"{state['waiting']:,}, of which at work {state['running']:,}"),
        *([("TOO NEW", too_new(state["too_new"]))] if state["too_new"] else []),
        ("escalated", f"{state['escalated']:,}"),
        ("tried again", f"{state['retries']:,}"),
        ("mended", f"{state['leases_expired']:,} lost workers' tickets, {state['redispatched']:,} lost hints"),
        ("deliveries", f"{state['effects_waiting']:,} waiting{_deliveries(state['deliveries'])}{given_up}"),
        ("refused", f"{state['refused_full']:,} while the ledger was full"),
        ("cost so far", dollars(state["cost_nusd"])),
    ]


def _waits(reasons: dict[str, int]) -> list[str]:
    if not reasons:
        return []
    named = ", ".join(f"{_WAITS.get(name, plain(name))} {number:,}" for name, number in reasons.items())
    return [f"given back to wait, of the oldest: {named}"]


def _deliveries(outbox: dict[str, Any]) -> str:
    if not outbox["by_sink"] or outbox["oldest_s"] < _SLOW_DELIVERY_S:
        return ""
    sinks = ", ".join(f"{plain(sink)} {number:,}" for sink, number in outbox["by_sink"].items())
    errors = "; ".join(f"{plain(sink)}: {plain(error, limit=120)}" for sink, error in outbox["last_error"].items())
    return f", the oldest for {duration(outbox['oldest_s'])} ({sinks}{f'; last error of {errors}' if errors else ''})"


def too_new(tickets: int) -> str:
    """Say that tickets wait for a newer release; nobody else will triage them."""
    verb = "waits" if tickets == 1 else "wait"
    return f"{count(tickets, 'ticket')} {verb} for a newer worker: upgrade the workers"


def _workers(workers: list[dict[str, Any]]) -> list[str]:
    if not workers:
        return ["no worker is alive; to start one: celery -A worker.app worker"]
    rows = [(plain(w["worker"]), f"{_known(w['running'])} at work", _queues(w)) for w in workers]
    return [f"{count(len(workers), 'worker')} alive", *columns(rows, indent="  ")]


def _queues(worker: dict[str, Any]) -> str:
    return plain(", ".join(worker["queues"]) or "?") + (" (going down)" if worker["draining"] else "")


def _known(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"
