"""What a producer's health port answers, with the ledger's server there and away."""

import json
from pathlib import Path

import pytest

from tests.support.producers import fragile_server, producer
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


def test_a_producer_answers_who_watches_and_ends_well(tmp_path: Path) -> None:
    with fragile_server(tmp_path) as outage, producer("redis", tmp_path, outage.url) as process:
        assert process.get("/healthz")[0] == 200
        status, body = process.get("/readyz")
        assert (status, json.loads(body)["ledger"]) == (200, "ok")
        assert 'triage_messages_total{producer="redis",result="accepted"} 0.0' in process.get("/metrics")[1]

        outage.begin()
        wait_for("it is told", lambda: "Error" in json.loads(process.get("/readyz")[1])["ledger"], explain=process.tail)
        assert process.get("/readyz")[0] == 503
        assert process.get("/healthz")[0] == 200  # a restart would not help

        outage.end()
        wait_for("it is ready again", lambda: process.get("/readyz")[0] == 200, explain=process.tail)
        assert process.terminate() == 0


def test_a_producer_ends_well_while_the_ledger_is_away(tmp_path: Path) -> None:
    with fragile_server(tmp_path) as outage, producer("redis", tmp_path, outage.url) as process:
        outage.begin()
        wait_for("it is not ready", lambda: process.get("/readyz")[0] == 503, explain=process.tail)
        assert process.terminate() == 0
