"""The requests of `../shared/data/cases`, each with its right value. A new case is a row of EXPECTED."""

from collections.abc import Callable

import pytest

from fleet.ticket import Ticket
from producers.mail.message import MailTicket
from producers.rejection import Rejected
from producers.webhooks.dump import read_dump
from tests.support.rows import SHARED, needs_shared

CASES = SHARED / "cases"

EXPECTED: dict[str, Callable[[Ticket], bool]] = {
    "070-sendgrid-cp1252-name": lambda ticket: ticket.body == "Die Gebühr von 12 € ist falsch",
    "071-sendgrid-usascii-but-utf8": lambda ticket: "ñ" in ticket.body and "�" not in ticket.body,
    "072-sendgrid-iso2022jp": lambda ticket: any("\u3040" <= letter <= "\u30ff" for letter in ticket.body),
    "073-sendgrid-unknown-charset": lambda ticket: "ü" in ticket.body,
    "074-sendgrid-charsets-broken": lambda ticket: "ü" in ticket.body,
    "075-postmark-raw-html-only": lambda ticket: bool(ticket.body and ticket.sender) and "<" not in ticket.body,
    "077-mailgun-stripped-only": lambda ticket: ticket.attachments == ("foto.jpg (image/jpeg, 1 B)",),
}


@needs_shared
@pytest.mark.parametrize("case", EXPECTED)
def test_a_request_has_its_right_value(case: str) -> None:
    found = read_dump((CASES / f"{case}.http").read_bytes())
    assert isinstance(found, MailTicket)
    assert EXPECTED[case](found.ticket), found.ticket.model_dump_json(indent=1)


@needs_shared
def test_an_event_is_no_ticket() -> None:
    found = read_dump((CASES / "076-postmark-bounce-event.http").read_bytes())
    assert found == Rejected(1, "a request that brings no mail")


@needs_shared
def test_every_request_of_the_cases_has_a_right_value() -> None:
    assert {path.stem for path in CASES.glob("07*.http")} == {*EXPECTED, "076-postmark-bounce-event"}
