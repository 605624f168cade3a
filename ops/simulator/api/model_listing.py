"""GET /v1/models and /v1/models/{id}: catalogue entries in the API's shape, with its cursors."""

from collections.abc import Sequence

from ops.simulator.api.catalogue import MODELS, Model, find
from ops.simulator.api.errors import ApiError, invalid

DEFAULT_PAGE = 20
LARGEST_PAGE = 1000
_RELEASED = "2026-01-01T00:00:00Z"  # assumed: no release date is stored


def describe(model_id: str) -> dict[str, object]:
    """Return one model's record; an unknown id is a 404."""
    model = find(model_id)
    if model is None:
        raise ApiError(404, f"model: {model_id[:100]}")
    return _record(model, model_id)


def page(
    *, lifecycles: Sequence[str] = (), limit: int = DEFAULT_PAGE, after: str | None = None, before: str | None = None
) -> dict[str, object]:
    """Return one page of records; without a filter retired models are left out, as the API does."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise invalid(f"limit: must be between 1 and {LARGEST_PAGE}")
    wanted = set(lifecycles) or {"active", "deprecated"}
    ids = [model.id for model in MODELS.values() if model.lifecycle in wanted]
    chosen, has_more = _slice(ids, limit, after, before)
    return {
        "data": [describe(model_id) for model_id in chosen],
        "has_more": has_more,
        "first_id": chosen[0] if chosen else None,
        "last_id": chosen[-1] if chosen else None,
    }


def _slice(ids: list[str], limit: int, after: str | None, before: str | None) -> tuple[list[str], bool]:
    if before is not None:
        rest = ids[: _position(ids, before, "before_id")]
        return rest[-limit:], len(rest) > limit
    rest = ids if after is None else ids[_position(ids, after, "after_id") + 1 :]
    return rest[:limit], len(rest) > limit


def _position(ids: list[str], cursor: str, name: str) -> int:
    if cursor not in ids:
        raise invalid(f"{name}: {cursor[:100]} is not in the list")
    return ids.index(cursor)


def _record(model: Model, model_id: str) -> dict[str, object]:
    return {
        "type": "model",
        "id": model_id,
        "display_name": model_id.replace("-", " ").title(),
        "created_at": _RELEASED,
        "lifecycle": model.lifecycle,
        "deprecated_at": None if model.lifecycle == "active" else _RELEASED,
        "retires_at": model.retires_at,
        "line": model.family,
        "max_input_tokens": model.max_input_tokens,
        "max_tokens": model.max_tokens,
        "capabilities": _capabilities(model),
    }


def _capabilities(model: Model) -> dict[str, object]:
    yes, no = {"supported": True}, {"supported": False}
    levels = dict.fromkeys(("low", "medium", "high", "xhigh", "max"), yes)
    thinking = {"adaptive": yes, "between_tools": yes, "enabled": yes}
    disabled = {"supported": model.can_disable_thinking}
    return {
        "batch": no,  # the simulator has no batches
        "citations": no,
        "code_execution": no,
        "context_management": {"supported": False},
        "effort": {"supported": True, **levels},
        "image_input": no,
        "pdf_input": no,
        "server_tools": {"supported": False, "code_execution": no, "web_search": no},
        "structured_outputs": yes,
        "thinking": {"supported": True, "types": {**thinking, "disabled": disabled}},
    }
