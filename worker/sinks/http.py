"""The one place from which sinks talk to the outside: bounded in time and size, no redirects, errors classified."""

from typing import Any

import aiohttp

from worker.sinks.base import SinkError

TIMEOUT_S = 10.0
LONGEST_RETRY_AFTER_S = 3600.0
"""A receiver may ask for more, or for nonsense; a page must not be put off for a day by one header."""

_AGAIN = {408, 409, 425, 429}


class Outbound:
    """Posts JSON. Lives on one event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def post_json(self, url: str, body: dict[str, Any], *, idempotency_key: str) -> None:
        """Post and expect 2xx; anything else raises SinkError saying whether it is worth another try."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        headers = {"Idempotency-Key": idempotency_key}
        try:
            async with self._session.post(url, json=body, headers=headers, allow_redirects=False) as response:
                status, wait = response.status, _retry_after_s(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SinkError(f"{type(error).__name__}: {error}") from error
        if not 200 <= status < 300:  # noqa: PLR2004 - the class of success
            is_permanent = status < 500 and status not in _AGAIN  # noqa: PLR2004 - the class of server errors
            raise SinkError(f"the receiver answered {status}", is_permanent=is_permanent, retry_after_s=wait)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _retry_after_s(header: str | None) -> float:
    try:
        return min(max(0.0, float(header or 0)), LONGEST_RETRY_AFTER_S)
    except ValueError:
        return 0.0
