"""Slack's requests over HTTP: believed when signed lately and not seen yet, answered 200 when what they say is kept."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis.exceptions import RedisError
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fleet.errors import TransientError
from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.intake.metrics import Became, Refusal
from producers.json_reader import JsonError, read_json
from producers.slack.events import read_event
from producers.slack.handing_in import hand_in
from producers.slack.hearing import Hearing

_log = structlog.get_logger("slack")

WINDOW_S = 300
"""Slack's own rule: an older signature may have been overheard."""


class SlackClock(Clock):
    """The SDK's clock, which a test may move."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now()


class Requests:
    """Answers `POST /slack/events`."""

    def __init__(self, door: Door, bursts: Bursts, secret: str, hearing: Hearing, clock: Clock | None = None) -> None:
        self._door = door
        self._bursts = bursts
        self._clock = clock or SlackClock()
        self._verifier = SignatureVerifier(secret, self._clock)
        self._hearing = hearing

    def app(self) -> Starlette:
        """Make the application."""
        return Starlette(routes=[Route("/slack/events", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        """Take one request."""
        body = await request.body()
        why = self._doubt(body, request.headers)
        if why is not None:
            return self._refuse(why)
        if "x-slack-retry-num" in request.headers:
            _log.debug("sent_again", reason=request.headers.get("x-slack-retry-reason", "")[:40])
        try:
            if await self._is_replayed(request.headers["x-slack-signature"]):
                return self._refuse(Refusal.REPLAYED)
            answer = await self._answer(body)
            await self._remember(request.headers["x-slack-signature"])
        except (TransientError, RedisError, OSError) as error:
            return _later(error)
        return answer

    def _doubt(self, body: bytes, headers: Mapping[str, str]) -> Refusal | None:
        signature, sent = headers.get("x-slack-signature"), headers.get("x-slack-request-timestamp")
        if not signature or not sent:
            return Refusal.MISSING
        if not sent.isdecimal() or len(sent) > 12 or abs(self._clock.now() - int(sent)) > WINDOW_S:  # noqa: PLR2004
            return Refusal.STALE
        try:
            text = body.decode()
            is_valid = signature.isascii() and self._verifier.is_valid(text, sent, signature)
        except UnicodeDecodeError:
            is_valid = False
        return None if is_valid else Refusal.SIGNATURE

    async def _answer(self, body: bytes) -> Response:
        try:
            payload = read_json(body)
        except JsonError:
            self._door.metrics.message(Became.REJECTED)
            return JSONResponse({"error": "not JSON"}, status_code=400)
        if isinstance(payload, dict) and payload.get("type") == "url_verification":
            return JSONResponse({"challenge": str(payload.get("challenge", ""))})
        if isinstance(payload, dict) and payload.get("type") == "app_rate_limited":
            _log.warning("events_withheld", message="Slack sends too many events an hour for one app, and drops some")
        await hand_in(read_event(payload, self._hearing), self._bursts, self._door)
        return JSONResponse({"ok": True})

    async def _is_replayed(self, signature: str) -> bool:
        return bool(await self._door.ledger.redis.exists(_seen(signature)))

    async def _remember(self, signature: str) -> None:
        # Only now: a request that could not be kept may come again as it is. Twice at once does no harm either.
        await self._door.ledger.redis.set(_seen(signature), 1, ex=2 * WINDOW_S)

    def _refuse(self, why: Refusal) -> Response:
        self._door.metrics.refused(why)
        return JSONResponse({"error": f"not believed: {why}"}, status_code=401)


def _seen(signature: str) -> str:
    return f"tf:slack:seen:{signature}"


def _later(error: Exception) -> Response:
    wait_s: Any = getattr(error, "retry_after_s", 0) or 1
    return JSONResponse(
        {"error": "not accepted; send it again"}, status_code=503, headers={"Retry-After": str(max(1, int(wait_s)))}
    )
