"""A real mail server in front of us."""

from collections.abc import Callable, Iterator

import pytest
import redis

from tests.integration.producers.smtp.conftest import ALSO_US, THEM, US, Receive, a_mail
from tests.servers.opensmtpd import OpenSmtpd, opensmtpd
from tests.support.producers import accepted_bodies
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("opensmtpd")]

PORT = free_port()


@pytest.fixture
def mta() -> Iterator[OpenSmtpd]:
    # A fresh one each time: it keeps its connection open for the next mail, and lets a relay rest that closed it.
    with opensmtpd(f"smtp://127.0.0.1:{PORT}") as server:
        yield server


def until(mta: OpenSmtpd, what: str, holds: Callable[[], object]) -> None:
    """Wait for something while the server tries again at once, and not in some minutes."""

    def nudged() -> object:
        mta.try_again()
        return holds()

    wait_for(what, nudged, explain=mta.log)


def test_what_a_mail_server_relays_becomes_tickets(receiving: Receive, mta: OpenSmtpd, redis_url: str) -> None:
    with receiving(LISTEN=f"127.0.0.1:{PORT}"), mta.client() as customer:
        sent = [f"request {number}" for number in range(20)]
        for number, body in enumerate(sent):
            customer.send_message(a_mail(body, number))
        until(mta, "its queue is empty", lambda: not mta.queued())
    assert accepted_bodies(redis_url) == sorted(sent)


def test_a_mail_server_keeps_what_does_not_fit_in_and_delivers_it_later(
    receiving: Receive, mta: OpenSmtpd, redis_url: str, client: redis.Redis
) -> None:
    with receiving(LISTEN=f"127.0.0.1:{PORT}", door={"max_backlog": 1}), mta.client() as customer:
        customer.send_message(a_mail("first", 101))
        until(mta, "the ledger is full", lambda: accepted_bodies(redis_url))
        customer.send_message(a_mail("second", 102))
        until(mta, "it is told 451", lambda: "451 4.3.1" in "".join(mta.queued()))
        client.flushall()
        until(mta, "it delivers", lambda: not mta.queued())
    assert accepted_bodies(redis_url) == ["second"]


def test_a_mail_to_two_of_our_addresses_is_one_ticket_however_it_is_relayed(
    receiving: Receive, mta: OpenSmtpd, redis_url: str
) -> None:
    with receiving(LISTEN=f"127.0.0.1:{PORT}"), mta.client() as customer:
        customer.sendmail(THEM, [US, ALSO_US], a_mail("one", 201).as_bytes())
        until(mta, "its queue is empty", lambda: not mta.queued())
    assert accepted_bodies(redis_url) == ["one"]


def test_a_wrong_recipient_is_refused_for_good(receiving: Receive, mta: OpenSmtpd, redis_url: str) -> None:
    with receiving(LISTEN=f"127.0.0.1:{PORT}") as running, mta.client() as customer:
        customer.sendmail(THEM, ["nobody@example.com"], a_mail("for nobody", 301).as_bytes())
        until(mta, "it is refused", lambda: running.refused("scope"))
        until(mta, "nothing is tried again", lambda: not mta.queued())
    assert accepted_bodies(redis_url) == []
