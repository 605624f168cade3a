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
