import pytest

from fleet.lanes import QUARANTINE, TRIAGE_QUEUES, Lane, Tier, lane_of, lanes_of, queue_of, tier_of


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


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("lane", Lane)
def test_a_queue_tells_its_tier_whatever_its_lane(tier: Tier, lane: Lane) -> None:
    assert tier_of(queue_of(tier, lane)) is tier


@pytest.mark.parametrize("queue", [QUARANTINE, "triage.deliver", "triage.smaller", "other"])
def test_other_queues_are_of_no_tier(queue: str) -> None:
    assert tier_of(queue) is None


@pytest.mark.parametrize(("name", "lane"), [(b"urgent", Lane.URGENT), ("bulk", Lane.BULK), ("whale", Lane.NORMAL)])
def test_a_lane_of_another_release_is_a_normal_one(name: str | bytes, lane: Lane) -> None:
    assert lane_of(name) is lane
