import tomllib
from pathlib import Path
from typing import Any

import pytest

from fleet.lanes import Tier
from fleet.taxonomy import load_taxonomy
from fleet.ticket import Source, Ticket
from tests.support.rows import bundled
from tests.support.taxonomies import clinic
from worker.domain import Flag, Route
from worker.guardrails.screen import screen
from worker.routing.route import LONG_CHARACTERS, route

TAXONOMY = load_taxonomy()
BANNERS: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("sentences").joinpath("banners.toml").read_text("utf-8")
)
ABOVE, BELOW = BANNERS["above"], BANNERS["below"]
NONE: frozenset[Flag] = frozenset()


def routed(body: str, subject: str = "") -> Route:
    return route(Ticket(source=Source.HTTP, subject=subject, body=body), NONE, TAXONOMY)


HARD = [
    ("You will hear from my lawyer.", "risk_words"),
    ("The charger caught fire last night", "risk_words"),
    ("Ich übergebe das meinem Anwalt", "risk_words"),
    ("my account was hacked", "risk_words"),
    ("x " * (LONG_CHARACTERS // 2 + 1), "long"),
    ("1. it is slow\n2. it is loud\n3) it is late", "several_issues"),
    ("- it is slow\n  - it is loud\n\n\t* it is late", "several_issues"),
    ("It is slow. Also it is loud. Besides, it is late. Secondly, it smells.", "several_issues"),
    ("アプリが起動しません", "language"),
    ("لا أستطيع تسجيل الدخول", "language"),
]


@pytest.mark.parametrize(("body", "reason"), HARD)
def test_an_evidently_hard_ticket_goes_to_the_frontier_at_once(body: str, reason: str) -> None:
    assert routed(body) == Route(Tier.FRONTIER, reason)


@pytest.mark.parametrize(
    "body", ["Mein Rechtsanwalt meldet sich.", "Prendo la scossa dal forno.", "Ik wil niet meer leven."]
)
def test_risk_words_of_every_language_count(body: str) -> None:
    assert routed(body).reason == "risk_words"


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ({"forwarded": "The charger caught fire."}, "risk_words"),
        ({"fields": {"problem": "The charger caught fire."}}, "risk_words"),
        ({"forwarded": "x " * LONG_CHARACTERS}, "long"),
        ({"quoted": "The charger caught fire. You will hear from my lawyer."}, ""),
        ({"signature": "Ann Lee, Attorney at Law\nPS: my account was hacked"}, ""),
    ],
)
def test_own_words_count_wherever_they_stand_and_history_and_signature_never_do(
    where: dict[str, Any], reason: str
) -> None:
    ticket = Ticket(source=Source.MAIL, body="Please see below.", **where)
    assert route(ticket, NONE, TAXONOMY).reason == reason


FORM = """

Environment:
- OS: Windows 11
- Browser: Firefox 120.0.1
* App version = 4.2
- Chrome 120
- macOS
- [x] I have read the guide
"""


@pytest.mark.parametrize(
    "body",
    [
        f"The export fails.{FORM}",
        "- Product: X200\n- Serial number: 12 34 56\n- Bought at: Example Ltd., Leeds\n- Plan: gold\nIt is dead.",
        "Steps to reproduce:\n1. Open the app and sign in\n2. Click on the export button\n3. Wait for an hour or so",
    ],
)
def test_the_lines_of_a_form_are_no_issues(body: str) -> None:
    assert routed(body) == Route(Tier.SMALL)


def test_issues_with_a_label_each_are_issues() -> None:
    body = (
        "- Billing: you charged me twice for the same month again\n"
        "- Login: the code that you send me never arrives on my phone\n"
        "- Delivery: the box was crushed and two of the glasses are missing"
    )
    assert routed(body).reason == "several_issues"


def test_rewritten_links_and_addresses_are_no_words() -> None:
    link = (
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fphishing&data=05%7C"
        + "x" * 900
    )
    body = f"Where is my parcel? {link} {link} {link} or fraud@example.com, www.example.com/lawyer, example.com/stolen"
    assert routed(body) == Route(Tier.SMALL)


@pytest.mark.parametrize("banner", [*ABOVE, *BELOW], ids=lambda banner: banner[:30])
def test_what_a_gateway_or_a_legal_department_adds_routes_nothing(banner: str) -> None:
    tickets = [row.ticket for row in bundled() if "attack" not in row.tags][::4]
    bare = [ticket for ticket in tickets if route(ticket, NONE, TAXONOMY).tier is Tier.SMALL]
    lost = []
    for ticket in bare:
        body = f"{banner}\n\n{ticket.body}" if banner in ABOVE else f"{ticket.body}\n\n{banner}"
        if route(ticket.model_copy(update={"body": body}), NONE, TAXONOMY).tier is not Tier.SMALL:
            lost.append(ticket.id)
    assert len(bare) > 100
    assert len(lost) <= 1, lost


@pytest.mark.parametrize("banner", [*ABOVE, *BELOW], ids=lambda banner: banner[:30])
def test_a_risk_is_heard_through_every_banner(banner: str) -> None:
    assert routed(f"{banner}\n\nMy account was hacked!\n\n{banner}").reason == "risk_words"
    assert routed(f"{banner}\n\nMein Konto wurde gehackt!\n\n{banner}").reason == "risk_words"


def test_a_suspected_injection_goes_to_the_frontier() -> None:
    ticket = Ticket(source=Source.HTTP, body="hello")
    assert route(ticket, {Flag.INJECTION}, TAXONOMY) == Route(Tier.FRONTIER, "suspected_injection")


def test_the_subject_counts() -> None:
    assert routed("see above", subject="Lawsuit").reason == "risk_words"


EASY = [
    "How do I change my password?",
    "I was charged twice and need this fixed today!",
    "Ich kann mich nicht anmelden. Und die App ist langsam.",
    "Je ne reçois plus de factures depuis août.",
    "The pursuer of the suede courtesy issue smokes",  # sue, court, smoke: whole words only
    "1. it is slow\n2. it is loud",
    "Also, it is loud.\n- one point",
    "x" * LONG_CHARACTERS,
    "",
]


@pytest.mark.parametrize("body", EASY)
def test_everything_else_goes_to_the_small_model(body: str) -> None:
    assert routed(body) == Route(Tier.SMALL)


def test_the_taxonomy_says_which_languages_the_small_model_reads() -> None:
    ticket = Ticket(source=Source.HTTP, body="予約を変更したいです")
    assert route(ticket, NONE, clinic()).tier is Tier.SMALL
    assert route(ticket, NONE, TAXONOMY).tier is Tier.FRONTIER


def test_few_plain_english_tickets_go_to_the_frontier() -> None:
    plain = [row.ticket for row in bundled() if row.language == "en" and "attack" not in row.tags]
    hard = [ticket for ticket in plain if route(ticket, screen(ticket), TAXONOMY).tier is Tier.FRONTIER]
    assert len(hard) / len(plain) <= 0.15


def test_no_script_that_the_small_model_cannot_read_reaches_it() -> None:
    foreign = [row.ticket for row in bundled() if row.language in ("ja", "ar")]
    assert foreign
    assert {route(ticket, NONE, TAXONOMY).tier for ticket in foreign} == {Tier.FRONTIER}
