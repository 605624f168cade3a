"""The request body of POST /v1/messages: known fields only, as the API insists."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NonEmpty = Annotated[str, StringConstraints(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CacheControl(_Strict):
    """A cache breakpoint."""

    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"


class TextBlock(_Strict):
    """A piece of text, in the system prompt or a message."""

    type: Literal["text"]
    text: NonEmpty
    cache_control: CacheControl | None = None
    citations: list[Any] | None = None


class ThinkingBlock(_Strict):
    """A model's own thinking, handed back unchanged."""

    type: Literal["thinking"]
    thinking: str
    signature: str


Block = Annotated[TextBlock | ThinkingBlock, Field(discriminator="type")]


class Turn(_Strict):
    """One message of the conversation."""

    role: Literal["user", "assistant", "system"]
    content: NonEmpty | list[Block]


class JsonFormat(_Strict):
    """The schema that the reply has to follow."""

    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class OutputConfig(_Strict):
    """How the reply should look and how much effort goes into it."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


class Thinking(_Strict):
    """Thinking mode; accepted and checked, not simulated."""

    type: Literal["adaptive", "between_tools", "disabled", "enabled"]
    budget_tokens: Annotated[int, Field(ge=1024)] | None = None
    display: Literal["summarized", "omitted"] | None = None


class _Prompt(_Strict):
    model: NonEmpty
    messages: Annotated[list[Turn], Field(min_length=1, max_length=100_000)]
    system: str | list[TextBlock] = ""
    cache_control: CacheControl | None = None
    output_config: OutputConfig | None = None
    speed: Literal["standard", "fast"] | None = None
    thinking: Thinking | None = None
    tool_choice: dict[str, Any] | None = None
    tools: list[dict[str, Any]] = Field(default_factory=list)
    user_profile_id: str | None = None


class CountRequest(_Prompt):
    """The body of /v1/messages/count_tokens."""


class MessageRequest(_Prompt):
    """The body of /v1/messages."""

    max_tokens: Annotated[int, Field(ge=0)]
    stream: bool = False
    stop_sequences: list[NonEmpty] = Field(default_factory=list)
    container: Any = None
    diagnostics: dict[str, Any] | None = None
    inference_geo: str | None = None
    metadata: dict[str, Any] | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
