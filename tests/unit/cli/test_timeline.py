from typing import Any

import pytest

from fleet.ledger.decoding import calls_of
from ops.cli.story.page import describe_verdict, headline, page
from ops.cli.story.record import tell, without_text
from ops.cli.story.timeline import describe_call, timeline

CALL = {
    "model": "claude-haiku-5-5",
    "tier": "small",
    "purpose": "triage",
    "result": "ok",
    "stop_reason": "end_turn",
    "input_tokens": 512,
    "cache_write_5m_tokens": 0,
    "cache_read_tokens": 1200,
    "output_tokens": 90,
    "cost_nusd": 1_234_567,
    "seconds": 1.12,
    "request_id": "req_1",
}


def record(*events: dict[str, Any], **values: Any) -> dict[str, Any]:
    payload = {"subject": "Help", "body": "secret words", "sender": "ann@example.com"}
    return {"id": "t1", "state": "accepted", "accepted_at": 1_000, "payload": payload, "history": list(events)} | values


def story(*events: dict[str, Any], **values: Any) -> dict[str, Any]:
    return tell(record(*events, **values), deliveries=[], now_ms=61_000)


def test_a_call_is_told_in_one_line() -> None:
    assert describe_call(CALL) == (
        "small claude-haiku-5-5 to triage: ok, end_turn; 512 in, 1,200 cache read, 90 out; $0.00123; 1.12 s; req_1"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cache_saved_nusd": 1_080_000}, "; $0.00123; the cache saved $0.00108; 1.12 s"),
        ({"cache_saved_nusd": -300_000}, "; $0.00123; $0.0003 of it for the cache; 1.12 s"),
        ({"cut_history": 12_000}, "90 out; characters left out: 12,000 of the thread history; $"),
        (
            {"cut_history": 12_000, "cut_middle": 300},
            "characters left out: 12,000 of the thread history, 300 from the middle",
        ),
        (
            {"cut_forwarded": 1, "cut_quoted": 2, "cut_signature": 3, "cut_beside": 4},
            "1 of the forwarded message, 2 of the quoted history, 3 of the signature, 4 of subject, fields and",
        ),
    ],
)
def test_a_call_tells_what_the_cache_saved_and_what_was_cut(values: dict[str, int], words: str) -> None:
    assert words in describe_call(CALL | values)


def test_a_call_with_hardly_anything_known_is_told_all_the_same() -> None:
    assert describe_call({}) == "unknown model: "
    assert describe_call({"tier": "small", "result": "overloaded", "error": "no\x1b room"}) == (
        "small: overloaded; no\N{REPLACEMENT CHARACTER} room"
    )


@pytest.mark.parametrize("event", [{}, {"calls": None}, {"calls": "[]"}, {"calls": ["x"]}, {"calls": {}}])
def test_whatever_is_no_list_of_calls_counts_as_none(event: dict[str, Any]) -> None:
    assert calls_of(event) == []


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"event": "accepted", "queue": "q", "source": "http"}, "from http, queue q"),
        ({"event": "claimed", "attempt": 2, "worker": "w", "queue": "q"}, "attempt 2 by w, from q"),
        ({"event": "escalated", "reason": "long", "queue": "f"}, "because of long, to f"),
        ({"event": "retry", "reason": "overloaded", "delay_ms": 65_000, "error": "529"}, "again in 1 min 5 s: 529"),
        ({"event": "retry", "reason": "drain", "delay_ms": 0, "error": ""}, "drain, again at once"),
        ({"event": "lease_expired", "crashes": 2, "worker": "w"}, "worker w went away with it, crash number 2"),
        ({"event": "redispatched", "queue": "q"}, "the hint was lost; sent again to q"),
        ({"event": "parked", "reason": "crashed", "crashes": 3}, "crashed"),
        ({"event": "replayed", "queue": "q"}, "a person sent it back to q"),
        ({"event": "discarded", "why": "spam"}, "a person ended it: spam"),
        ({"event": "effect", "effect": "page:t1"}, "to be told: page:t1"),
        ({"event": "triaged", "decided_by": "small"}, "decided by small"),
        ({"event": "delivered", "sink": "page"}, "told to page"),
        ({"event": "delivery_parked", "sink": "page", "error": "410"}, "could not be told to page: 410"),
        ({"event": "something_new", "a": 1}, "a 1"),
        ({}, "?"),
    ],
)
def test_each_event_is_put_into_words(event: dict[str, Any], words: str) -> None:
    (line,) = timeline(story({"at": 1_000, **event}))
    assert words in line


def test_times_are_relative_to_the_acceptance_and_calls_come_before_their_event() -> None:
    lines = timeline(
        story(
            {"at": 1_000, "event": "accepted"},
            {"at": 3_500, "event": "triaged", "decided_by": "small", "calls": [CALL]},
        )
    )
    assert [line.split("  ")[1:3] for line in lines] == [
        ["+0.00 s", "accepted"],
        ["+2.50 s", "model call"],
        ["+2.50 s", "triaged"],
    ]


def test_a_story_is_summed_up() -> None:
    told = story(
        {"at": 1_000, "event": "escalated", "reason": "low_confidence", "calls": [CALL]},
        {"at": 2_000, "event": "triaged", "calls": [CALL]},
        state="triaged",
        finished_at=3_000,
        cost_nusd=2_469_134,
    )
    assert (len(told["calls"]), told["escalated_for"], told["seconds"]) == (2, ["low_confidence"], 2.0)
    assert told["cost_usd"] == pytest.approx(0.002469134)


@pytest.mark.parametrize(
    ("saved", "total", "words"),
    [
        ((-300_000, 1_080_000), 780_000, "2 model calls, $0.00, the cache saved $0.00078"),
        ((-300_000, None), -300_000, "2 model calls, $0.00, $0.0003 of it for the cache"),
        ((None, None), 0, "2 model calls, $0.00"),
    ],
)
def test_what_the_cache_saved_is_summed_up(saved: tuple[int | None, ...], total: int, words: str) -> None:
    calls = [CALL | ({} if nusd is None else {"cache_saved_nusd": nusd}) for nusd in saved]
    told = story({"at": 1_000, "event": "triaged", "calls": calls})
    assert (told["cache_saved_nusd"], told["cache_saved_usd"]) == (total, total / 1e9)
    assert next(line for line in page(told, with_text=False).splitlines() if "spent" in line).endswith(words)


def test_the_text_is_left_out_unless_asked_for() -> None:
    assert "secret" not in str(without_text(story()))
    assert without_text(story())["ticket"]["body_characters"] == 12
    assert "secret" not in page(story(), with_text=False)
    assert "  secret words" in page(story(), with_text=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "t1: waiting for a worker"),
        ({"state": "running"}, "t1: at work"),
        ({"state": "retry"}, "t1: waiting to be tried again"),
        ({"state": "discarded"}, "t1: discarded"),
        ({"state": "parked", "reason": "bug"}, "t1: parked, bug; to try again: triage dead replay t1"),
    ],
)
def test_the_first_line_says_what_became_of_it(values: dict[str, Any], words: str) -> None:
    assert headline(story(**values)) == words


def test_a_verdict_is_put_into_words() -> None:
    verdict = {
        "category": "billing",
        "urgency": "high",
        "needs_human": True,
        "confidence": 0.934,
        "decided_by": "small",
    }
    assert describe_verdict(verdict) == "billing, high, needs a human (by small, confidence 0.93)"
    assert describe_verdict({}) == "?, ?, no human needed (by ?)"
