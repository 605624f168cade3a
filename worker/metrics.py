"""The workers' metrics: facts in, Prometheus out. One registry and one port per process, so that sums are right."""

import errno
from collections.abc import Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, start_http_server

from fleet.lanes import Lane
from fleet.money import NANO_PER_DOLLAR
from fleet.verdict import DecidedBy, Verdict
from worker.domain import Call, CallResult, Purpose, Usage

_PORTS_TRIED = 64
_PORTS = 65_536

_CALL_BUCKETS = (0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 45)
_PERMIT_BUCKETS = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)
_WAIT_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
_TICKET_BUCKETS = (0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 900, 3600)


class Metrics:
    """Counts what the pipeline and the ledger report. Labels come from closed sets; an id is never a label."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: Iterable[float], *labels: str) -> Histogram:
            return Histogram(name, text, labels, buckets=tuple(buckets), registry=registry)

        self.finished = counter("triage_tickets_finished_total", "Tickets ended.", "outcome", "decided_by")
        self.verdicts = counter(
            "triage_verdicts_total", "Verdicts given.", "category", "urgency", "needs_human", "decided_by"
        )
        self.calls = counter("triage_model_calls_total", "Model calls ended.", "model", "tier", "result")
        self.call_seconds = histogram(
            "triage_model_call_seconds", "Time of a model call.", _CALL_BUCKETS, "model", "tier"
        )
        self.tokens = counter("triage_model_tokens_total", "Tokens used.", "model", "kind")
        self.cost = counter("triage_model_cost_usd_total", "US dollars spent.", "model", "tier", "purpose")
        self.estimated = counter(
            "triage_model_cost_estimated_usd_total",
            "US dollars of the cost that are estimates: no figure came.",
            "model",
            "tier",
        )
        self.cache_saved = counter("triage_cache_saved_usd_total", "US dollars saved by prompt caching.", "model")
        self.parse_failures = counter("triage_parse_failures_total", "Replies that are no verdict.", "model", "reason")
        self.escalations = counter("triage_escalations_total", "Tickets handed to the frontier.", "reason")
        self.permit_wait = histogram("triage_permit_wait_seconds", "From permit to call.", _PERMIT_BUCKETS, "model")
        self.queue_wait = histogram("triage_queue_wait_seconds", "From dispatch to claim.", _WAIT_BUCKETS, "lane")
        self.ticket_seconds = histogram(
            "triage_ticket_seconds", "From acceptance to verdict.", _TICKET_BUCKETS, "decided_by"
        )
        self.deliveries = counter("triage_deliveries_total", "Deliveries tried.", "sink", "result")
        self.redispatched = counter("triage_hints_redispatched_total", "Hints sent again by the reaper.")
        self.leases_expired = counter("triage_leases_expired_total", "Claims whose worker went away.")
        self.stale_writes = counter("triage_stale_writes_refused_total", "Writes with an old fence.")
        for lane in Lane:
            self.queue_wait.labels(lane)
        for decided_by in DecidedBy:
            self.ticket_seconds.labels(decided_by)

    def call(self, call: Call) -> None:
        """Count one model call, failed ones too."""
        self.calls.labels(call.model, call.tier, call.result).inc()
        self.call_seconds.labels(call.model, call.tier).observe(call.seconds)
        if call.result is CallResult.OK:
            self._spent(call.model, call.usage)
            # A counter cannot fall: what writing the prefix costs stands in the cost, and here as nothing.
            self.cache_saved.labels(call.model).inc(max(0, call.cache_saved_nusd) / NANO_PER_DOLLAR)
        if call.cost_nusd:
            self.cost.labels(call.model, call.tier, call.purpose).inc(call.cost_nusd / NANO_PER_DOLLAR)
        if call.is_estimated:
            self.estimated.labels(call.model, call.tier).inc(call.cost_nusd / NANO_PER_DOLLAR)
        if call.parse:
            self.parse_failures.labels(call.model, call.parse).inc()

    def call_lost(self, model: str, tier: str, nusd: int) -> None:
        """Count a call whose end nobody told, booked by estimate."""
        self.calls.labels(model, tier, CallResult.LOST).inc()
        self.cost.labels(model, tier, Purpose.TRIAGE).inc(nusd / NANO_PER_DOLLAR)
        self.estimated.labels(model, tier).inc(nusd / NANO_PER_DOLLAR)

    def _spent(self, model: str, usage: Usage) -> None:
        for kind, count in usage.kinds().items():
            if count:
                self.tokens.labels(model, kind).inc(count)

    def waited(self, model: str, seconds: float) -> None:
        """Count how long a permitted call had to wait for the limits."""
        self.permit_wait.labels(model).observe(seconds)

    def claimed(self, lane: Lane, waited_s: float) -> None:
        """Count how long a ticket lay in its queue."""
        self.queue_wait.labels(lane).observe(waited_s)

    def triaged(self, verdict: Verdict, seconds: float) -> None:
        """Count a recorded verdict; `seconds` since acceptance."""
        human = "true" if verdict.needs_human else "false"
        self.finished.labels("triaged", verdict.decided_by).inc()
        self.verdicts.labels(verdict.category, verdict.urgency, human, verdict.decided_by).inc()
        self.ticket_seconds.labels(verdict.decided_by).observe(seconds)

    def parked(self) -> None:
        """Count a ticket that a person has to look at."""
        self.finished.labels("parked", DecidedBy.HUMAN).inc()


def serve(metrics: Metrics, first_port: int) -> int | None:
    """Serve the metrics of this process on the first free port from `first_port` on; None where that is 0 (off).

    Several processes on one machine share a setting, so each takes the next port; the heartbeat tells which.
    """
    if first_port == 0:
        return None
    for port in range(first_port, min(first_port + _PORTS_TRIED, _PORTS)):
        try:
            start_http_server(port, registry=metrics.registry)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return port
    raise OSError(errno.EADDRINUSE, f"no free metrics port from {first_port} to {first_port + _PORTS_TRIED - 1}")
