import pytest

from fleet.taxonomy import load_taxonomy
from fleet.ticket import Automated, Source, Ticket
from fleet.verdict import DecidedBy
from tests.support.rows import bundled
from tests.support.taxonomies import clinic
from worker.domain import Flag
from worker.guardrails.prefilter import prefilter

TAXONOMY = load_taxonomy()

SUBJECTS = [
    "Undelivered Mail Returned to Sender",
    "Mail delivery failed: returning message to sender",
    "Zustellung Ihrer Nachricht verzögert",
    "Automatic reply: your ticket",
    "Out of office: wrong text",
    "Out of Office Re: your ticket",
    "Absence : livraison",
    "Respuesta automática: su pedido",
]
INVISIBLE = ["", "   \n\t ", "\u200b\u200d\ufeff", "\xa0\xad", "\u3164\u115f\u2800", "\ufe0f\U000e0101", "\x00\x1b"]
SYMBOLS = ["🆘", "???", "...", "?!?", "-", "👍🏽", "7", "困", "\ue000", "\N{REPLACEMENT CHARACTER}"]


def mail(**values: object) -> Ticket:
    return Ticket.model_validate({"source": "mail", "sender": "amy@example.org", "body": ""} | values)


@pytest.mark.parametrize("kind", list(Automated))
def test_what_the_producer_recognised_is_decided_without_a_model(kind: Automated) -> None:
    verdict = prefilter(mail(subject="Hello", body="text", automated=kind), TAXONOMY)
    assert verdict is not None
    assert verdict.decided_by is DecidedBy.PREFILTER
    assert (verdict.category, verdict.urgency, verdict.needs_human) == ("other", "low", False)
    assert verdict.flags == (Flag.AUTOMATED,)
    assert verdict.reason == f"machine-made mail: {kind.value.replace('_', ' ')}"
    assert verdict.taxonomy == TAXONOMY.version


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("sender", ["amy@example.org", "mailer-daemon@example.org"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_and_a_sender_prove_nothing_whatever_the_source(source: Source, sender: str, subject: str) -> None:
    assert prefilter(mail(source=source, subject=subject, sender=sender, body="text"), TAXONOMY) is None


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_message_of_which_nothing_is_seen_is_empty(text: str) -> None:
    ticket = mail(subject=text, body=text, forwarded=text, quoted=text, fields={"plan": text})
    verdict = prefilter(ticket, TAXONOMY)
    assert verdict is not None
    assert verdict.flags == (Flag.EMPTY,)


@pytest.mark.parametrize("text", SYMBOLS)
@pytest.mark.parametrize("part", ["subject", "body", "forwarded", "quoted", "signature"])
def test_a_symbol_anywhere_is_a_message(part: str, text: str) -> None:
    assert prefilter(mail(**{part: text}), TAXONOMY) is None


@pytest.mark.parametrize("values", [{"attachments": ("a.jpg",)}, {"fields": {"problem": "the shop is down"}}])
def test_an_attachment_or_a_field_is_a_message(values: dict[str, object]) -> None:
    assert prefilter(mail(**values), TAXONOMY) is None


def test_the_verdict_lies_in_any_taxonomy() -> None:
    verdict = prefilter(mail(), clinic())
    assert verdict is not None
    assert (verdict.category, verdict.urgency) == ("rest", "whenever")


def test_of_the_bundled_tickets_exactly_the_machine_made_and_the_empty_are_taken() -> None:
    rows = bundled()
    taken = {row.ticket.id for row in rows if prefilter(row.ticket, TAXONOMY)}
    assert {row.ticket.id for row in rows if row.ticket.automated} <= taken
    assert all(row.ticket.automated or "empty" in row.tags for row in rows if row.ticket.id in taken)
