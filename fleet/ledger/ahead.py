"""Transitions sent ahead: the next batch is on its way before the answers to the last are read.

So a bulk load leaves the server no pause between two batches. Order is kept, for all go over one connection.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from redis.exceptions import RedisError, ResponseError

from fleet.errors import LedgerUnavailableError
from fleet.ledger.runner import Ledger, translate
from fleet.ledger.transitions import Transition

T = TypeVar("T")


class Ahead(Generic[T]):
    """Sends batches and reads their answers in the same order. For one thread; `close` gives the connection back."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._connection: Any = None
        self._sent: deque[Sequence[Transition[T]] | None] = deque()
        """Batches whose answers are to be read; None where the connection was lost."""

    def send(self, transitions: Sequence[Transition[T]]) -> None:
        """Send a batch; a failure is told by `answers`."""
        self._sent.append(transitions)
        try:
            hashes = self._ledger.hashes(transitions)
            if self._connection is None:
                self._connection = self._ledger.redis.connection_pool.get_connection()
            commands = [("EVALSHA", hashes[t.script], 0, *t.args) for t in transitions]
            # A health check would read the answer to something else.
            self._connection.send_packed_command(self._connection.pack_commands(commands), check_health=False)
        except (RedisError, LedgerUnavailableError):
            self._lose()

    def answers(self) -> list[T]:
        """Read the answers to the oldest batch; raises LedgerUnavailableError when nothing can be said about it."""
        transitions = self._sent.popleft()
        if transitions is None or self._connection is None:
            raise LedgerUnavailableError("the connection to the ledger's server was lost", retry_after_s=1.0)
        try:
            raw = [self._read(self._connection) for _ in transitions]
        except RedisError as error:
            self._lose()
            raise translate(error) from error
        if any(isinstance(answer, Exception) for answer in raw):
            # A server that was restarted knows the script no more, or it is out of memory: the ordinary way tells.
            return self._ledger.run_many(transitions)
        return [t.read(answer) for t, answer in zip(transitions, raw, strict=True)]

    def _read(self, connection: Any) -> Any:
        try:
            return connection.read_response()
        except ResponseError as error:
            return error

    def _lose(self) -> None:
        self.close()
        self._sent = deque(None for _ in self._sent)

    def close(self) -> None:
        """Give the connection back, closed, for answers may still be on their way."""
        if self._connection is not None:
            self._connection.disconnect()
            self._ledger.redis.connection_pool.release(self._connection)
            self._connection = None
