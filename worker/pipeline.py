"""The order of the stages. Everything about one ticket is decided here; nothing is written here.

prefilter ► screen ► route ► model call ► parse (one repair) ► policy
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from fleet.lanes import Tier
from fleet.taxonomy import Taxonomy
from fleet.ticket import Ticket
from worker.domain import Call, Decision, Draft, Escalate, Failure, Finish, Park, ParseFailure, Reply
from worker.guardrails.parse import complaint, parse
from worker.guardrails.policy import judge
from worker.guardrails.prefilter import prefilter
from worker.guardrails.screen import screen
from worker.limits.retry import RetryPolicy
from worker.llm.client import Repair
from worker.routing.route import route

_MENDABLE = {ParseFailure.JSON, ParseFailure.SCHEMA, ParseFailure.TAXONOMY, ParseFailure.EMPTY}
"""A second call helps with these. A refusal or a cut reply would only be paid again."""


class Model(Protocol):
    """What the pipeline needs of the model client."""

    async def call(self, ticket: Ticket, tier: Tier, repair: Repair | None = None) -> tuple[Call, Reply | Failure]:
        """Ask a tier's model."""
        ...


@dataclass(frozen=True, slots=True)
class Unusable:
    """A reply that is no verdict, and why."""

    failure: ParseFailure
    text: str


@dataclass(slots=True)
class Run:
    """One look at one ticket: what is known before it, and the calls it made (kept when it is cancelled, too)."""

    ticket: Ticket
    tier: Tier | None
    attempts: int
    started_s: float = 0.0
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
    on_call: Callable[[Call], None] = lambda _call: None

    async def triage(self, run: Run) -> Decision:
        """Decide what becomes of the ticket. `run.tier` None: on a queue of no tier, so take the one it deserves."""
        verdict = prefilter(run.ticket, self.taxonomy)
        if verdict is not None:
            return Finish(verdict)
        flags = screen(run.ticket)
        wanted = route(run.ticket, flags, self.taxonomy)
        if run.tier is Tier.SMALL and wanted.tier is Tier.FRONTIER:
            return Escalate(wanted.reason)
        tier = run.tier or wanted.tier
        said = await self._ask(run, tier)
        if isinstance(said, Unusable) and said.failure in _MENDABLE:
            said = await self._ask(run, tier, Repair(said.text, complaint(said.failure, self.taxonomy)))
        if isinstance(said, Failure):
            return self.retries.after_failure(said, attempts=run.attempts)
        if isinstance(said, Unusable):
            return _give_up(said.failure, tier)
        return judge(said, tier=tier, flags=flags, taxonomy=self.taxonomy)

    async def _ask(self, run: Run, tier: Tier, repair: Repair | None = None) -> Draft | Unusable | Failure:
        call, reply = await self.model.call(run.ticket, tier, repair)
        said: Draft | Unusable | Failure
        if isinstance(reply, Failure):
            said = reply
        else:
            parsed = parse(reply, self.taxonomy)
            said = Unusable(parsed, reply.text) if isinstance(parsed, ParseFailure) else parsed
        if isinstance(said, Unusable):
            call = replace(call, parse=said.failure.value)
        run.calls.append(call)
        self.on_call(call)
        return said


def _give_up(failure: ParseFailure, tier: Tier) -> Escalate | Park:
    if tier is Tier.SMALL:
        return Escalate(failure.value if failure in (ParseFailure.REFUSAL, ParseFailure.TRUNCATED) else "invalid_reply")
    reason = "refusal" if failure is ParseFailure.REFUSAL else "bad_output"
    return Park(reason, f"the frontier model's reply cannot be used: {failure.value}")
