import base64

import pytest

from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.records import Acceptance, Accepted
from tests.support.bench import Bench, a_ticket

pytestmark = pytest.mark.integration

RAW = b"\x00\xff{no ticket"


def keep(bench: Bench, ticket_id: str = "t1", *, raw: bytes = RAW, key: str = "k1") -> Acceptance:
    ticket = a_ticket(ticket_id, "no ticket")
    return bench.ledger.run(do.keep(ticket, raw, key=key, reason="not_a_ticket", error='not "JSON"'))


def test_a_kept_message_is_parked_at_once_with_its_bytes(bench: Bench) -> None:
    assert keep(bench).is_new
    kept = bench.ticket()
    assert (kept["state"], kept["reason"], kept["error"]) == ("parked", "not_a_ticket", 'not "JSON"')
    assert base64.b64decode(kept["raw"]) == RAW
    assert bench.events() == ["accepted", "parked"]
    assert reading.read_counters(bench.client, "dead") == {"not_a_ticket": 1}
    assert bench.problems() == []


def test_the_same_bytes_are_kept_once_per_key(bench: Bench) -> None:
    keep(bench)
    assert keep(bench, "t2").result is Accepted.DUPLICATE
    assert keep(bench, "t2", raw=b"other").result is Accepted.CONFLICT
    assert bench.totals().parked == 1


def test_a_replayed_one_is_triaged_by_its_text(bench: Bench) -> None:
    keep(bench)
    assert bench.ledger.run(do.replay("t1")).queue == "triage.small"
    held = bench.claim()
    assert "no ticket" in held.payload
    assert bench.finish(held)
    assert bench.problems() == []


def test_a_discarded_one_ends(bench: Bench) -> None:
    keep(bench)
    assert bench.ledger.run(do.discard("t1", why="spam"))
    assert bench.problems() == []
