"""Checks of files and names that the settings point at: taxonomy, prices, sinks."""

from collections.abc import Iterator

from fleet.errors import ConfigurationError
from fleet.settings import Settings
from fleet.taxonomy import load_taxonomy
from ops.cli.health.finding import Line, failed, ok


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
            yield failed("prices", str(error))
            continue
        yield ok("prices", f"{model}: price of {table.by_model[model].since}")


def check_sinks(settings: Settings) -> Iterator[Line]:
    """Are the sinks known, and which are on."""
    from worker.sinks.registry import NAMES

    for name in settings.sink_names:
        if name not in NAMES:
            yield failed("sinks", f"TRIAGE_SINKS: unknown sink {name} (known: {', '.join(NAMES)})")
        elif name == "page" and settings.page_routing_key is None:
            yield ok("sinks", "page: off, for TRIAGE_PAGE_ROUTING_KEY is not set")
        elif name == "page":
            yield ok("sinks", f"page: on, to {settings.page_url}")
        else:
            yield ok("sinks", f"{name}: on")
    if not settings.sink_names:
        yield ok("sinks", "none (TRIAGE_SINKS)")
