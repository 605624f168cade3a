"""The two ways to run a transition: blocking, for commands and threads, and awaited, for the worker's loop."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeVar

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from fleet.errors import LedgerUnavailableError
from fleet.ledger import scripts
from fleet.ledger.transitions import Transition

T = TypeVar("T")

CONNECT_TIMEOUT_S = 3
SOCKET_TIMEOUT_S = 10
"""Above the longest stall of a healthy server under `appendfsync always`; a half-open connection ends here."""

BATCH = 100
"""Most transitions in one round trip; a longer pipeline would make its first answers wait for its last."""

PACE_S = 0.01
"""Least time between two round trips. Alone, nobody waits; under load ten thousandths gather what would cost a round
trip each, and that is most of what the ledger costs a worker."""

_OPTIONS: dict[str, Any] = {
    "socket_timeout": SOCKET_TIMEOUT_S,
    "socket_connect_timeout": CONNECT_TIMEOUT_S,
    "socket_keepalive": True,
    "health_check_interval": 10,
}


def _backoff() -> ExponentialBackoff:
    # One quick second try bridges a server restart; every transition is safe to run twice.
    return ExponentialBackoff(cap=0.2, base=0.05)


def translate(error: Exception) -> LedgerUnavailableError:
    """Put an error of the server or its client into our words."""
    return LedgerUnavailableError(f"the ledger's server failed: {type(error).__name__}: {error}", retry_after_s=1.0)


def _without_script(answers: Sequence[Any]) -> list[int]:
    # The server was restarted. Only these did not run; the others must not run twice.
    return [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]


class Ledger:
    """Runs transitions and waits. Safe to share between threads."""

    def __init__(self, url: str, **options: Any) -> None:
        self.redis: redis.Redis = redis.Redis.from_url(url, **(_OPTIONS | {"retry": Retry(_backoff(), 1)} | options))
        self._hashes: dict[str, str] = {}

    def run(self, transition: Transition[T]) -> T:
        """Run one transition; raises LedgerUnavailableError when the server cannot be asked."""
        return self.run_many([transition])[0]

    def run_many(self, transitions: Sequence[Transition[T]]) -> list[T]:
        """Run transitions in order in one round trip; each is atomic, the whole is not."""
        try:
            answers = self._send(transitions)
            missing = _without_script(answers)
            if missing:
                self._hashes = {}
                again = self._send([transitions[i] for i in missing])
                for i, answer in zip(missing, again, strict=True):
                    answers[i] = answer
        except RedisError as error:
            raise translate(error) from error
        for answer in answers:
            if isinstance(answer, Exception):
                raise translate(answer) from answer
        return [t.read(answer) for t, answer in zip(transitions, answers, strict=True)]

    def _send(self, transitions: Sequence[Transition[T]]) -> list[Any]:
        hashes = self.hashes(transitions)
        with self.redis.pipeline(transaction=False) as pipe:
            for t in transitions:
                pipe.evalsha(hashes[t.script], 0, *t.args)
            return list(pipe.execute(raise_on_error=False))

    def hashes(self, transitions: Sequence[Transition[T]]) -> dict[str, str]:
        """Name the scripts as the server does; one that it does not have yet is sent to it. Raises RedisError."""
        hashes = dict(self._hashes)  # another thread may forget them meanwhile
        for t in transitions:
            if t.script not in hashes:
                hashes[t.script] = str(self.redis.script_load(t.text or scripts.source(t.script)))
        self._hashes = hashes
        return hashes

    def close(self) -> None:
        """Close the connections."""
        self.redis.close()


class AsyncLedger:
    """Runs transitions on one event loop. What tickets ask for at the same time travels in one round trip."""

    def __init__(self, url: str, **options: Any) -> None:
        self.redis: redis.asyncio.Redis = redis.asyncio.Redis.from_url(
            url, **(_OPTIONS | {"retry": AsyncRetry(_backoff(), 1)} | options)
        )
        self._hashes: dict[str, str] = {}
        self._waiting: deque[tuple[Transition[Any], asyncio.Future[Any]]] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._sent_at = float("-inf")

    async def run(self, transition: Transition[T]) -> T:
        """Run one transition; raises LedgerUnavailableError when the server cannot be asked."""
        for arg in transition.args:
            str(arg).encode()  # text that cannot be sent fails here, for its own caller, and not the whole batch
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((transition, future))
        if self._sender is None:
            self._sender = asyncio.create_task(self._drain())
        return transition.read(await future)

    async def _drain(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            while self._waiting:
                pause_s = self._sent_at + PACE_S - loop.time()
                if pause_s > 0:
                    await asyncio.sleep(pause_s)
                self._sent_at = loop.time()
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                await self._answer(batch)
        finally:
            self._sender = None

    async def _answer(self, batch: list[tuple[Transition[Any], asyncio.Future[Any]]]) -> None:
        try:
            answers = await self._send([transition for transition, _ in batch])
            missing = _without_script(answers)
            if missing:
                self._hashes.clear()
                again = await self._send([batch[i][0] for i in missing])
                for i, answer in zip(missing, again, strict=True):
                    answers[i] = answer
        except Exception as error:  # noqa: BLE001 - whoever waits is told, or would wait for ever
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, (RedisError, OSError)):
                future.set_exception(translate(answer))
            elif isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _send(self, transitions: Sequence[Transition[Any]]) -> list[Any]:
        for t in transitions:
            if t.script not in self._hashes:
                self._hashes[t.script] = str(await self.redis.script_load(t.text or scripts.source(t.script)))
        pipe = self.redis.pipeline(transaction=False)
        for t in transitions:
            pipe.evalsha(self._hashes[t.script], 0, *(str(arg) for arg in t.args))
        return list(await pipe.execute(raise_on_error=False))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
