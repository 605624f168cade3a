"""Both runners, held to the same tests; and what each does when the server is restarted, cut off or gone."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from fleet.errors import LedgerUnavailableError
from fleet.ledger import AsyncLedger, Ledger, reading, runner
from fleet.ledger import transitions as do
from fleet.ledger.audit import audit
from fleet.ledger.records import Accepted, Claim
from tests.support.bench import SMALL, a_ticket, an_effect
from tests.support.server import embedded_server, free_port

pytestmark = pytest.mark.integration

Run = Callable[[str, Sequence[do.Transition[Any]]], list[Any]]


def run_blocking(url: str, transitions: Sequence[do.Transition[Any]]) -> list[Any]:
    ledger = Ledger(url)
    try:
        return [ledger.run(transition) for transition in transitions]
    finally:
        ledger.close()


def run_awaited(url: str, transitions: Sequence[do.Transition[Any]]) -> list[Any]:
    async def main() -> list[Any]:
        ledger = AsyncLedger(url)
        try:
            return [await ledger.run(transition) for transition in transitions]
        finally:
            await ledger.close()

    return asyncio.run(main())


@pytest.fixture(params=[run_blocking, run_awaited])
def run(request: pytest.FixtureRequest) -> Run:
    return request.param  # type: ignore[no-any-return]


def claim_of(ticket_id: str) -> do.Transition[Any]:
    return do.claim(ticket_id, queue=SMALL, hinted_ms=1, worker="w1", lease_ms=15_000)


STORY = (
    do.accept(a_ticket("t1"), key="k1"),
    do.accept(a_ticket("t1"), key="k1"),
    claim_of("t1"),
    do.extend([("t1", 1)], lease_ms=15_000),
    do.finish("t1", 1, verdict="{}", outcome="{}", decided_by="small", effects=[an_effect("t1")]),
    do.finish("t1", 1, verdict="{}", outcome="{}", decided_by="small"),
    claim_of("t1"),
    do.lease_effect("page:t1"),
    do.settle_effect("page:t1", "parked"),
    do.revive_effect("page:t1", "discard"),
    do.due_effects(),
    do.replay("t1"),
    do.reap(),
)


def without_times(answer: Any) -> Any:
    if hasattr(answer, "__slots__"):
        timeless = ("at_ms", "now_ms", "accepted_ms", "deadline_ms", "waited_ms", "age_s")
        return {name: getattr(answer, name) for name in answer.__slots__ if name not in timeless}
    return answer


def test_both_runners_give_the_same_answers(redis_url: str, client: redis.Redis) -> None:
    blocking = [without_times(answer) for answer in run_blocking(redis_url, STORY)]
    client.flushall()
    assert [without_times(answer) for answer in run_awaited(redis_url, STORY)] == blocking
    assert [a for a in blocking if isinstance(a, bool)] == [True, False, True, True]
    assert blocking[3] == [True]


def test_lost_scripts_are_loaded_again(redis_url: str, client: redis.Redis, run: Run) -> None:
    flush: Any = do.Transition("extend", (15_000,), lambda _: client.script_flush())
    answers = run(redis_url, [STORY[0], flush, claim_of("t1")])
    assert isinstance(answers[2], Claim)


def test_what_ran_before_a_script_was_missed_is_not_run_twice(ledger: Ledger, client: redis.Redis) -> None:
    ledger.run(claim_of("t404"))
    client.script_flush()
    accepted, claim = ledger.run_many([STORY[0], claim_of("t1")])
    assert accepted.result is Accepted.ACCEPTED
    assert isinstance(claim, Claim)


def test_what_ran_in_a_batch_before_a_script_was_missed_is_not_run_twice(redis_url: str, client: redis.Redis) -> None:
    async def main() -> list[Any]:
        ledger = AsyncLedger(redis_url)
        try:
            await ledger.run(claim_of("t404"))
            await asyncio.to_thread(client.script_flush)
            return list(await asyncio.gather(ledger.run(STORY[0]), ledger.run(claim_of("t1"))))
        finally:
            await ledger.close()

    accepted, claim = asyncio.run(main())
    assert accepted.result is Accepted.ACCEPTED
    assert isinstance(claim, Claim)


def test_a_server_that_is_gone_is_a_reason_to_try_again_later(run: Run) -> None:
    with pytest.raises(LedgerUnavailableError, match="ConnectionError") as caught:
        run(f"redis://127.0.0.1:{free_port()}", [STORY[0]])
    assert caught.value.retry_after_s > 0


def test_an_error_of_a_script_is_never_taken_for_an_answer(redis_url: str, client: redis.Redis, run: Run) -> None:
    client.set("tf:t:t1", "not a hash")
    with pytest.raises(LedgerUnavailableError, match="WRONGTYPE"):
        run(redis_url, [claim_of("t1")])


def test_a_server_that_refuses_writes_is_unavailable(redis_url: str, client: redis.Redis, run: Run) -> None:
    client.config_set("maxmemory", 1)
    try:
        with pytest.raises(LedgerUnavailableError, match="OutOfMemoryError"):
            run(redis_url, [STORY[0]])
    finally:
        client.config_set("maxmemory", 0)
    assert reading.read_totals(client).accepted == 0


def test_a_server_that_hangs_is_unavailable_after_the_timeout(redis_url: str, client: redis.Redis) -> None:
    ledger = Ledger(redis_url, socket_timeout=0.1)
    ledger.run(do.reap())
    client.client_pause(60_000, all=False)
    try:
        with pytest.raises(LedgerUnavailableError, match="Timeout"):
            ledger.run(do.reap())
    finally:
        client.client_unpause()
        ledger.close()


def test_an_accepted_ticket_survives_the_servers_death_and_the_runner_heals(tmp_path: Path) -> None:
    port = free_port()
    with embedded_server(port=port, data_dir=tmp_path) as server:
        ledger = Ledger(server.connection_url)
        ledger.run_many([STORY[0], claim_of("t404")])
    with pytest.raises(LedgerUnavailableError):
        ledger.run(claim_of("t1"))
    with embedded_server(port=port, data_dir=tmp_path):
        assert isinstance(ledger.run(claim_of("t1")), Claim)
        assert audit(ledger.redis) == []
        ledger.close()


def test_what_is_asked_for_at_the_same_time_travels_together(
    redis_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    send = AsyncLedger._send

    async def counted(ledger: AsyncLedger, transitions: Sequence[do.Transition[Any]]) -> list[Any]:
        sizes.append(len(transitions))
        return await send(ledger, transitions)

    monkeypatch.setattr(AsyncLedger, "_send", counted)

    async def main() -> None:
        ledger = AsyncLedger(redis_url)
        answers = await asyncio.gather(
            *(ledger.run(do.accept(a_ticket(f"t{n}"), key=f"k{n}")) for n in range(runner.BATCH + 50))
        )
        assert [answer.ticket_id for answer in answers] == [f"t{n}" for n in range(runner.BATCH + 50)]
        await ledger.run(do.reap())
        await ledger.close()

    asyncio.run(main())
    assert sizes == [runner.BATCH, 50, 1]
    assert reading.read_totals(client).accepted == runner.BATCH + 50


def test_one_callers_unsendable_text_harms_no_other_caller(redis_url: str, client: redis.Redis) -> None:
    assert client.ping()

    async def main() -> list[Any]:
        ledger = AsyncLedger(redis_url)
        bad = do.accept(a_ticket("t2"), key="half a pair \ud83d")
        try:
            async with asyncio.timeout(5):
                return list(await asyncio.gather(ledger.run(STORY[0]), ledger.run(bad), return_exceptions=True))
        finally:
            await ledger.close()

    good, bad = asyncio.run(main())
    assert good.is_new
    assert isinstance(bad, UnicodeEncodeError)


def test_a_fault_of_our_own_reaches_everyone_who_waits(
    redis_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.ping()

    async def broken(_: AsyncLedger, __: Sequence[do.Transition[Any]]) -> list[Any]:
        raise RuntimeError("a bug")

    async def main() -> list[Any]:
        ledger = AsyncLedger(redis_url)
        async with asyncio.timeout(5):
            with monkeypatch.context() as patch:
                patch.setattr(AsyncLedger, "_send", broken)
                failed = await asyncio.gather(*(ledger.run(do.reap()) for _ in range(3)), return_exceptions=True)
            healed = await ledger.run(do.reap())
        await ledger.close()
        return [*failed, healed.dispatch]

    *failed, healed = asyncio.run(main())
    assert [type(error) for error in failed] == [RuntimeError] * 3
    assert healed == ()


def test_a_caller_that_gave_up_does_not_hold_up_the_others(redis_url: str, client: redis.Redis) -> None:
    async def main() -> int:
        ledger = AsyncLedger(redis_url)
        gone = asyncio.create_task(ledger.run(STORY[0]))
        await asyncio.sleep(0)
        stays = asyncio.create_task(ledger.run(do.accept(a_ticket("t2"), key="k2")))
        gone.cancel()
        answer = await stays
        await ledger.close()
        return int(answer.is_new)

    assert asyncio.run(main()) == 1
    assert audit(client) == []


@pytest.fixture
def hammering(ledger: Ledger) -> Iterator[list[BaseException]]:
    """Four threads that share one ledger and ask it without pause; the list holds what went wrong."""
    errors: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                ledger.run(do.reap())
                ledger.run(do.extend([], lease_ms=1))
            except Exception as error:  # noqa: BLE001 - the test shows it
                errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield errors
    stop.set()
    for thread in threads:
        thread.join()


def test_threads_share_a_ledger_while_its_scripts_are_lost(hammering: list[BaseException], client: redis.Redis) -> None:
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        client.script_flush()
    assert [error for error in hammering if not isinstance(error, LedgerUnavailableError)] == []
