"""An independent idea of whose fault a refusal may be called: what the limiters' answers are compared with."""

from dataclasses import dataclass, field

from worker.limits.permits import Blame, Report, Settled
from worker.limits.rules import DOUBT_TIMES, HOLD_TICKETS

_REPLIES = (Report.GOOD, Report.UNUSABLE)
_REFUSALS = (Report.REFUSED, Report.HOLD)


@dataclass
class Blames:
    """What happened to the tickets of one model, as plain lists."""

    refused: dict[str, int] = field(default_factory=dict)
    """How often each ticket was refused since its first refusal."""
    others_through: dict[str, bool] = field(default_factory=dict)
    """Whether another ticket got through since a ticket's first refusal."""
    since_last_reply: set[str] = field(default_factory=set)

    def check(self, report: Report, ticket: str, settled: Settled) -> None:
        """Take in how a call ended; an AssertionError where the blame of it is not right."""
        if report in _REPLIES:
            self._reply(report, ticket)
        elif report in _REFUSALS and ticket:
            self._refusal(ticket, settled)
        else:
            assert settled.blame is Blame.NONE

    def _reply(self, report: Report, ticket: str) -> None:
        answered = ticket if report is Report.UNUSABLE else ""  # of a good call the limiter is not told the ticket
        for other in self.others_through.keys() - {answered}:
            self.others_through[other] = True
        self._forget(answered)
        self.since_last_reply.clear()

    def _refusal(self, ticket: str, settled: Settled) -> None:
        self.refused[ticket] = self.refused.get(ticket, 0) + 1
        self.others_through.setdefault(ticket, False)
        self.since_last_reply.add(ticket)
        assert settled.blame is not Blame.NONE
        if settled.blame is Blame.OWN:
            assert self.others_through[ticket], "parked, and no other ticket got through since its first refusal"
        if settled.blame is Blame.DOUBT:
            assert self.refused[ticket] >= DOUBT_TIMES
            assert len(self.since_last_reply) < HOLD_TICKETS
        if settled.blame is not Blame.NOBODY:
            self._forget(ticket)

    def _forget(self, ticket: str) -> None:
        self.refused.pop(ticket, None)
        self.others_through.pop(ticket, None)
