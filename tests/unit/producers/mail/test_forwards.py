"""What is passed on: own words are the body, the message stands beside them, and speaks where there are none."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from datetime import UTC, datetime

import pytest

from fleet.ticket import Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail
from producers.mail.reply.split import Reply, split_reply

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WORDS = "The pump in hall 3 leaks oil.\n\nPlease send somebody today.\n\nCy Customer"
HEADERS = "From: Cy Customer <cy@example.com>\nDate: Tue, 5 Mar 2024 10:12:33\nSubject: Pump\nTo: ann@example.com"
GMAIL = f"---------- Forwarded message ---------\n{HEADERS}\n\n\n{WORDS}"


def ticket(subject: str, text: str, *headers: str, kind: str = "plain") -> Ticket:
    head = "\n".join(("From: Ann Miller <ann@example.com>", f"Subject: {subject}", *headers))
    found = read_mail(f"{head}\nContent-Type: text/{kind}; charset=utf-8\n\n{text}".encode(), now=NOW)
    assert isinstance(found, MailTicket)
    return found.ticket


@pytest.mark.parametrize(
    "own",
    ["FYI", "See below, please.", "siehe unten", "Is this really our customer?", "Can you look at this?\n\nThanks"],
)
def test_own_words_are_the_body_and_the_message_stands_beside_them(own: str) -> None:
    assert split_reply(f"{own}\n\n{GMAIL}") == Reply(own, forwarded=GMAIL)


@pytest.mark.parametrize(
    "own", ["", "Kind regards,\nAnn\n\n", "-- \nAnn Miller\nExample Ltd\n\n", "Sent from my iPhone\n\n"]
)
def test_a_message_speaks_for_a_forwarder_who_says_nothing(own: str) -> None:
    found = split_reply(own + GMAIL)
    assert "leaks oil" in found.body
    assert found.body.startswith("---------- Forwarded message")
    assert (found.forwarded, found.quoted) == ("", "")
    assert found.signature.split() == own.split()


@pytest.mark.parametrize(
    "separator",
    [
        "---------- Forwarded message ---------",
        "-------- Weitergeleitete Nachricht --------",
        "----- Forwarded Message -----",
        "------- Forwarded Message -------",
        "---------- Mensaje reenviado ----------",
        "---------- Messaggio inoltrato ---------",
        "---------- Mensagem reencaminhada ---------",
        "-------- Message transféré --------",
        "-------- Doorgestuurd bericht --------",
        "-------- Przekazana wiadomość --------",
        "-------- Přeposlaná zpráva --------",
        "-------- Videresendt melding --------",
        "-------- Vidarebefordrat meddelande --------",
        "-------- Välitetty viesti --------",
        "-------- Továbbított üzenet --------",
        "-------- Пересылаемое сообщение --------",
        "-------- Перенаправленное сообщение --------",
        "---------- İletilen ileti ---------",
        "-------- 转发的邮件 --------",
        "-------- 轉寄郵件 --------",
        "-------- 転送メッセージ --------",
        "-------- 전달된 메일 --------",
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
        "Début du message réexpédié :",
        "Début du message transféré :",
        "Inicio del mensaje reenviado:",
        "Inizio messaggio inoltrato:",
        "Begin doorgestuurd bericht:",
        "Início da mensagem reencaminhada:",
        "Start på videresendt besked:",
        "Vidarebefordrat brev:",
        "Välitetty viesti alkaa:",
        "Początek przekazywanej wiadomości:",
        "Začátek přeposílané zprávy:",
        "Начало переадресованного сообщения:",
        "İletilen mesajın başlangıcı:",
        "転送されたメッセージ:",
        "开始转发的邮件：",
        "다음은 전달된 메시지입니다:",
    ],
)
def test_clients_say_in_many_languages_that_they_forward(separator: str) -> None:
    found = split_reply(f"Who takes this one?\n\n{separator}\n\n{HEADERS}\n\n{WORDS}")
    assert found.body.startswith("Who takes this one?")
    assert found.forwarded.endswith(WORDS)
    assert found.quoted == ""


@pytest.mark.parametrize(
    ("subject", "block"),
    [
        ("FW: Pump", "From: Cy <cy@example.com>\nSent: Tuesday, 5 March 2024 10:12\nTo: Ann\nSubject: Pump"),
        ("WG: Pumpe", "Von: Cy <cy@example.com>\nGesendet: Dienstag, 5. März 2024 10:12\nAn: Ann\nBetreff: Pumpe"),
        ("TR: Pompe", "De : Cy <cy@example.com>\nEnvoyé : mardi 5 mars 2024 10:12\nÀ : Ann\nObjet : Pompe"),
        (
            "RV: Bomba",
            "De: Cy <cy@example.com>\nEnviado el: martes, 5 de marzo de 2024 10:12\nPara: Ann\nAsunto: Bomba",
        ),
        ("I: Pompa", "Da: Cy <cy@example.com>\nInviato: martedì 5 marzo 2024 10:12\nA: Ann\nOggetto: Pompa"),
        ("ENC: Bomba", "De: Cy <cy@example.com>\nEnviada em: terça-feira, 5 de março\nPara: Ann\nAssunto: Bomba"),
        ("VS: Pumpe", "Fra: Cy <cy@example.com>\nSendt: tirsdag 5. mars 2024 10:12\nTil: Ann\nEmne: Pumpe"),
        ("VB: Pump", "Från: Cy <cy@example.com>\nSkickat: den 5 mars 2024 10:12\nTill: Ann\nÄmne: Pump"),
        (
            "VL: Pumppu",
            "Lähettäjä: Cy <cy@example.com>\nLähetetty: tiistai 5. maaliskuuta\nVastaanottaja: Ann\nAihe: P",
        ),
        ("PD: Pompa", "Od: Cy <cy@example.com>\nWysłano: wtorek, 5 marca 2024 10:12\nDo: Ann\nTemat: Pompa"),
        ("[EXTERNAL] FW: Pump", "From: Cy <cy@example.com>\nSent: Tuesday\nTo: Ann\nSubject: Pump"),
        ("转发: 泵", "发件人: Cy <cy@example.com>\n发送时间: 2024年3月5日 10:12\n收件人: Ann\n主题: 泵"),
    ],
)
def test_a_subject_says_that_copied_headers_are_a_forward(subject: str, block: str) -> None:
    found = ticket(subject, f"Who takes this one?\n\n{block}\n\n{WORDS}", "In-Reply-To: <x@example.com>")
    assert (found.body, found.forwarded, found.quoted) == ("Who takes this one?", f"{block}\n\n{WORDS}", "")


def test_a_reply_quotes_what_a_forward_forwards() -> None:
    block = "Lähettäjä: Cy <cy@example.com>\nLähetetty: tiistai 5. maaliskuuta 2024\nVastaanottaja: Ann\nAihe: Pumppu"
    for subject in ("VS: Pumppu", "RE: Pump", "RE: FW: Pump"):
        found = ticket(subject, f"Still leaks.\n\n{block}\n\n{WORDS}", "In-Reply-To: <x@example.com>")
        assert (found.body, found.quoted, found.forwarded) == ("Still leaks.", f"{block}\n\n{WORDS}", ""), subject


def test_copied_headers_in_a_mail_that_answers_nothing_are_a_forward() -> None:
    found = ticket("Pump", f"Who takes this one?\n\n{HEADERS}\n\n{WORDS}")
    assert (found.body, found.quoted) == ("Who takes this one?", "")
    assert found.forwarded.endswith(WORDS)


def test_apples_mail_forwards_with_marks() -> None:
    cited = "\n".join(f"> {line}" for line in f"{HEADERS}\n\n{WORDS}".split("\n"))
    found = ticket("Fwd: Pump", f"Who takes this one?\n\nBegin forwarded message:\n\n{cited}")
    assert found.body == "Who takes this one?"
    assert found.forwarded == f"Begin forwarded message:\n\n{cited}".replace("> \n", ">\n")
    silent = ticket("Fwd: Pump", f"Begin forwarded message:\n\n{cited}")
    assert "leaks oil" in silent.body


@pytest.mark.parametrize(
    "html",
    [
        # Gmail
        (
            '<div dir="ltr">Who takes this one?<br><br><div class="gmail_quote"><div dir="ltr" '
            'class="gmail_attr">---------- '
            "Forwarded message ---------<br>From: <b>Cy</b> &lt;cy@example.com&gt;<br>Date: Tue, Mar 5<br>Subject: "
            "Pump<br>To: Ann<br></div><br><br>It leaks oil.</div></div>"
        ),
        # Apple Mail
        (
            '<body>Who takes this one?<br><div><br><blockquote type="cite"><div>Begin forwarded message:</div><br>'
            "<div><b>From: </b>Cy &lt;cy@example.com&gt;</div><div><b>Subject: </b>Pump</div><div><b>Date: </b>5 "
            "March</div><div><b>To: </b>Ann</div><br><div>It leaks oil.</div></blockquote></div></body>"
        ),
        # Outlook on the web
        (
            '<div>Who takes this one?</div><div id="appendonsend"></div><hr tabindex="-1"><div '
            'id="divRplyFwdMsg"><b>From:</b> '
            "Cy &lt;cy@example.com&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ann<br><b>Subject:</b> "
            "Pump</div><div>It leaks oil.</div>"
        ),
        # Outlook on the desktop
        (
            "<div><p class=MsoNormal>Who takes this one?</p><div style='border:none;border-top:solid #E1E1E1 "
            "1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Cy "
            "&lt;cy@example.com&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ann<br><b>Subject:</b> Pump</p></div><p "
            "class=MsoNormal>It leaks oil.</p></div>"
        ),
        # Thunderbird
        (
            '<p>Who takes this one?</p><div class="moz-forward-container"><br>-------- Forwarded Message '
            "--------<table "
            'class="moz-email-headers-table"><tr><th>Subject: </th><td>Pump</td></tr><tr><th>Date: </th><td>5 '
            "March</td></tr><tr><th>From: </th><td>Cy &lt;cy@example.com&gt;</td></tr><tr><th>To: "
            "</th><td>Ann</td></tr></table><p>It leaks oil.</p></div>"
        ),
        # Yahoo
        (
            '<div>Who takes this one?</div><div id="ydp1yahoo_quoted_1" class="ydp1234yahoo_quoted"><div>----- '
            "Forwarded message -----</div><div><b>From:</b> Cy &lt;cy@example.com&gt;</div><div><b>To:</b> "
            "Ann</div><div><b>Sent:</b> Tuesday</div><div><b>Subject:</b> Pump</div><div>It leaks oil.</div></div>"
        ),
    ],
)
def test_the_markup_of_a_client_tells_the_forward(html: str) -> None:
    found = ticket("Fwd: Pump", html, kind="html")
    assert found.body == "Who takes this one?"
    assert "leaks oil" in found.forwarded
    assert found.quoted == ""
    silent = ticket("Fwd: Pump", html.replace("Who takes this one?", ""), kind="html")
    assert "leaks oil" in silent.body


def test_forwards_of_forwards_are_opened_as_long_as_nobody_says_anything() -> None:
    outer = (
        "---------- Forwarded message ---------\nFrom: Ben <ben@example.com>\nSubject: Fwd: Pump\nTo: ann@example.com"
    )
    silent = split_reply(f"{outer}\n\n{GMAIL}")
    assert "leaks oil" in silent.body
    spoken = split_reply(f"{outer}\n\nfyi\n\n{GMAIL}")
    assert spoken == Reply(f"{outer}\n\nfyi", forwarded=GMAIL)
    both = split_reply(f"Please take over.\n\n{outer}\n\nfyi\n\n{GMAIL}")
    assert both == Reply("Please take over.", forwarded=f"{outer}\n\nfyi\n\n{GMAIL}")


def test_the_history_and_the_legal_footer_of_a_message_that_speaks_are_kept_apart() -> None:
    footer = "This e-mail is confidential and intended solely for the addressee."
    found = split_reply(f"{GMAIL}\n\n{footer}")
    assert found.body.endswith("Cy Customer")
    assert found.signature == footer


def test_a_form_on_a_website_is_no_forward() -> None:
    text = "A new message from your website:\n\nFrom: Cy <cy@example.com>\nSubject: Pump\nDate: 5 March\n\nIt leaks."
    assert split_reply(text) == Reply(text)
