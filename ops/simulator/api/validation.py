"""From bytes to a request that the API would accept, or the error it would answer."""

import re
from typing import TypeVar

from pydantic import ValidationError

from ops.simulator.api.catalogue import Model, find_callable
from ops.simulator.api.errors import ApiError, invalid
from ops.simulator.api.request import CountRequest, MessageRequest

RequestT = TypeVar("RequestT", MessageRequest, CountRequest)
_ALTERNATIVE = re.compile(r"str$|constrained-str$|list\[")  # pydantic's names for the members of a union


def parse(body: bytes, kind: type[RequestT]) -> RequestT:
    """Read a request body; the message of the 400 names the first field at fault, as the API's does."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise invalid(_complaint(error)) from error


def check(request: MessageRequest | CountRequest) -> Model:
    """Return the model asked for, or raise what the API answers to a well-formed request it cannot serve."""
    model = find_callable(request.model)
    if model is None:
        raise ApiError(404, f"model: {request.model[:100]}")
    _check_turns(request)
    if request.tools or request.tool_choice:
        raise invalid("tools: this simulator answers with text only")
    if request.thinking and request.thinking.type == "disabled" and not model.can_disable_thinking:
        raise invalid(f'thinking.type: "disabled" is not supported by {model.id}')
    if isinstance(request, MessageRequest):
        _check_output(request, model)
    return model


def _complaint(error: ValidationError) -> str:
    # Where text or blocks are allowed both alternatives complain; the one that got furthest is the one meant.
    found = error.errors(include_url=False, include_input=False, include_context=False)
    worst = max(found, key=lambda entry: len(entry["loc"]))
    if worst["type"] == "json_invalid":
        return f"The request body is not valid JSON: {worst['msg']}"
    place = ".".join(str(part) for part in worst["loc"] if not _ALTERNATIVE.match(str(part)))
    return f"{place}: {worst['msg']}" if place else worst["msg"]


def _check_turns(request: MessageRequest | CountRequest) -> None:
    # Consecutive turns of one role are joined by the API, not refused (docstring of `messages` in the SDK).
    turns = request.messages
    if turns[0].role == "assistant":
        raise invalid("messages: first message must use the user role")
    if turns[-1].role == "assistant":
        raise invalid("messages: this model does not support assistant message prefill; end with a user message")
    for place, turn in enumerate(turns):
        if not turn.content:
            raise invalid(f"messages.{place}: all messages must have non-empty content")


def _check_output(request: MessageRequest, model: Model) -> None:
    if request.max_tokens > model.max_tokens:
        raise invalid(f"max_tokens: {request.max_tokens} > {model.max_tokens}, the maximum for {model.id}")
    if request.stream:
        raise invalid("stream: this simulator does not stream")
    budget = request.thinking.budget_tokens if request.thinking else None
    if budget is not None and budget >= request.max_tokens:
        raise invalid("max_tokens: must be greater than thinking.budget_tokens")
