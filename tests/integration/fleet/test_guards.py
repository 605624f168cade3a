"""Negative controls: with a guard taken out of the Lua text, the check that watches it fails."""

from collections.abc import Callable

import pytest

from tests.support import checks
from tests.support.bench import Bench
from tests.support.lua import PRELUDE, Edit, edited
from tests.support.machine import run_machine

pytestmark = pytest.mark.integration

FENCE = Edit(PRELUDE, "if t[1] == 'running' and t[2] == fence then", "if t[1] == 'running' then")
LEASES = Edit("reap", "redis.call('ZRANGEBYSCORE', 'tf:due', '-inf', now, 'LIMIT', 0, limit)", "{}")
WATERMARK = Edit("reap", "math.min(marks[i + 1], now) - slack end", "nil end")
WATERMARK_NAIVE = Edit("reap", "math.min(marks[i + 1], now) - slack end", "now - slack end")
WATERMARK_UNMOVED = Edit("claim", "if stamp > tonumber(redis.call('HGET', 'tf:wm', queue) or 0) then", "if false then")
QUARANTINED = Edit("reap", "t[2] == quarantine and crashes", "crashes")
BUSY = Edit("claim", "if state == 'running' then return {'busy'} end\nif state ~= 'accepted'", "if state == 'triaged'")
DONE = Edit("claim", "if state ~= 'accepted' and state ~= 'retry' then return {'done'} end", "")
BEAT = Edit("extend", "t[1] == 'running' and t[2] == ARGV[i + 1]", "t[1] == 'running'")
SAME_ID = Edit("accept", "if redis.call('EXISTS', ticket) == 1 then return 'conflict', id end", "")

GUARDS: dict[str, tuple[Edit, Callable[[Bench], None]]] = {
    "fence check": (FENCE, checks.only_the_newest_fence_writes),
    "reaper's leases": (LEASES, checks.a_dead_workers_ticket_comes_back),
    "watermark rule": (WATERMARK, checks.a_lost_hint_is_sent_again),
    "watermark rule, naive": (WATERMARK_NAIVE, checks.a_healthy_backlog_is_left_alone),
    "watermark moved by claims": (WATERMARK_UNMOVED, checks.a_lost_hint_is_sent_again),
    "quarantine": (QUARANTINED, checks.an_innocent_is_not_parked),
    "one holder": (BUSY, checks.a_ticket_has_one_holder),
    "ended tickets": (DONE, checks.an_ended_ticket_stays_ended),
    "fence of the beat": (BEAT, checks.a_lost_lease_is_not_extended),
    "ids in use": (SAME_ID, checks.an_id_in_use_is_not_written_over),
}

guards = pytest.mark.parametrize(("edit", "check"), GUARDS.values(), ids=GUARDS.keys())


@guards
def test_the_check_passes_with_its_guard(bench: Bench, edit: Edit, check: Callable[[Bench], None]) -> None:
    assert edit.old != edit.new
    check(bench)


@guards
def test_the_check_fails_without_its_guard(bench: Bench, edit: Edit, check: Callable[[Bench], None]) -> None:
    with edited(edit):
        bench.forget_scripts()
        with pytest.raises(AssertionError):
            check(bench)


RARE = "quarantine"  # takes a third crash after an escalation out of quarantine
PROPERTY_SEES = {name: edit for name, (edit, _) in GUARDS.items() if name != RARE} | {
    "outbox row": Edit("finish", "redis.call('ZADD', 'tf:out', now + ARGV[9], ARGV[i])", ""),
    "closing": Edit(PRELUDE, "redis.call('ZREM', 'tf:open:' .. lane, id)", ""),
    "growing fence": Edit("claim", "(t[5] or 0) + 1, (t[4]", "1, (t[4]"),
    "idempotency": Edit("accept", "if known[1] then", "if false then"),
    "backlog's bound": Edit("accept", "if open + new >= bound then", "if false then"),
    "early retry": Edit("claim", "tonumber(t[3]) > now", "false"),
    "parked only": Edit("replay", "t[1] ~= 'parked'", "t[1] ~= 'parked' and t[1] ~= 'discarded'"),
}


@pytest.mark.parametrize("edit", PROPERTY_SEES.values(), ids=PROPERTY_SEES.keys())
def test_the_property_fails_without_a_guard(bench: Bench, edit: Edit) -> None:
    with edited(edit):
        bench.forget_scripts()
        with pytest.raises(AssertionError):
            run_machine(bench, shrinking=False)


def test_an_edit_that_finds_nothing_to_replace_is_an_error_of_the_test() -> None:
    with pytest.raises(AssertionError, match="0 times"), edited(Edit("reap", "no such text", "")):
        pass
