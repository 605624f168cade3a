"""What the reaper asks of the broker. A wrong "empty" makes every waiting ticket look lost."""

import pytest
import redis

from fleet.hints import HintSender
from fleet.settings import load_settings

pytestmark = pytest.mark.integration


def test_only_queues_without_a_hint_are_named_empty(client: redis.Redis, redis_url: str) -> None:
    sender = HintSender.for_settings(load_settings({"TRIAGE_REDIS_URL": redis_url}))
    sender.look(["t1"], queue="triage.small", at_ms=1)
    sender.deliver(["log:t1"])

    empty = sender.empty_queues(["triage.small", "triage.frontier", "triage.deliver", "triage.small.bulk"])

    assert empty == ["triage.frontier", "triage.small.bulk"]
    assert client.llen("tf:triage.small") == 1
    sender.close()
