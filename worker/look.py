"""What a hint leads to: claim, triage, record. Here the pipeline's decisions become writes of the ledger."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from fleet.errors import InvalidTicketError, LedgerUnavailableError, SchemaTooNewError
from fleet.hints import Hint
from fleet.lanes import QUARANTINE, Tier, queue_of, tier_of
from fleet.ledger import AsyncLedger, transitions
from fleet.ledger.payload import read_payload
from fleet.ledger.records import Claim, NoClaim
from fleet.ledger.transitions import TOO_NEW_MS, Transition
from fleet.settings import Settings
from fleet.verdict import Verdict
from worker.context import Context, read_context, write_context
from worker.domain import Decision, Escalate, Finish, Park, Retry
from worker.leases import Held, Leases
from worker.metrics import Metrics
from worker.outgoing import Outgoing
from worker.pipeline import Pipeline, Run
from worker.sinks.base import Sink
from worker.too_new import TooNew

_log = structlog.get_logger("look")

_WRITE_AGAIN_S = 0.5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at tickets. Everything it needs is handed in; it lives on one event loop."""

    settings: Settings
    worker: str
    ledger: AsyncLedger
    leases: Leases
    pipeline: Pipeline
    sinks: dict[str, Sink]
    outgoing: Outgoing
    metrics: Metrics
    now: Callable[[], float]
    """Monotonic seconds."""
    too_new: TooNew = field(default_factory=TooNew)

    async def look(self, hint: Hint) -> None:
        """Look at every ticket of a hint, all at once."""
        await asyncio.gather(*(self._look_at(ticket_id, hint) for ticket_id in hint.ids))

    async def _look_at(self, ticket_id: str, hint: Hint) -> None:
        wish = transitions.claim(
            ticket_id, queue=hint.queue, hinted_ms=hint.at_ms, worker=self.worker, lease_ms=self.leases.lease_ms
        )
        try:
            claim = await self.ledger.run(wish)
        except LedgerUnavailableError as error:
            # Perhaps claimed, perhaps not: either way the reaper finds the ticket.
            _log.warning("claim_failed", ticket_id=ticket_id, error=str(error))
            return
        if isinstance(claim, NoClaim):
            self._not_claimed(ticket_id, claim)
            return
        self.metrics.claimed(claim.lane, claim.waited_ms / 1000)
        await self._work(claim, hint.queue)

    def _not_claimed(self, ticket_id: str, why: NoClaim) -> None:
        if why is NoClaim.NEWER:
            self.too_new.met(ticket_id, self.now())
        else:
            _log.debug("hint_led_to_nothing", ticket_id=ticket_id, why=why)

    async def _work(self, claim: Claim, queue: str) -> None:
        if claim.is_expired:
            await self._park(claim, Park("expired", "older than TRIAGE_MAX_AGE_H allows"), {})
            return
        context = read_context(claim.context, self.pipeline.taxonomy)
        try:
            run = self._run(claim, queue, context)
        except InvalidTicketError as error:
            await self._park(claim, Park("bad_ticket", str(error)), {})
            return
        except SchemaTooNewError as error:
            self.too_new.met(claim.ticket_id, self.now())
            wait = Retry(TOO_NEW_MS / 1000, "newer", str(error), refund=True)
            await self._retry(claim, queue, wait, {})
            return
        with self.leases.hold(claim) as held:
            decision = await self._decide(run, queue, held)
            if decision is None:
                return
            held.is_recording = True
            try:
                await self._record(claim, queue, run, context, decision)
            except Exception as error:  # noqa: BLE001 - a bug in a sink must not look like a dying process
                _log.exception("record_failed")
                again = self.pipeline.retries.after_bug(error, attempts=run.attempts)
                await self._record(claim, queue, run, context, again)

    def _run(self, claim: Claim, queue: str, context: Context) -> Run:
        """Read back what is to be worked on; in quarantine at the tier it had come to, or None: the one it deserves."""
        return Run(
            read_payload(claim.payload, ticket_id=claim.ticket_id, accepted_ms=claim.accepted_ms),
            context.tier or tier_of(queue),
            claim.attempts,
            self.now(),
            claim.lane,
            context.small_draft,
            claim.cost_nusd,
        )

    async def _decide(self, run: Run, queue: str, held: Held) -> Decision | None:
        """Run the pipeline; None when the claim was lost and nothing may be written."""
        try:
            decision = await self.pipeline.triage(run)
            if queue == QUARANTINE and isinstance(decision, Escalate):
                run.tier = Tier.FRONTIER  # alone here means alone to the end: no other worker may meet this ticket
                decision = await self.pipeline.triage(run)
        except asyncio.CancelledError:
            if held.is_lost:
                self.metrics.stale_writes.inc()
                _log.warning("claim_lost", message="another worker may hold the ticket; work on it was stopped")
                return None
            if not held.is_recalled:
                raise
            held.task.uncancel()
            return Retry(0.0, "drain", "the worker is going down", refund=True)
        except Exception as error:  # noqa: BLE001 - a bug must not take the other tickets of the process with it
            _log.exception("pipeline_failed")
            return self.pipeline.retries.after_bug(error, attempts=run.attempts)
        return decision

    async def _record(self, claim: Claim, queue: str, run: Run, context: Context, decision: Decision) -> None:
        calls = json.dumps([call.as_record() for call in run.calls]) if run.calls else ""
        spent: dict[str, Any] = {"calls": calls, "cost_nusd": run.cost_nusd}
        match decision:
            case Finish(verdict):
                await self._finish(claim, run, context, verdict, spent)
            case Escalate():
                await self._escalate(claim, decision, spent)
            case Retry():
                await self._retry(claim, queue, decision, spent)
            case Park():
                await self._park(claim, decision, spent)

    async def _finish(self, claim: Claim, run: Run, context: Context, verdict: Verdict, spent: dict[str, Any]) -> None:
        offered = (sink.effect(run.ticket, verdict) for sink in self.sinks.values())
        effects = [effect for effect in offered if effect is not None]
        outcome = {"attempts": claim.attempts, "crashes": claim.crashes, **context.raw}
        written = await self._write(
            transitions.finish(
                claim.ticket_id,
                claim.fence,
                verdict=verdict.model_dump_json(),
                outcome=json.dumps(outcome),
                decided_by=verdict.decided_by,
                effects=effects,
                retention_ms=int(self.settings.retention_days * 86_400_000),
                slack_ms=int(self.settings.hint_slack_s * 1000),
                **spent,
            )
        )
        if written:
            before_s = (claim.now_ms - claim.accepted_ms) / 1000
            self.metrics.triaged(verdict, before_s + self.now() - run.started_s)
            self.outgoing.effects(effect.effect_id for effect in effects)
            _log.debug("triaged", ticket_id=claim.ticket_id, decided_by=verdict.decided_by)

    async def _escalate(self, claim: Claim, decision: Escalate, spent: dict[str, Any]) -> None:
        queue = queue_of(Tier.FRONTIER, claim.lane)
        at_ms = await self._write(
            transitions.escalate(
                claim.ticket_id,
                claim.fence,
                queue=queue,
                reason=decision.reason,
                context=write_context(decision),
                **spent,
            )
        )
        if at_ms is not None:
            self.metrics.escalations.labels(decision.reason).inc()
            self.outgoing.hint(claim.ticket_id, queue, at_ms)

    async def _retry(self, claim: Claim, queue: str, decision: Retry, spent: dict[str, Any]) -> None:
        delay_ms = int(decision.delay_s * 1000)
        at_ms = await self._write(
            transitions.retry(
                claim.ticket_id,
                claim.fence,
                delay_ms=delay_ms,
                reason=decision.reason,
                error=decision.error,
                refund=decision.refund,
                **spent,
            )
        )
        if at_ms is not None:
            _log.info("retry", ticket_id=claim.ticket_id, reason=decision.reason, delay_s=round(decision.delay_s, 1))
            if delay_ms == 0:
                self.outgoing.hint(claim.ticket_id, queue, at_ms)

    async def _park(self, claim: Claim, decision: Park, spent: dict[str, Any]) -> None:
        reason, error = decision.reason, decision.error
        if await self._write(transitions.park(claim.ticket_id, claim.fence, reason=reason, error=error, **spent)):
            self.metrics.parked()
            _log.warning("parked", ticket_id=claim.ticket_id, reason=reason, error=error)

    async def _write(self, transition: Transition[T]) -> T | None:
        """Write with patience: what is to be recorded was paid for. A claim that ended meanwhile is refused anyway."""
        patience = max(2, int(2 * self.leases.lease_ms / 1000 / _WRITE_AGAIN_S))
        for tries_left in range(patience, -1, -1):
            try:
                answer = await self.ledger.run(transition)
                break
            except LedgerUnavailableError as error:
                if not tries_left:
                    _log.error("write_given_up", script=transition.script, error=str(error))
                    return None
                await asyncio.sleep(_WRITE_AGAIN_S)
        if not answer:
            self.metrics.stale_writes.inc()
            _log.warning("stale_write_refused", script=transition.script, ticket_id=transition.args[0])
            return None
        return answer
