"""`triage bench limiter`: how much of a quota the fleet uses, what is refused, and how others do on the same course."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from ops.bench.quota.ours import Trial, run_ours
from ops.bench.quota.permit_cost import measure_permit
from ops.bench.quota.window import Row
from ops.bench.rivals.contest import run_rivals
from ops.bench.texts import one_call_texts

FOREIGN_SHARE = 0.3
ALONE, SHARED = "triage-fleet", "triage-fleet, shared key"

GOALS: dict[str, tuple[str, float]] = {
    "utilisation": (">=", 0.98),
    "refused": ("<=", 0),
    "shared_utilisation": (">=", 0.95),
    "shared_refused_share": ("<=", 0.01),
    "acquire_to_ping": ("<=", 1.5),
}


class LimiterBench:
    """Runs the benchmark; `say` is told what is going on. `rival_window_s` None: the rivals are left out."""

    def __init__(self, trial: Trial, *, pairs: int, rival_window_s: float | None, say: Callable[[str], None]) -> None:
        self._trial = trial
        self._pairs = pairs
        self._rival_window_s = rival_window_s
        self._say = say

    def run(self) -> dict[str, Any]:
        """Measure, one run after the other."""
        permit = measure_permit(self._pairs)
        self._say(f"one acquire costs {permit['ratio']['median']:.2f} PINGs")
        texts, rows = one_call_texts(), []
        rows.append(self._told(run_ours(ALONE, self._trial, texts)))
        rows.append(self._told(run_ours(SHARED, self._trial, texts, foreign_share=FOREIGN_SHARE)))
        if self._rival_window_s is not None:
            rivals = run_rivals(replace(self._trial, window_s=self._rival_window_s))
            rows += [self._told(row) for row in rivals]
        return summary(self._trial, rows, permit)

    def _told(self, row: Row) -> Row:
        self._say(_line(row))
        return row


def summary(trial: Trial, rows: Sequence[Row], permit: dict[str, Any]) -> dict[str, Any]:
    """Put the rows beside the goals; the first row is the fleet alone, the second the fleet with a shared key."""
    alone, shared = rows[0], rows[1]
    found = {
        "utilisation": alone.utilisation,
        "refused": alone.refused,
        "shared_utilisation": shared.utilisation,
        "shared_refused_share": shared.refused_share,
        "acquire_to_ping": permit["ratio"]["median"],
    }
    return {
        "simulated": True,
        "python": sys.version.split()[0],
        "requests_per_minute": trial.quota.requests_per_minute,
        "provider_burst_s": trial.quota.burst_s,
        "processes": trial.processes,
        "slots": trial.slots,
        "warm_up_s": trial.warm_up_s,
        "window_s": trial.window_s,
        "foreign_share": FOREIGN_SHARE,
        "rows": [asdict(row) for row in rows],
        "permit": permit,
        "goals": {name: _verdict(name, value) for name, value in found.items()},
    }


def is_met(result: dict[str, Any]) -> bool:
    """Whether every goal of a result is met."""
    return all(goal["is_met"] for goal in result["goals"].values())


def table(result: dict[str, Any]) -> str:
    """Write a result for reading."""
    head = (
        f"{result['requests_per_minute']:.0f} requests a minute (bucket of {result['provider_burst_s']:.0f} s), "
        f"{result['processes']} processes of {result['slots']} slots, {result['window_s']:.0f} s, simulated API"
    )
    lines = [
        head,
        "",
        f"{'':38}{'used':>8}{'429':>8}{'429 share':>11}{'failed':>8}{'wasted':>8}  ",
    ]
    lines += [_line(Row(**row)) for row in result["rows"]]
    lines += ["", "goals"]
    for name, goal in result["goals"].items():
        word = "met" if goal["is_met"] else "MISSED"
        lines.append(f"{name:24}{goal['value']:>9.4g}   {goal['goal']:10}{word}")
    return "\n".join(lines)


def _verdict(name: str, value: float | None) -> dict[str, Any]:
    sign, bound = GOALS[name]
    is_good = value is not None and (value >= bound if sign == ">=" else value <= bound)
    return {"goal": f"{sign} {bound:g}", "value": value, "is_met": is_good}


def _line(row: Row) -> str:
    def cell(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    return (
        f"{row.name:38}{cell(row.utilisation, '.1%'):>8}{cell(row.refused, 'd'):>8}"
        f"{cell(row.refused_share, '.1%'):>11}{cell(row.failed, 'd'):>8}{cell(row.wasted, 'd'):>8}  {row.note}"
    ).rstrip()
