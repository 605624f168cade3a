"""Known meanings of a refusal's words: is it about the account, the model, the gateway or the format, and until when.

Providers and gateways say such things under many statuses, 400 above all, though no ticket is at fault.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from worker.domain import CallResult

LONGEST_WAIT_S = 40 * 86_400.0
"""A month's limit ends within a month; what lies further ahead is a slip and no time to wait for."""

_TYPES = {
    "authentication_error": CallResult.UNAUTHORIZED,
    "permission_error": CallResult.UNAUTHORIZED,
    "billing_error": CallResult.SPEND_LIMITED,
    "not_found_error": CallResult.NOT_FOUND,
    "rate_limit_error": CallResult.RATE_LIMITED,
    "overloaded_error": CallResult.OVERLOADED,
    "timeout_error": CallResult.TIMEOUT,
    "api_error": CallResult.SERVER_ERROR,
}

_WORDS = {
    CallResult.SPEND_LIMITED: (
        r"credit balance",
        r"(?:spend|spending|usage|monthly|quota) limits?",
        r"purchase credits|billing|payment (?:is )?required|out of credits?|budget has been exceeded|regain access",
        r"insufficient (?:credits?|funds|balance|quota)",
        r"(?:exceeded|reached) your .{0,30}(?:quota|budget)",
    ),
    CallResult.DISABLED: (
        r"(?:organi[sz]ation|account|workspace|project) .{0,30}(?:disabled|suspended|deactivated|archived|blocked)",
        r"subscription .{0,30}(?:disabled|suspended|expired|cancell?ed)",
    ),
    CallResult.OVERLOADED: (r"overloaded|at capacity|capacity (?:exceeded|reached)|too busy|temporarily unavailable",),
    CallResult.UNAUTHORIZED: (
        r"(?:invalid|incorrect|expired|missing|revoked) .{0,20}(?:api[- ]?key|token|credentials)|x-api-key",
        r"not authori[sz]ed|unauthori[sz]ed|access denied|authentication",
    ),
    CallResult.FORMAT_REFUSED: (
        r"output_config|output_format|response_format|json_schema|structured outputs?|cache_control",
        r"extra inputs are not permitted|unknown (?:field|parameter)",
        r"unrecognized (?:request )?(?:argument|field|parameter)",
    ),
    CallResult.NOT_FOUND: (
        r"anthropic-version|(?:api )?version .{0,40}(?:not (?:valid|supported)|invalid|unknown)",
        r"model .{0,80}not (?:found|supported|available|served|exist|allowed|enabled)",
        r"model .{0,80}(?:does(?: not|n't) (?:exist|support)|isn't (?:supported|available)|deprecated|retired|unknown)",
        r"(?:invalid|unknown|unsupported) model|on-demand throughput",
    ),
}
_MEANINGS = {result: re.compile("|".join(patterns), re.IGNORECASE) for result, patterns in _WORDS.items()}

_QUOTED = re.compile(r"'[^']{40,4000}'|\"[^\"]{40,4000}\"|`[^`]{40,4000}`")
"""Long quotations in a refusal may be the ticket's own text, which has no say in what the refusal means."""

_READ = 2_000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]{{0,7}}\.?"
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_TIME = r"(?:,?\s+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[ap]\.?m\.?)?)?"
_ISO_TIME = r"(?:[T ]+(?:at\s+)?(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d{1,9})?)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}}){_ISO_TIME}(?:\s*(?P<zone>[+-]\d{{2}}:?\d{{2}}))?",
        rf"\b{_NAME}\s+(?P<day>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?{_YEAR}{_TIME}",
        rf"\b(?P<day>\d{{1,2}})\.?\s+{_NAME}{_YEAR}{_TIME}",
    )
)
_WAITS = re.compile(
    r"regain access|resets?\b|try again|available (?:again )?(?:on|at|from|after)|restored|until|renews?\b",
    re.IGNORECASE,
)


def meaning(words: str, error_type: str = "") -> CallResult | None:
    """Name what a refusal is about, by its error type and its words; None: it may be about this very request."""
    if error_type in _TYPES:
        return _TYPES[error_type]
    text = _QUOTED.sub("", words[:_READ])
    return next((result for result, pattern in _MEANINGS.items() if pattern.search(text)), None)


def wait_s(words: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long to wait: `retry-after` in seconds or as an HTTP date, or a date in the words; else None."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            return _bounded(float(value) * unit_s)
        except ValueError:
            at = _http_date(value)
            if at is not None:
                return _bounded((at - now).total_seconds())
    at = _named_date(words[:_READ], now)
    return None if at is None else _bounded((at - now).total_seconds())


def _bounded(seconds: float) -> float | None:
    # Not a number, or the far future, is nothing that anybody meant.
    return max(0.0, seconds) if seconds <= LONGEST_WAIT_S else None


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _named_date(words: str, now: datetime) -> datetime | None:
    found = _WAITS.search(words)
    if found is None:
        return None
    for pattern in _DATES:
        date = pattern.search(words, found.end(), found.end() + 80)
        at = _date(date.groupdict(), now) if date else None
        if at is not None and at > now:
            return at
    return None


def _date(parts: Mapping[str, str | None], now: datetime) -> datetime | None:
    """Make a time of a date's parts; without a zone it is UTC, without a year the next such day."""
    name = parts.get("name")
    month = int(parts.get("month") or 0) if name is None else 1 + _MONTHS.index(name.lower())
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    year = int(parts.get("year") or now.year)
    zone = (parts.get("zone") or "").replace(":", "")
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    try:
        at = datetime(year, month, int(parts["day"] or 0), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    if zone:
        shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        at -= shift if zone[0] == "+" else -shift
    return at if parts.get("year") or at > now else at.replace(year=year + 1)
