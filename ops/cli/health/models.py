"""Checks of the provider: is the key accepted, and can both models be used the way the fleet uses them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from fleet.settings import Settings
from ops.cli.health.finding import Line, failed, ok, warning

TIMEOUT_S = 10.0
RETIRES_SOON = timedelta(days=90)


def check_models(settings: Settings) -> Iterator[Line]:
    """Ask the API for both models; this costs nothing."""
    import anthropic

    key = settings.anthropic_api_key
    if key is None:
        yield failed("key", "ANTHROPIC_API_KEY is not set; set it, or ANTHROPIC_API_KEY_FILE")
        return
    named = {settings.small_model: "TRIAGE_SMALL_MODEL", settings.frontier_model: "TRIAGE_FRONTIER_MODEL"}
    with anthropic.Anthropic(
        api_key=key.get_secret_value(), base_url=settings.anthropic_base_url, max_retries=0, timeout=TIMEOUT_S
    ) as client:
        is_accepted = False
        for model, variable in named.items():
            try:
                answer: Any = client.models.retrieve(model)
            except anthropic.NotFoundError:
                line = failed("model", f"{variable}: the API does not know {model}")
            except (anthropic.AuthenticationError, anthropic.PermissionDeniedError) as error:
                yield failed("key", f"ANTHROPIC_API_KEY: refused with status {error.status_code}: {_short(error)}")
                return
            except anthropic.APIConnectionError as error:
                yield failed("api", f"{client.base_url} does not answer: {error.__cause__ or error}")
                return
            except anthropic.APIStatusError as error:
                yield failed("api", f"{client.base_url} answered {error.status_code}: {_short(error)}")
                return
            else:
                line = judge_model(answer, model, now=datetime.now(UTC))
            if not is_accepted:
                yield ok("key", f"accepted by {client.base_url}")
                is_accepted = True
            yield line


def judge_model(info: Any, model: str, *, now: datetime) -> Line:
    """Judge what the API says of a model; the SDK does not validate answers, so any part may be missing."""
    if getattr(info, "id", None) is None:
        return failed("model", f"{model}: the answer of the API is no model; is ANTHROPIC_BASE_URL right?")
    lifecycle, retires_at = getattr(info, "lifecycle", None), getattr(info, "retires_at", None)
    structured = getattr(getattr(info, "capabilities", None), "structured_outputs", None)
    supported = getattr(structured, "supported", None)
    line = ok("model", f"{model}: {lifecycle or 'known'}, structured outputs")
    retires_in = retires_at - now if isinstance(retires_at, datetime) else None
    if lifecycle == "retired" or (retires_in is not None and retires_in <= timedelta()):
        line = failed("model", f"{model} is retired: choose another")
    elif supported is False:
        line = failed("model", f"{model} has no structured outputs, which every call asks for: choose another")
    elif retires_in is not None and retires_in < RETIRES_SOON:
        line = warning("model", f"{model} retires on {retires_at:%Y-%m-%d}: plan its successor")
    elif lifecycle == "deprecated":
        line = warning("model", f"{model} is deprecated: plan its successor")
    elif supported is None:
        line = warning("model", f"{model}: known, but the API does not say whether it has structured outputs")
    return line


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
