"""Hints: the Celery messages that say "look at these tickets". Losing one is a delay, doubling one is nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from celery import Celery
from kombu import Connection

from fleet.errors import ConfigurationError, InvalidTicketError, SchemaTooNewError
from fleet.lanes import DELIVER
from fleet.ledger.scripts import SCHEMA
from fleet.settings import Settings

LOOK_TASK = "triage.look"
DELIVER_TASK = "triage.deliver"

MOST_TOGETHER = 500
"""Hints in one round trip to the broker."""

VISIBILITY_TIMEOUT_S = 3600
"""A safety net only, for the leases do the recovery; the shortest one of all clients of a broker wins."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Tickets to look at. `at_ms` is the ledger's time of the dispatch, `queue` where the hint was put."""

    ids: tuple[str, ...]
    queue: str
    at_ms: int
    v: int = SCHEMA


def read_hint(raw: Any) -> Hint:
    """Check a hint off the wire; raises SchemaTooNewError or InvalidTicketError, both with a message for the log."""
    try:
        hint = Hint(tuple(str(i) for i in raw["ids"]), str(raw["queue"]), int(raw["at_ms"]), int(raw["v"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidTicketError(f"not a hint: {error!r}") from None
    if hint.v > SCHEMA:
        raise SchemaTooNewError(
            f"the hint has schema {hint.v}, this release knows up to {SCHEMA}: upgrade workers before producers"
        )
    return hint


def portions(dispatch: Iterable[tuple[str, str]], size: int) -> Iterator[tuple[str, list[str]]]:
    """Part (id, queue) pairs into the hints that say them: a queue and at most `size` ids each."""
    for queue, pairs in groupby(sorted(dispatch, key=itemgetter(1)), key=itemgetter(1)):
        ids = [ticket_id for ticket_id, _ in pairs]
        for start in range(0, len(ids), size):
            yield queue, ids[start : start + size]


def broker_settings(settings: Settings) -> dict[str, Any]:
    """Celery's settings that every client of the broker must share (docs/decisions/0002)."""
    shared: dict[str, Any] = {
        "broker_url": settings.hints_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_pool_acquire_timeout": 3,
        "task_publish_retry_policy": {
            "max_retries": 3,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 0.5,
        },
        "task_ignore_result": True,
        "result_backend": None,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_default_queue": "triage.small",
    }
    if settings.hints_url.startswith(("redis", "unix")):
        shared["broker_transport_options"] = {
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            # kombu would keep each hint in a set until it is acknowledged, which costs a fifth of a ticket's CPU. What
            # a dying worker had taken and not claimed comes back by the reaper, in seconds instead of an hour.
            "ack_emulation": False,
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "global_keyprefix": "tf:",
        }
    return shared


def ensure_transport(settings: Settings) -> None:
    """Load the library that speaks to the broker; without it a worker would end in a traceback.

    Raises ConfigurationError, whose message holds none of the address.
    """
    name = "TRIAGE_BROKER_URL" if settings.broker_url else "TRIAGE_REDIS_URL"
    for url in settings.hints_url.split(";"):
        scheme = url.partition("://")[0]
        try:
            with Connection(url) as connection:
                _ = connection.transport
        except ModuleNotFoundError as error:
            raise ConfigurationError(f"{name}: {scheme}:// needs {error.name}: pip install {error.name}") from None
        except KeyError:
            raise ConfigurationError(f"{name}: Celery knows no broker that is spoken to by {scheme}://") from None
        except Exception as error:  # noqa: BLE001 - each transport fails in its own way where its library is missing
            why = "an option after the ?" if "?" in url else type(error).__name__
            raise ConfigurationError(f"{name}: Celery cannot use this {scheme}:// address ({why})") from None


class HintSender:
    """Publishes hints. Failing to publish is never an error for the ticket: the reaper sends the hint again."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    @classmethod
    def for_settings(cls, settings: Settings) -> "HintSender":
        """Make a sender for a process that is no worker."""
        app = Celery("triage-fleet-producer", set_as_current=False)
        app.conf.update(broker_settings(settings))
        return cls(app)

    def look(self, ids: Sequence[str], *, queue: str, at_ms: int) -> None:
        """Tell the workers of a queue to look at these tickets."""
        self._look(ids, queue, at_ms)

    def look_each(self, dispatch: Iterable[tuple[str, str]], *, at_ms: int, size: int = 1) -> None:
        """Send hints for (id, queue) pairs, `size` ids to a hint; many travel together where the broker can do that."""
        pool: Any = self._app.amqp.producer_pool
        with pool.acquire(block=True, timeout=3) as producer, producer.batch(MOST_TOGETHER):
            declared: set[str] = set()
            for queue, ids in portions(dispatch, size):
                # Once is enough: declaring costs as much again as the message.
                once: dict[str, Any] = {"declare": []} if queue in declared else {}
                declared.add(queue)
                self._look(ids, queue, at_ms, producer=producer, **once)

    def _look(self, ids: Sequence[str], queue: str, at_ms: int, **options: Any) -> None:
        hint = {"ids": list(ids), "queue": queue, "at_ms": at_ms, "v": SCHEMA}
        # What tools show of the arguments; left to Celery, writing it costs as much as the rest of the message.
        shown = ids[0] if len(ids) == 1 else f"{ids[0]} and {len(ids) - 1} more"
        options |= {"argsrepr": f"({shown!r},)", "kwargsrepr": "{}"}
        self._app.send_task(LOOK_TASK, args=(hint,), queue=queue, ignore_result=True, **options)

    def deliver(self, effect_ids: Sequence[str]) -> None:
        """Tell the workers of the delivery queue to send these outbox rows."""
        self._app.send_task(DELIVER_TASK, args=(list(effect_ids),), queue=DELIVER, ignore_result=True)

    def empty_queues(self, names: Sequence[str]) -> list[str]:
        """Name those of the queues that hold no message. Any broker answers: declaring a queue tells its length.

        A passive declaration would do, but kombu 5.7 does not prefix EXISTS with `global_keyprefix` and so finds no
        queue of ours at all; every waiting ticket would then look lost.
        """
        empty = []
        pool: Any = self._app.pool
        with pool.acquire(block=True, timeout=3) as connection, connection.channel() as channel:
            for name in names:
                queue = self._app.amqp.queues[name]
                answer = channel.queue_declare(
                    queue=queue.name,
                    durable=queue.durable,
                    exclusive=queue.exclusive,
                    auto_delete=queue.auto_delete,
                    arguments=queue.queue_arguments,
                )
                if not answer.message_count:
                    empty.append(name)
        return empty

    def close(self) -> None:
        """Close the connections to the broker."""
        self._app.close()
