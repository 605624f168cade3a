"""What the stages of the pipeline hand to each other: frozen facts and decisions, no behaviour worth a mock."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from fleet.lanes import Tier
from fleet.verdict import Verdict


class Flag(StrEnum):
    """Facts about a ticket or reply that policy acts on; written with the verdict."""

    INJECTION = "suspected_injection"
    LOW_CONFIDENCE = "low_confidence"
    BUDGET = "budget"
    AUTOMATED = "automated"
    EMPTY = "empty"
    HIDDEN_TEXT = "hidden_text"
    PARTS_DIFFER = "parts_differ"


CALL_A_HUMAN = frozenset({Flag.INJECTION, Flag.LOW_CONFIDENCE, Flag.BUDGET, Flag.PARTS_DIFFER})
"""Flags for which somebody has to look, whatever the model says. The others only inform: many an honest mail hides a
line of preview text, and hidden words that speak to the model are the screen's to find."""


@dataclass(frozen=True, slots=True)
class Route:
    """The tier a ticket deserves, and the evident reason why (empty for the small one)."""

    tier: Tier
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A call before it is made: what it will probably use of the limits, and the most it can cost."""

    model: str
    tier: Tier
    prompt: str
    input_tokens: int
    max_output_tokens: int
    worst_nusd: int
    likely_nusd: int = 0
    """What is booked where the call's own figure never comes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One limit as the provider's headers showed it: what is allowed per minute, and what remained."""

    limit: float
    remaining: float


class Purpose(StrEnum):
    """What a model call was paid for."""

    TRIAGE = "triage"
    REPAIR = "repair"


class CallResult(StrEnum):
    """How a model call ended. A closed set, because it labels a metric."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    RAMP_LIMITED = "ramp_limited"
    SPEND_LIMITED = "spend_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    DISABLED = "disabled"
    FORMAT_REFUSED = "format_refused"
    MISDIRECTED = "misdirected"
    """Not the API answered: a redirect, a web page."""
    BAD_REQUEST = "bad_request"
    UNREADABLE = "unreadable"
    LOST = "lost"
    """Nobody told its end: the worker went away with it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, each kind priced apart; `prompt` is what decides the price tier."""

    input: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    output: int = 0

    @property
    def uncached(self) -> int:
        """Tokens that count toward the limit on input."""
        return self.input + self.cache_write_5m + self.cache_write_1h

    @property
    def prompt(self) -> int:
        """All tokens of the prompt, cached or not."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read

    def kinds(self) -> dict[str, int]:
        """Tokens by kind, for metrics."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Characters of a ticket that a call left out: of history in the body, of its middle, of what is beside it."""

    history: int = 0
    middle: int = 0
    forwarded: int = 0
    quoted: int = 0
    signature: int = 0
    beside: int = 0
    """Of subject, fields and names of attachments."""

    def as_record(self) -> dict[str, int]:
        """The counts that are not zero, as they are written into the ticket's story."""
        return {f"cut_{part}": count for part, count in asdict(self).items() if count}


@dataclass(frozen=True, slots=True)
class Call:
    """The record of one model call, failed ones too. Cost in whole nano-dollars, so that sums are exact."""

    model: str
    tier: Tier
    purpose: Purpose
    prompt: str
    result: CallResult
    seconds: float
    usage: Usage = Usage()
    cost_nusd: int = 0
    is_estimated: bool = False
    """The figure never came: the cost is what such a call probably costs."""
    cache_saved_nusd: int = 0
    cuts: Cuts = Cuts()
    stop_reason: str = ""
    parse: str = ""
    """Why the reply is no verdict (ParseFailure), or `fenced` where a verdict had to be taken out of a code fence."""
    why: str = ""
    """The first thing that is wrong with an unusable reply: field and type, none of its text."""
    said: str = ""
    """The first characters of an unusable reply, escaped. The model's text, so shown only where ticket text is."""
    request_id: str = ""
    error: str = ""
    retry_after_s: float | None = None
    seen: tuple[Seen | None, Seen | None, Seen | None] = (None, None, None)

    def as_record(self) -> dict[str, Any]:
        """The call as it is written into the ticket's story."""
        tokens = {f"{kind}_tokens": count for kind, count in self.usage.kinds().items()}
        record: dict[str, Any] = {
            "model": self.model,
            "tier": self.tier,
            "purpose": self.purpose,
            "prompt": self.prompt,
            "result": self.result,
            "seconds": round(self.seconds, 3),
            "cost_nusd": self.cost_nusd,
            **tokens,
            **self.cuts.as_record(),
        }
        names = (
            "cache_saved_nusd",
            "stop_reason",
            "parse",
            "why",
            "said",
            "request_id",
            "error",
        )
        optional = {name: getattr(self, name) for name in names} | {"estimated": self.is_estimated}
        return record | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said; `text` is all its text blocks, thinking left out."""

    text: str
    stop_reason: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply. `retry_after_s` is what the provider asked for, if it did, in a header or in words."""

    result: CallResult
    message: str
    retry_after_s: float | None = None


class ParseFailure(StrEnum):
    """Why a reply is no verdict. A closed set, because it labels a metric."""

    JSON = "json"
    SCHEMA = "schema"
    TAXONOMY = "taxonomy"
    TRUNCATED = "truncated"
    REFUSAL = "refusal"
    EMPTY = "empty"


FENCED = "fenced"
"""Stands beside the ParseFailures in metric and story: the reply was usable, once taken out of its code fence."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A reply that is no verdict: why, its first fault in words that quote none of it, and its text."""

    failure: ParseFailure
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that lies within the taxonomy, before policy has looked at it."""

    category: str
    urgency: str
    needs_human: bool
    confidence: float
    reason: str
    language: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The ticket is triaged."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Escalate:
    """The small tier's word is not enough; `reason` is from the closed set of the metric."""

    reason: str
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Again after `delay_s`; `refund` means that the attempt was not the ticket's fault and does not count."""

    delay_s: float
    reason: str
    error: str = ""
    refund: bool = False


@dataclass(frozen=True, slots=True)
class Park:
    """A person has to look."""

    reason: str
    error: str


Decision = Finish | Escalate | Retry | Park
