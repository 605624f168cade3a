import pytest

from fleet.taxonomy import load_taxonomy
from fleet.ticket import Automated, Source, Ticket
from fleet.verdict import DecidedBy
from tests.support.rows import bundled
from tests.support.taxonomies import clinic
from worker.domain import Flag
from worker.guardrails.prefilter import prefilter

TAXONOMY = load_taxonomy()

BOUNCES = [
    "Undelivered Mail Returned to Sender",
    "Undeliverable: your invoice",
    "Delivery Status Notification (Failure)",
    "Mail delivery failed: returning message to sender",
    "failure notice",
    "Returned mail: see transcript for details",
    "Unzustellbar: Ihre Anfrage",
    "Zustellung Ihrer Nachricht verzögert",
    "Échec de la remise : votre facture",
    "No se pudo entregar el mensaje",
]
AUTO_REPLIES = [
    "Automatic reply: your ticket",
    "Auto-Reply: your ticket",
    "Out of Office AutoReply: your ticket",
    "Out of Office Re: your ticket",
    "Abwesenheitsnotiz: Ihre Anfrage",
    "Automatische Antwort: Ihre Anfrage",
    "Réponse automatique : votre demande",
    "Absence Re: votre demande",
    "Respuesta automática: su pedido",
]
WRITTEN_BY_PEOPLE = [
    ("amy@example.org", "Undelivered mail", "Every mail that I send from your app comes back as undelivered. Why?"),
    ("amy@example.org", "Delivery Status Notification (Failure)", "I got the bounce below, can you fix my address?"),
    ("postmaster.wilson@example.org", "Mail delivery failed", "My name is Wilson Postmaster and no mail arrives."),
    ("Amy <amy@example.org>", "Re: Undeliverable: your invoice", "please look at this bounce, it is from your server"),
    ("amy@example.org", "Automatic reply stopped working", "Since Monday the automatic reply is not sent."),
    ("amy@example.org", "Out of office settings", "Where do I find them?"),
    ("amy@example.org", "Out of office: wrong text", "My out-of-office note shows last year's text."),
    ("amy@example.org", "Absence : livraison", "Je ne serai pas là mardi pour la livraison."),
    ("amy@example.org", "Automatische Antwort funktioniert nicht", "Seit Montag geht sie nicht mehr."),
    ("amy@example.org", "Respuesta automática no funciona", "¿Qué hago?"),
    ("mailer-daemon@example.org", "I cannot log in", "Somebody really has this address."),
]


def mail(subject: str, sender: str = "amy@example.org", body: str = "text", **values: object) -> Ticket:
    return Ticket.model_validate({"source": "mail", "subject": subject, "sender": sender, "body": body} | values)


@pytest.mark.parametrize("sender", ["mailer-daemon@example.org", "MAILER-DAEMON@mx.example", "<postmaster@x.example>"])
@pytest.mark.parametrize("subject", BOUNCES)
def test_a_bounce_is_decided_without_a_model(subject: str, sender: str) -> None:
    verdict = prefilter(mail(subject, sender), TAXONOMY)
    assert verdict is not None
    assert verdict.decided_by is DecidedBy.PREFILTER
    assert (verdict.category, verdict.urgency, verdict.needs_human) == ("other", "low", False)
    assert verdict.flags == (Flag.AUTOMATED,)
    assert verdict.taxonomy == TAXONOMY.version


@pytest.mark.parametrize("subject", AUTO_REPLIES)
def test_an_automatic_reply_is_decided_without_a_model(subject: str) -> None:
    verdict = prefilter(mail(subject), TAXONOMY)
    assert verdict is not None
    assert verdict.reason == "machine-made mail: auto reply"


@pytest.mark.parametrize(("sender", "subject", "body"), WRITTEN_BY_PEOPLE)
def test_a_persons_mail_about_bounces_and_replies_is_not_taken(sender: str, subject: str, body: str) -> None:
    assert prefilter(mail(subject, sender, body), TAXONOMY) is None


@pytest.mark.parametrize("kind", list(Automated))
def test_what_the_producer_recognised_is_believed(kind: Automated) -> None:
    verdict = prefilter(mail("Hello", automated=kind), TAXONOMY)
    assert verdict is not None
    assert verdict.flags == (Flag.AUTOMATED,)


@pytest.mark.parametrize("body", ["", "   \n\t ", "...", "?!?", "\u200b"])
def test_a_message_without_a_word_is_empty(body: str) -> None:
    verdict = prefilter(mail("", body=body), TAXONOMY)
    assert verdict is not None
    assert verdict.flags == (Flag.EMPTY,)


@pytest.mark.parametrize("values", [{"attachments": ("a.jpg",)}, {"subject": "Help"}, {"body": "困"}, {"body": "7"}])
def test_an_attachment_a_subject_or_one_word_is_not_empty(values: dict[str, object]) -> None:
    ticket = Ticket.model_validate({"source": Source.MAIL, "body": ""} | values)
    assert prefilter(ticket, TAXONOMY) is None


def test_the_verdict_lies_in_any_taxonomy() -> None:
    taxonomy = clinic()
    verdict = prefilter(mail("", body=""), taxonomy)
    assert verdict is not None
    assert (verdict.category, verdict.urgency) == ("rest", "whenever")


def test_of_the_bundled_tickets_exactly_the_machine_made_and_the_empty_are_taken() -> None:
    rows = bundled()
    taken = {row.ticket.id for row in rows if prefilter(row.ticket, TAXONOMY)}
    assert {row.ticket.id for row in rows if row.ticket.automated} <= taken
    assert all(row.ticket.automated or "empty" in row.tags for row in rows if row.ticket.id in taken)


def test_most_machine_made_bundled_tickets_are_recognised_without_the_producers_word() -> None:
    machine_made = [row.ticket.model_copy(update={"automated": None}) for row in bundled() if row.ticket.automated]
    recognised = sum(prefilter(ticket, TAXONOMY) is not None for ticket in machine_made)
    assert (recognised, len(machine_made)) == (15, 16)
