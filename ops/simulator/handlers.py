"""HTTP in and out: which path does what, and the headers every answer carries."""

import asyncio
import json
import logging
from collections.abc import Mapping

from aiohttp import web

from ops.simulator.api.credentials import check_key, check_version
from ops.simulator.api.errors import ApiError, invalid
from ops.simulator.api.model_listing import DEFAULT_PAGE, describe, page
from ops.simulator.calls import NOBODY_KNOWS, Call, Calls
from ops.simulator.control import PREFIX, Control
from ops.simulator.metering.meter import Meter
from ops.simulator.metering.stats import DROPPED

MARK = {"x-simulator": "triage-fleet", "content-type": "application/json"}
TRICKLE_INTERVAL_S = 1.0
MESSAGES, COUNT, MODELS = "/v1/messages", "/v1/messages/count_tokens", "/v1/models"
METHODS = {MESSAGES: "POST", COUNT: "POST", MODELS: "GET"}
LOG = logging.getLogger("ops.simulator")


class Handlers:
    """Answers HTTP requests from calls and meter."""

    def __init__(self, calls: Calls, meter: Meter, api_keys: frozenset[str], *, bill_dropped: bool = False) -> None:
        self._calls = calls
        self._meter = meter
        self._control = Control(meter)
        self._api_keys = api_keys
        self._bill_dropped = bill_dropped

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; whatever goes wrong is answered in the API's error shape."""
        call = self._calls.begin()
        if request.path == MESSAGES and request.method == "POST":
            return await self._message(request, call)
        try:
            return _response(call, 200, json.dumps(await self._other(request)).encode())
        except ApiError as error:
            return _response(call, error.status, error.body(call.request_id), error.headers)

    async def _message(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        stats, status = self._meter.stats, DROPPED
        stats.opened()
        try:
            response = await self._answered(request, call)
            status = str(response.status)
            return response
        finally:
            stats.closed(call.model, status)
            LOG.info("%s %s %s", call.request_id, call.model, status)

    async def _answered(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        try:
            self._check(request)
            body = await self._calls.answer(call, await _body(request))
            response = await _trickle(request, call, body) if call.is_trickled else None
        except asyncio.CancelledError:
            if self._bill_dropped:
                self._bill(call)
            raise
        except ApiError as error:
            headers = {**self._limits(call), **error.headers}
            return _response(call, error.status, error.body(call.request_id), headers)
        self._bill(call)
        return response or _response(call, 200, body, self._limits(call))

    async def _other(self, request: web.BaseRequest) -> Mapping[str, object]:
        path, method = request.path, request.method
        if path.startswith(PREFIX):
            return self._control.answer(method, path, await _body(request))
        if method != METHODS.get(path, "GET"):
            raise ApiError(405, f"{method} {path[:100]}: method not allowed")
        self._check(request)
        if path == COUNT:
            return self._calls.count(await _body(request))
        if path == MODELS:
            return _listing(request)
        if path.startswith(f"{MODELS}/"):
            return describe(path.removeprefix(f"{MODELS}/"))
        raise ApiError(404, f"{method} {path[:100]}: not found")

    def _bill(self, call: Call) -> None:
        if call.usage is not None:
            self._meter.bill(call.model, call.usage, call.output_tokens)

    def _limits(self, call: Call) -> Mapping[str, str]:
        return {} if call.model == NOBODY_KNOWS else self._meter.headers(call.model)

    def _check(self, request: web.BaseRequest) -> None:
        check_key(request.headers, self._api_keys)
        check_version(request.headers)


def _listing(request: web.BaseRequest) -> Mapping[str, object]:
    query = request.rel_url.query
    limit = query.get("limit", str(DEFAULT_PAGE))
    if not limit.isdecimal():
        raise invalid("limit: must be a number")
    wanted = [*query.getall("lifecycle", []), *query.getall("lifecycle[]", [])]
    return page(lifecycles=wanted, limit=int(limit), after=query.get("after_id"), before=query.get("before_id"))


async def _body(request: web.BaseRequest) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        async for _ in request.content.iter_any():  # or the client, still sending, would only see a reset connection
            pass
        raise ApiError(413, "Request exceeds the maximum allowed number of bytes") from error


async def _trickle(request: web.BaseRequest, call: Call, body: bytes) -> web.StreamResponse:
    headers = {**MARK, "request-id": call.request_id, "content-length": str(len(body))}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    for place in range(len(body)):
        await response.write(body[place : place + 1])
        await asyncio.sleep(TRICKLE_INTERVAL_S)
    await response.write_eof()
    return response


def _response(call: Call, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> web.Response:
    always = {**MARK, "request-id": call.request_id}
    return web.Response(status=status, body=body, headers={**always, **(headers or {})})
