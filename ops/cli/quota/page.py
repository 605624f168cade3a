"""Money and models as lines for a person, who also reads what to do."""

from collections.abc import Iterator
from typing import Any

from fleet.money import NANO_PER_DOLLAR
from ops.cli.terminal.wording import columns, count, dollars, duration, plain
from worker.limits.permits import RESOURCES, HoldReason, Refusal

_STOPPED = {
    Refusal.PAUSED: "paused by the provider (429)",
    Refusal.BREAKER: "stopped, for the provider fails",
    Refusal.HELD: "held for a person",
}
_ADVICE = {
    Refusal.PAUSED: "nothing to do; if it lasts, see who else uses the key, and compare TRIAGE_LIMITS: triage check",
    Refusal.BREAKER: "nothing to do but wait: probes go out by themselves, and no attempt is burnt",
    Refusal.HELD: "see triage check and the provider's console; probes find out by themselves when it is mended",
}
HELD_WORDS = {
    HoldReason.SPEND_LIMITED: "credit or spend limit used up: raise it in the provider's console",
    HoldReason.DISABLED: "the provider has disabled the organisation or workspace: ask its support",
    HoldReason.UNAUTHORIZED: "the provider refuses the key: triage check, then ANTHROPIC_API_KEY",
    HoldReason.NOT_FOUND: "the provider does not serve this model or API version: see TRIAGE_SMALL_MODEL and the like",
    HoldReason.FORMAT_REFUSED: "the gateway refuses structured output (output_config): use one that takes it",
    HoldReason.MISDIRECTED: "not the API answers but a redirect or a web page: ANTHROPIC_BASE_URL, proxy, login",
    HoldReason.REFUSED: "it refuses every ticket, for what its error says: triage show of a waiting ticket tells",
    HoldReason.UNUSABLE: "nearly all its replies are unusable; is the schema enforced? triage show ID --text",
}
"""Why a model is held and what to do; tickets wait meanwhile, no attempt is burnt, and a probe finds out by itself."""


def money_lines(money: dict[str, Any]) -> list[str]:
    """Write the day's money."""
    rows = [
        ("spent", f"{_usd(money['spent_usd'])}, and {_usd(money['reserved_usd'])} reserved for calls under way"),
        *_estimated(money),
        ("left", _left(money)),
        ("pace", _pace(money)),
    ]
    if money["soft_cap_usd"] is not None:
        rows.append(("soft cap", _soft_cap(money)))
    lines = ["money today (UTC)", *columns(rows, indent="  ")]
    if money["tickets_wait_for_money"]:
        lines.append(
            "  TICKETS WAIT FOR MONEY: until the day ends, or TRIAGE_DAILY_BUDGET_USD is raised for the workers"
        )
    return lines


def model_lines(models: dict[str, dict[str, Any]]) -> list[str]:
    """Write how full each model's buckets are, and whether calls go out; below that what to do."""
    rows = [("model", *(f"{resource.replace('_', ' ')}/min" for resource in RESOURCES), "calls")]
    for name, model in models.items():
        levels = (_level(model["buckets"][resource]) for resource in RESOURCES)
        rows.append((plain(name), *levels, _calls(model["breaker"])))
    advice = (f"  {plain(name)}: {line}" for name, model in models.items() for line in _advice(model["breaker"]))
    return [*columns(rows), *advice]


def _advice(breaker: dict[str, Any]) -> Iterator[str]:
    if breaker["held_for"]:
        since = duration(breaker["held_s"])
        words = HELD_WORDS[HoldReason(breaker["held_for"])]
        yield f"HELD for {since} ({breaker['held_for']}): {words}; tickets wait, none is lost"
    elif breaker["is_open"]:
        yield _ADVICE[Refusal(breaker["kind"])]
    elif breaker["refused_in_doubt"]:
        number = count(breaker["refused_in_doubt"], "ticket")
        yield f"{number} refused in the last hour; parked where others get through meanwhile, and else waiting"


def _estimated(money: dict[str, Any]) -> list[tuple[str, str]]:
    if not money["estimated_nusd"]:
        return []
    return [("of it", f"{_usd(money['estimated_usd'])} estimated for lost calls (timed out, cut off, worker died)")]


def _usd(amount: float) -> str:
    return dollars(round(amount * NANO_PER_DOLLAR))


def _left(money: dict[str, Any]) -> str:
    if money["limit_usd"] is None:
        return "no cap is set in this environment (TRIAGE_DAILY_BUDGET_USD)"
    return f"{_usd(money['left_usd'])} of {_usd(money['limit_usd'])}"


def _pace(money: dict[str, Any]) -> str:
    words = f"{_usd(round(money['usd_per_minute'], 6))} a minute"
    if money["minutes_left"] is None:
        return words
    if money["left_usd"] == 0:
        return f"{words}; nothing is left"
    if money["runs_out_at"] is None:
        return f"{words}; lasts until the day ends"
    at = money["runs_out_at"][11:16]
    return f"{words}; runs out in {duration(money['minutes_left'] * 60)}, at {at} UTC"


def _soft_cap(money: dict[str, Any]) -> str:
    at = _usd(money["soft_cap_usd"])
    if money["is_soft_cap_reached"]:
        return f"reached at {at}: the frontier model is kept for urgent and risky tickets"
    return f"not reached, at {at}"


def _level(bucket: dict[str, Any]) -> str:
    words = f"{bucket['percent_left']:.0f} % of {bucket['per_minute']:,.10g}"
    return f"{words}, {duration(bucket['wait_s'])} wait" if bucket["wait_s"] else words


def _calls(breaker: dict[str, Any]) -> str:
    if breaker["next_call_probes"]:
        return "the next one is a probe"
    if not breaker["is_open"]:
        return "go out"
    words = _STOPPED[Refusal(breaker["kind"])]
    if breaker["seconds_left"]:
        return f"{words}, next in {duration(breaker['seconds_left'])}"
    return f"{words}, {'a probe is out' if breaker['is_probing'] else 'the next one is a probe'}"
