import pytest

from fleet.lanes import QUARANTINE, TRIAGE_QUEUES, Lane, Tier, lanes_of, queue_of


@pytest.mark.parametrize(
    ("tier", "lane", "name"),
    [
        (Tier.SMALL, Lane.NORMAL, "triage.small"),
        (Tier.SMALL, Lane.URGENT, "triage.small.urgent"),
        (Tier.FRONTIER, Lane.NORMAL, "triage.frontier"),
        (Tier.FRONTIER, Lane.BULK, "triage.frontier.bulk"),
    ],
)
def test_a_queue_is_named_after_tier_and_lane(tier: Tier, lane: Lane, name: str) -> None:
    assert queue_of(tier, lane) == name


def test_every_tier_and_lane_has_a_queue_and_so_has_quarantine() -> None:
    assert len(set(TRIAGE_QUEUES)) == len(Tier) * len(Lane) + 1
    assert QUARANTINE in TRIAGE_QUEUES


def test_a_tiers_queue_stands_for_all_its_lanes_urgent_first() -> None:
    assert lanes_of("triage.small") == ("triage.small.urgent", "triage.small", "triage.small.bulk")


@pytest.mark.parametrize("queue", ["triage.small.urgent", QUARANTINE, "triage.deliver", "other"])
def test_other_queues_stand_for_themselves(queue: str) -> None:
    assert lanes_of(queue) == (queue,)
