"""The producers' metrics. A message is counted once, under what became of it."""

from enum import StrEnum

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_ACCEPT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Became(StrEnum):
    """What became of a message. A closed set, because it labels a metric."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    PARKED = "parked"
    """No ticket could be made of it; it was kept, and a person sees it."""
    REJECTED = "rejected"
    """Its sender was told that it is wrong, and keeps it."""
    IGNORED = "ignored"
    """Not meant for us: our own posts, bots, events that are no message."""
    WITHHELD = "withheld"
    """Its server does not give it, or does not keep that it is taken: left there for now, asked for again."""
    FULL = "full"
    UNAVAILABLE = "unavailable"


class Refusal(StrEnum):
    """Why somebody was not believed. A closed set, because it labels a metric."""

    MISSING = "missing"
    SIGNATURE = "signature"
    REPLAYED = "replayed"
    STALE = "stale"
    """Signed too long ago, or in the future."""
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SCOPE = "scope"
    RATE = "rate"


class IntakeMetrics:
    """Counts what one producer process takes in. `producer` is the name that `triage ingest` knows it by."""

    def __init__(self, producer: str, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        self._messages = Counter(
            "triage_messages_total", "Messages, by what became of them.", ("producer", "result"), registry=registry
        )
        self._refused = Counter(
            "triage_requests_refused_total", "Requests not believed.", ("producer", "reason"), registry=registry
        )
        self.accept_seconds = Histogram(
            "triage_accept_seconds",
            "Time of an acceptance by the ledger.",
            ("producer",),
            buckets=_ACCEPT_BUCKETS,
            registry=registry,
        ).labels(producer)
        self.up = Gauge(
            "triage_source_up", "Whether the source is connected.", ("producer",), registry=registry
        ).labels(producer)
        self.reconnects = Counter(
            "triage_source_reconnects_total", "Connections that had to be made again.", ("producer",), registry=registry
        ).labels(producer)
        self.withheld = Gauge(
            "triage_source_withheld_messages",
            "Messages that the source's server does not give, or does not keep as taken.",
            ("producer",),
            registry=registry,
        ).labels(producer)
        self.hints_not_sent = Counter(
            "triage_hints_not_sent_total", "Tickets whose hint is left to the reaper.", ("producer",), registry=registry
        ).labels(producer)
        self.memory_share = Gauge(
            "triage_ledger_memory_share", "Used part of the memory of the ledger's server.", registry=registry
        )
        self._producer = producer
        for result in Became:
            self._messages.labels(producer, result)

    def message(self, became: Became) -> None:
        """Count a message."""
        self._messages.labels(self._producer, became).inc()

    def refused(self, why: Refusal) -> None:
        """Count a request that was not believed."""
        self._refused.labels(self._producer, why).inc()
