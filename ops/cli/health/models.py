"""Checks of the provider: is the login accepted, and can both models be used the way the fleet uses them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fleet.addresses import shown
from fleet.settings import Settings
from ops.cli.health.finding import Line, failed, ok, warning
from worker.llm.sdk import login, make_client

if TYPE_CHECKING:
    from anthropic import Anthropic

TIMEOUT_S = 10.0
RETIRES_SOON = timedelta(days=90)

MOST_LISTED = 1_000
SHOWN_IDS = 5

NO_LIST = "model.no_list"
ASK_FOR_REAL = "triage check --call asks it for real"

NO_SUCH_ROUTE = (404, 405, 501)
"""What servers answer that speak the Messages API and know nothing of /v1/models."""


def check_models(settings: Settings) -> Iterator[Line]:
    """Ask the API for both models; this costs nothing."""
    import anthropic

    named = {settings.small_model: "TRIAGE_SMALL_MODEL", settings.frontier_model: "TRIAGE_FRONTIER_MODEL"}
    with make_client(settings, timeout_s=TIMEOUT_S) as client:
        where, by = shown(str(client.base_url)), login(client)
        is_told = False
        for model, variable in named.items():
            try:
                line = _ask(client, model, variable)
            except (anthropic.AuthenticationError, anthropic.PermissionDeniedError) as error:
                yield failed("key.refused", f"{by}: refused with status {error.status_code}: {_short(error)}")
                return
            except anthropic.APIConnectionError as error:
                yield failed("api.away", f"{where} does not answer: {error.__cause__ or error}")
                return
            except anthropic.APIStatusError as error:
                yield failed("api.error", f"{where} answered {error.status_code}: {_short(error)}")
                return
            if not is_told:
                yield ok("key.accepted", f"{by}: {'sent to' if line.id == NO_LIST else 'accepted by'} {where}")
                is_told = True
            yield line


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a server lists of its models; `ids` None: it lists nothing. `has_pages`: each model has its own address."""

    ids: tuple[str, ...] | None
    has_pages: bool


def _ask(client: "Anthropic", model: str, variable: str) -> Line:
    import anthropic

    try:
        return judge_model(client.models.retrieve(model), model, now=datetime.now(UTC))
    except anthropic.APIStatusError as error:
        if error.status_code not in NO_SUCH_ROUTE:
            raise
    return judge_absence(_catalogue(client), model, variable)


def _catalogue(client: "Anthropic") -> Catalogue:
    import anthropic

    try:
        page: Any = client.models.list(limit=MOST_LISTED)
        ids = tuple(str(found.id) for found in page.data if getattr(found, "id", None))
    except (anthropic.AuthenticationError, anthropic.PermissionDeniedError):
        raise
    except (anthropic.APIError, AttributeError, TypeError):  # the SDK does not validate what a stranger lists
        return Catalogue(None, has_pages=False)
    return Catalogue(ids, has_pages=bool(ids) and _has_page(client, ids[0]))


def _has_page(client: "Anthropic", model: str) -> bool:
    import anthropic

    try:
        client.models.retrieve(model)
    except anthropic.APIError:
        return False
    return True


def judge_absence(catalogue: Catalogue, model: str, variable: str) -> Line:
    """Judge a model that has no page of its own: not known, or asked of a server that has no such pages."""
    if catalogue.ids is None:
        return warning(NO_LIST, f"{variable}: the server lists no models, so {model} may be known", ASK_FOR_REAL)
    if model in catalogue.ids:
        return ok("model.listed", f"{model}: listed by the server, which says no more of it")
    listed = ", ".join(catalogue.ids[:SHOWN_IDS]) or "nothing"
    if catalogue.has_pages:
        return failed("model.unknown", f"{variable}: the API does not know {model}", f"it knows {listed}")
    # Some take any name and answer with the one model that they have.
    return warning("model.not_listed", f"{variable}: the server lists {listed}, and not {model}", ASK_FOR_REAL)


def judge_model(info: Any, model: str, *, now: datetime) -> Line:
    """Judge what the API says of a model; the SDK does not validate answers, so any part may be missing."""
    if getattr(info, "id", None) is None:
        return failed("model.no_answer", f"{model}: the answer of the API is no model", "is ANTHROPIC_BASE_URL right?")
    lifecycle, retires_at = getattr(info, "lifecycle", None), getattr(info, "retires_at", None)
    structured = getattr(getattr(info, "capabilities", None), "structured_outputs", None)
    supported = getattr(structured, "supported", None)
    retires_in = retires_at - now if isinstance(retires_at, datetime) else None
    if lifecycle == "retired" or (retires_in is not None and retires_in <= timedelta()):
        return failed("model.retired", f"{model} is retired", "choose another")
    if supported is False:
        message = f"{model} has no structured outputs, which every call asks for"
        return failed("model.no_structured_outputs", message, "choose another")
    if retires_in is not None and retires_in < RETIRES_SOON:
        return warning("model.retires", f"{model} retires on {retires_at:%Y-%m-%d}", "plan its successor")
    if lifecycle == "deprecated":
        return warning("model.deprecated", f"{model} is deprecated", "plan its successor")
    return _current(model, lifecycle, is_told=supported is not None)


def _current(model: str, lifecycle: str | None, *, is_told: bool) -> Line:
    if is_told:
        return ok("model.known", f"{model}: {lifecycle or 'known'}, structured outputs")
    message = f"{model}: known, but the API does not say whether it has structured outputs"
    return warning("model.no_capabilities", message, ASK_FOR_REAL)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
