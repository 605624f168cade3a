"""The ledger's figures as Prometheus metrics. Workers count what they do; here stands only what nobody else counts."""

from collections.abc import Callable, Iterable

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from fleet.lanes import Lane
from fleet.ledger.condition import Condition, read_condition
from fleet.ledger.outbox import Deliveries, read_deliveries
from fleet.ledger.reading import LaneView, read_counters, read_lanes, read_totals
from fleet.ticket import Source

UP = "triage_ledger_up"


class LedgerCollector(Collector):
    """Asks the ledger at each scrape. While it does not answer there is `triage_ledger_up 0` and nothing else.

    `readers` answer further metrics off the same ledger.
    """

    def __init__(self, client: redis.Redis, *readers: Callable[[], Iterable[Metric]]) -> None:
        self._client = client
        self._readers = readers

    def describe(self) -> Iterable[Metric]:
        """Name the metrics without asking the ledger, which need not be up when the exporter starts."""
        return [GaugeMetricFamily(UP, "Whether the ledger's server answers.")]

    def collect(self) -> Iterable[Metric]:
        """Read the ledger."""
        up = GaugeMetricFamily(UP, "Whether the ledger's server answers.")
        try:
            found = [*_lane_metrics(read_lanes(self._client)), self._dead(), self._accepted(), self._too_new()]
            found += [*_server_metrics(read_condition(self._client)), *_delivery_metrics(read_deliveries(self._client))]
            found += [metric for read in self._readers for metric in read()]
        except RedisError:
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, *found]

    def _dead(self) -> Metric:
        dead = GaugeMetricFamily(
            "triage_dead_letters", "Parked tickets, which a person has to look at.", None, ["reason"]
        )
        for reason, number in read_counters(self._client, "dead").items():
            dead.add_metric([reason], number)
        return dead

    def _too_new(self) -> Metric:
        text = "Tickets that wait for a worker of a newer release."
        return GaugeMetricFamily("triage_too_new_tickets", text, read_totals(self._client).too_new)

    def _accepted(self) -> Metric:
        accepted = CounterMetricFamily("triage_tickets_accepted", "Tickets taken in.", labels=["source"])
        counts = read_counters(self._client, "accepted")
        for source in Source:
            accepted.add_metric([source.value], counts.get(source.value, 0))
        return accepted


def _gauge(name: str, text: str, value: float) -> Metric:
    metric = GaugeMetricFamily(name, text)
    metric.add_metric([], value)
    return metric


def _server_metrics(server: Condition) -> list[Metric]:
    return [
        _gauge("triage_ledger_full", "1 while the server refuses writes for want of memory.", server.is_full),
        _gauge("triage_ledger_disk_failing", "1 while the server cannot write its files.", server.is_disk_failing),
        _gauge("triage_ledger_replica", "1 where the server asked is a replica.", server.is_replica),
        _gauge("triage_ledger_memory_bytes", "Memory used by the server.", server.used_bytes),
        _gauge("triage_ledger_memory_share", "Part of maxmemory in use; 0: no bound.", server.memory_share or 0.0),
    ]


def _delivery_metrics(outbox: Deliveries) -> list[Metric]:
    return [
        _gauge("triage_deliveries_waiting", "Rows of the outbox that are not sent.", outbox.waiting),
        _gauge("triage_deliveries_parked", "Deliveries given up.", outbox.parked),
        _gauge("triage_oldest_delivery_seconds", "Age of the oldest row not sent.", outbox.oldest_s),
    ]


def _lane_metrics(lanes: dict[Lane, LaneView]) -> list[Metric]:
    waiting = GaugeMetricFamily("triage_waiting_tickets", "Accepted tickets that nobody works on.", labels=["lane"])
    running = GaugeMetricFamily("triage_running_tickets", "Tickets at work.", labels=["lane"])
    oldest = GaugeMetricFamily("triage_oldest_waiting_seconds", "Age of the oldest ticket not ended.", labels=["lane"])
    for lane, view in lanes.items():
        waiting.add_metric([lane.value], view.waiting)
        running.add_metric([lane.value], view.running)
        oldest.add_metric([lane.value], view.oldest_s)
    return [waiting, running, oldest]
