"""Checks of files and names that the settings point at: taxonomy, prices, sinks."""

from collections.abc import Iterator
from decimal import Decimal

from fleet.errors import ConfigurationError
from fleet.money import NANO_PER_DOLLAR
from fleet.settings import Settings, variable
from fleet.taxonomy import load_taxonomy
from ops.cli.health.finding import Line, failed, ok, wrong

BYTES_A_TOKEN = 4


def check_taxonomy(settings: Settings) -> Iterator[Line]:
    """Does the taxonomy load."""
    taxonomy = load_taxonomy(settings.taxonomy)
    sizes = f"{len(taxonomy.categories)} categories, {len(taxonomy.urgencies)} urgency levels"
    yield ok("taxonomy", f"{taxonomy.version}: {sizes}")


def check_prices(settings: Settings) -> Iterator[Line]:
    """Is the price of both models known."""
    from worker.llm.prices import load_price_table

    table = load_price_table(settings.prices)
    for model in dict.fromkeys((settings.small_model, settings.frontier_model)):
        try:
            table.ensure(model)
        except ConfigurationError as error:
            yield failed("prices.unknown_model", str(error))
            continue
        yield ok("prices.known", f"{model}: price of {table.by_model[model].since}")


def check_budgets(settings: Settings) -> Iterator[Line]:
    """Is every cap on money above what one call can cost; below that nothing would ever be called."""
    from worker.llm.prices import load_price_table
    from worker.llm.prompt import build_prompt

    table = load_price_table(settings.prices)
    if settings.small_model not in table.by_model:
        return  # the check of the prices says so
    prompt_tokens = build_prompt(load_taxonomy(settings.taxonomy)).size_bytes // BYTES_A_TOKEN
    cost = Decimal(table.worst_nusd(settings.small_model, prompt_tokens, settings.max_output_tokens)) / NANO_PER_DOLLAR
    for field in ("daily_budget_usd", "minute_budget_usd", "ticket_budget_usd"):
        cap = getattr(settings, field)
        if cap is not None and cap < cost:
            message = (
                f"{variable(field)}: ${cap} is below what one call of {settings.small_model} can cost, ${cost:.4f}"
            )
            yield wrong("budget.below_a_call", message, "raise it, or nothing will be called")


def check_sinks(settings: Settings) -> Iterator[Line]:
    """Are the sinks known, and which are on."""
    from worker.sinks.http import Outbound
    from worker.sinks.registry import build_sinks

    sinks = build_sinks(settings, Outbound(), lambda _verdict: False)
    for name, sink in sinks.items():
        yield ok(f"sinks.{name}", f"{name}: {sink.state}")
    if not sinks:
        yield ok("sinks", "none (TRIAGE_SINKS)")
