"""Check of the limits: does the file load, and is it what the provider shows."""

from collections.abc import Iterator

from redis.exceptions import RedisError

from fleet.errors import ConfigurationError
from fleet.settings import Settings
from ops.cli.health.finding import Line, failed, ok, warning
from ops.cli.quota.allowed import Allowed, allowed_by
from ops.cli.quota.page import HELD_WORDS
from ops.cli.terminal.connection import open_ledger
from ops.cli.terminal.wording import duration
from worker.limits.reading import Bucket, ModelState, read_models


def check_limits(settings: Settings) -> Iterator[Line]:
    """Read the limits file and compare it with the provider's limits as the fleet's calls last saw them."""
    allowed = allowed_by(settings)
    yield ok(
        "limits.file", f"{settings.limits} (TRIAGE_LIMITS)" if settings.limits else "the defaults (no TRIAGE_LIMITS)"
    )
    yield from _strangers(allowed)
    try:
        with open_ledger(settings) as ledger:
            states = read_models(ledger.redis, allowed.limits, allowed.models)
    except (ConfigurationError, RedisError):  # the check of the server says why
        yield warning(
            "limits.not_compared", "could not be compared with what the provider shows: the ledger does not answer"
        )
        return
    for state in states:
        if state.held_for:
            probe = f"next probe in {duration(state.stop_left_s)}" if state.stop_left_s else "the next call is a probe"
            words = f"{state.model} is held ({state.held_for}) for {duration(state.held_s)} now, {probe}"
            yield failed("limits.held", words, HELD_WORDS[state.held_for])
        yield from compare(state, "TRIAGE_LIMITS allows" if settings.limits else "the default allows")


def compare(state: ModelState, we_allow: str) -> Iterator[Line]:
    """Compare one model's limits with what the provider showed; more than that would end in refused calls."""
    is_equal = True
    for bucket in state.buckets:
        shown, told = bucket.shown_per_minute, bucket.told_per_minute
        if shown is None or shown == told:
            continue
        is_equal = False
        words = f"provider shows {_rate(shown, bucket)} for {state.model}, {we_allow} {told:,.10g}"
        if shown < told:
            yield failed("limits.too_high", words, "lower it" if "TRIAGE" in we_allow else "set TRIAGE_LIMITS")
        else:
            yield ok("limits.unused", f"{words}: the rest is unused")
    if is_equal:
        rates = ", ".join(_rate(bucket.told_per_minute, bucket) for bucket in state.buckets)
        is_seen = any(bucket.shown_per_minute for bucket in state.buckets)
        known = "as the provider shows" if is_seen else "what the provider shows is known after the first call"
        yield ok("limits.fit", f"{state.model}: {rates}; {known}")


def _strangers(allowed: Allowed) -> Iterator[Line]:
    for model in allowed.limits.models:
        if model not in allowed.models:
            message = f"TRIAGE_LIMITS names {model}, which is not one of the fleet's models"
            yield warning("limits.other_model", message, "a slip?")


def _rate(per_minute: float, bucket: Bucket) -> str:
    return f"{per_minute:,.10g} {bucket.resource.replace('_', ' ')} a minute"
