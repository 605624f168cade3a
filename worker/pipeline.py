"""The order of the stages. Everything about one ticket is decided here; nothing is written here.

prefilter ► screen ► route ► model call ► parse (one repair) ► policy
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from fleet.lanes import Lane, Tier
from fleet.taxonomy import Taxonomy
from fleet.ticket import Automated, Ticket
from fleet.verdict import DecidedBy, Verdict
from worker.domain import (
    FENCED,
    Call,
    Decision,
    Draft,
    Escalate,
    Failure,
    Finish,
    Flag,
    Foreseen,
    Park,
    ParseFailure,
    Reply,
    Retry,
    Unusable,
)
from worker.guardrails.parse import complaint, excerpt, parse, unfenced
from worker.guardrails.policy import judge
from worker.guardrails.prefilter import prefilter
from worker.guardrails.screen import screen
from worker.limits.gate import Gate
from worker.limits.permits import OPEN, HoldReason, NotNow, Permit, Refusal, Settled
from worker.limits.retry import RetryPolicy
from worker.llm.client import Repair
from worker.routing.route import RISKY_ROUTES, route

_MENDABLE = {ParseFailure.JSON, ParseFailure.SCHEMA, ParseFailure.TAXONOMY, ParseFailure.EMPTY}
"""A second call helps with these. A refusal or a cut reply would only be paid again."""


class Model(Protocol):
    """What the pipeline needs of the model client."""

    async def call(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> tuple[Call, Reply | Failure]:
        """Ask a tier's model."""
        ...

    def foresee(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> Foreseen:
        """Estimate the call before it is made."""
        ...


@dataclass(slots=True)
class Run:
    """One look at one ticket: what is known before it, and the calls it made (kept when it is cancelled, too)."""

    ticket: Ticket
    tier: Tier | None
    attempts: int
    started_s: float = 0.0
    lane: Lane = Lane.NORMAL
    small_draft: Draft | None = None
    spent_nusd: int = 0
    settled: Settled = OPEN
    """How the model stood after the last call that did not go well."""
    calls: list[Call] = field(default_factory=list)

    @property
    def cost_nusd(self) -> int:
        """What the calls of this look cost."""
        return sum(call.cost_nusd for call in self.calls)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages with their settings. `on_call` is told of every call as soon as it ended."""

    taxonomy: Taxonomy
    model: Model
    retries: RetryPolicy
    gate: Gate | None = None
    ticket_budget_nusd: int | None = None
    on_call: Callable[[Call], None] = lambda _call: None

    async def triage(self, run: Run) -> Decision:
        """Decide what becomes of the ticket. `run.tier` None: on a queue of no tier, so take the one it deserves."""
        noticed = frozenset(Flag(flag) for flag in run.ticket.flags)
        verdict = prefilter(run.ticket, self.taxonomy)
        if verdict is not None and run.ticket.automated is not Automated.AUTO_REPLY:
            return _without_model(verdict, noticed)
        flags = screen(run.ticket) | noticed
        wanted = route(run.ticket, flags, self.taxonomy)
        # An absence note seldom speaks of lawyers or smoke; what does may be a person's, and the model reads it.
        if verdict is not None and wanted.reason not in RISKY_ROUTES:
            return _without_model(verdict, noticed)
        is_exempt = run.lane is Lane.URGENT or wanted.reason in RISKY_ROUTES
        if run.tier is Tier.SMALL and wanted.tier is Tier.FRONTIER and (is_exempt or not self._is_soft()):
            return Escalate(wanted.reason)
        return await self._with_model(run, run.tier or wanted.tier, flags, is_exempt=is_exempt)

    async def _with_model(self, run: Run, tier: Tier, flags: frozenset[Flag], *, is_exempt: bool) -> Decision:
        said = await self._ask(run, tier, is_exempt=is_exempt)
        if isinstance(said, Unusable) and run.settled.held_for is HoldReason.UNUSABLE:
            # Nearly all its replies are such: neither a repair nor the dearer model is paid for that.
            return self.retries.while_held("unusable_replies", f"{said.failure.value}: {said.why}")
        if isinstance(said, Unusable) and said.failure in _MENDABLE:
            repair = Repair(said.text, complaint(said, self.taxonomy))
            said = await self._ask(run, tier, repair, is_exempt=is_exempt)
        if isinstance(said, NotNow):
            return await self._refused(run, said, flags)
        if isinstance(said, Failure | Park):
            return said if isinstance(said, Park) else self._failed(run, said)
        if isinstance(said, Unusable):
            return _give_up(said, tier)
        decision = judge(said, tier=tier, flags=flags, taxonomy=self.taxonomy)
        if isinstance(decision, Escalate) and self._is_soft() and not (is_exempt or self._is_risky(said)):
            return self._settle_for(said, flags)
        return decision

    async def _refused(self, run: Run, refused: NotNow, flags: frozenset[Flag]) -> Decision:
        if refused.refusal is not Refusal.SOFT_CAP:
            assert self.gate is not None
            return self.gate.come_back(refused)
        # The rest of today's money is for urgent and risky tickets: the small model's word has to do, and a human's.
        if run.small_draft is not None:
            return self._settle_for(run.small_draft, flags)
        return await self._with_model(run, Tier.SMALL, flags, is_exempt=False)

    def _settle_for(self, draft: Draft, flags: frozenset[Flag]) -> Finish:
        taken = judge(draft, tier=Tier.FRONTIER, flags=flags | {Flag.BUDGET}, taxonomy=self.taxonomy)
        assert isinstance(taken, Finish)
        return Finish(taken.verdict.model_copy(update={"decided_by": DecidedBy.POLICY}))

    def _failed(self, run: Run, failure: Failure) -> Retry | Park:
        return self.retries.after_failure(failure, attempts=run.attempts, settled=run.settled)

    def _is_soft(self) -> bool:
        return self.gate is not None and self.gate.is_soft

    def _is_risky(self, draft: Draft) -> bool:
        rules = self.taxonomy.escalation
        return draft.category in rules.risky_categories or draft.urgency == self.taxonomy.highest

    async def _ask(
        self, run: Run, tier: Tier, repair: Repair | None = None, *, is_exempt: bool
    ) -> Draft | Unusable | Failure | NotNow | Park:
        permit = await self._permit(run, tier, repair, is_exempt=is_exempt)
        if isinstance(permit, NotNow | Park):
            return permit
        call, reply = await self.model.call(run.ticket, tier, repair)
        said: Draft | Unusable | Failure
        if isinstance(reply, Failure):
            said = reply
        else:
            inside = unfenced(reply.text)
            said = parse(reply if inside is None else replace(reply, text=inside), self.taxonomy)
            call = _with_parse(call, said, is_fenced=inside is not None)
        run.calls.append(call)
        self.on_call(call)
        if permit is not None and self.gate is not None:
            if isinstance(said, Draft):
                self.gate.leave_good(permit, call)
            else:
                is_usable = not isinstance(said, Unusable)
                run.settled = await self.gate.leave(permit, call, ticket_id=run.ticket.id, is_usable=is_usable)
        return said

    async def _permit(
        self, run: Run, tier: Tier, repair: Repair | None, *, is_exempt: bool
    ) -> Permit | NotNow | Park | None:
        if self.gate is None and self.ticket_budget_nusd is None:
            return None
        foreseen = self.model.foresee(run.ticket, tier, repair)
        cap = self.ticket_budget_nusd
        if cap is not None and run.spent_nusd + run.cost_nusd + foreseen.worst_nusd > cap:
            return Park("ticket_budget", "another call could cost more than TRIAGE_TICKET_BUDGET_USD leaves")
        return (
            None
            if self.gate is None
            else await self.gate.enter(foreseen, run.lane, is_exempt=is_exempt, ticket_id=run.ticket.id)
        )


def _with_parse(call: Call, said: Draft | Unusable, *, is_fenced: bool) -> Call:
    """Write into the call's record what became of its reply; without the text nobody could explain a parked ticket."""
    if isinstance(said, Unusable):
        return replace(call, parse=said.failure.value, why=said.why, said=excerpt(said.text))
    return replace(call, parse=FENCED) if is_fenced else call


def _without_model(verdict: Verdict, noticed: frozenset[Flag]) -> Finish:
    return Finish(verdict.model_copy(update={"flags": tuple(sorted({*verdict.flags, *noticed}))}))


def _give_up(unusable: Unusable, tier: Tier) -> Escalate | Park:
    failure = unusable.failure
    if tier is Tier.SMALL:
        return Escalate(failure.value if failure in (ParseFailure.REFUSAL, ParseFailure.TRUNCATED) else "invalid_reply")
    reason = "refusal" if failure is ParseFailure.REFUSAL else "bad_output"
    why = f" ({unusable.why})" if unusable.why else ""
    return Park(reason, f"the frontier model's reply cannot be used: {failure.value}{why}")
