"""Replies as the mail clients of this world write them; people and companies are invented."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from datetime import UTC, datetime

import pytest

from fleet.ticket import Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail
from producers.mail.reply.split import split_reply

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OWN = "It still fails.\n\nCan you call me?"
OLD = "Dear Ann,\n\nhave you tried it again?\n\nBen from support"
CITED = "\n".join(f"> {line}".rstrip() for line in OLD.split("\n"))

WITH_ADDRESS = {
    "Zoho": "---- On Tue, 05 Mar 2024 10:12:33 +0530 Ben Support <ben@acme.example> wrote ----",
    "Zoho, three dashes": "---- On Tue, 05 Mar 2024 10:12:33 +0530 Ben Support <ben@acme.example> wrote ---",
    "Zoho, German": "---- Am Di, 05 Mär 2024 10:12:33 +0100 Ben Support <ben@acme.example> schrieb ----",
    "Zoho, French": "---- Le mar., 05 mars 2024 10:12:33 +0100 Ben Support <ben@acme.example> a écrit ----",
    "Yahoo": "On Tuesday, March 5, 2024 at 10:12:33 AM GMT+1, Ben Support <ben@acme.example> wrote:",
    "Yahoo, French": "Le mardi 5 mars 2024 à 10:12:33 UTC+1, Ben Support <ben@acme.example> a écrit :",
    "Yahoo, French, old": "Le Mardi 5 mars 2024 10h12, Ben Support <ben@acme.example> a écrit :",
    "Yahoo, German": (
        "Am Dienstag, 5. März 2024 um 10:12:33 MEZ hat Ben Support <ben@acme.example> Folgendes geschrieben:"
    ),
    "Yahoo, Spanish": "El martes, 5 de marzo de 2024, 10:12:33 CET, Ben Support <ben@acme.example> escribió:",
    "Yahoo, Italian": "Il martedì 5 marzo 2024 alle ore 10:12:33 CET, Ben Support <ben@acme.example> ha scritto:",
    "Yahoo, Portuguese": "Em terça-feira, 5 de março de 2024 10:12:33 BRT, Ben Support <ben@acme.example> escreveu:",
    "Apple": "On 5 Mar 2024, at 10:12, Ben Support <ben@acme.example> wrote:",
    "Apple, Norwegian": "5. mar. 2024 kl. 10:12 skrev Ben Support <ben@acme.example>:",
    "Apple, Danish": "Den 5. mar. 2024 kl. 10.12 skrev Ben Support <ben@acme.example>:",
    "Apple, Swedish": "5 mars 2024 kl. 10:12 skrev Ben Support <ben@acme.example>:",
    "Apple, Finnish": "Ben Support <ben@acme.example> kirjoitti 5.3.2024 kello 10.12:",
    "Apple, Polish": "Wiadomość napisana przez Ben Support <ben@acme.example> w dniu 5 mar 2024, o godz. 10:12:",
    "Apple, Czech": "5. 3. 2024 v 10:12, Ben Support <ben@acme.example>:",
    "Apple, Turkish": "Ben Support <ben@acme.example> şunları yazdı (5 Mar 2024 10:12):",
    "Apple, Portuguese": "No dia 05/03/2024, às 10:12, Ben Support <ben@acme.example> escreveu:",
    "Apple, Brazilian": "Em 5 de mar. de 2024, à(s) 10:12, Ben Support <ben@acme.example> escreveu:",
    "Apple, Dutch": "Op 5 mrt. 2024 om 10:12 heeft Ben Support <ben@acme.example> het volgende geschreven:",
    "Apple, German": "Am 05.03.2024 um 10:12 schrieb Ben Support <ben@acme.example>:",
    "Apple, Hungarian": "2024. márc. 5. dátummal, 10:12 időpontban Ben Support <ben@acme.example> írta:",
    "Apple, Japanese": "2024/03/05 10:12、Ben Support <ben@acme.example>のメール:",
    "Apple, Chinese": "在 2024年3月5日，10:12，Ben Support <ben@acme.example> 写道：",
    "Apple, Korean": "2024. 3. 5. 오전 10:12, Ben Support <ben@acme.example> 작성:",
    "Apple, Russian": "5 марта 2024 г., в 10:12, Ben Support <ben@acme.example> написал(а):",
    "Gmail, Japanese": "2024年3月5日(火) 10:12 Ben Support <ben@acme.example>:",
    "Gmail, Chinese": "Ben Support <ben@acme.example> 于2024年3月5日周二 上午10:12写道：",
    "Gmail, Taiwan": "Ben Support <ben@acme.example> 於 2024年3月5日 週二 上午10:12寫道：",
    "Gmail, Korean": "2024년 3월 5일 (화) 오전 10:12, Ben Support <ben@acme.example>님이 작성:",
    "Gmail, Russian": "вт, 5 мар. 2024 г. в 10:12, Ben Support <ben@acme.example>:",
    "Gmail, Turkish": "Ben Support <ben@acme.example>, 5 Mar 2024 Sal, 10:12 tarihinde şunu yazdı:",
    "Gmail, Czech": "út 5. 3. 2024 v 10:12 odesílatel Ben Support <ben@acme.example> napsal:",
    "Gmail, Norwegian": "tir. 5. mars 2024 kl. 10:12 skrev Ben Support <ben@acme.example>:",
    "Gmail, Greek": "Στις Τρί 5 Μαρ 2024 στις 10:12 π.μ., ο χρήστης Ben Support <ben@acme.example> έγραψε:",
    "Gmail, Hebrew": (
        "\u202bבתאריך יום ג׳, 5 במרץ 2024 ב-10:12 מאת Ben Support <\u202aben@acme.example\u202c\u200f>:\u202c"
    ),
    "Gmail, Thai": "เมื่อ อ. 5 มี.ค. 2024 เวลา 10:12 Ben Support <ben@acme.example> เขียนว่า:",
    "Gmail, Vietnamese": "Vào Th 3, 5 thg 3, 2024 vào lúc 10:12 Ben Support <ben@acme.example> đã viết:",
    "Gmail, folded": "On Tue, Mar 5, 2024 at 10:12 AM Ben Support of Acme <\nben@acme.example> wrote:",
    "Gmail, folded in the address": (
        "tir. 5. mar. 2024 kl. 10:12 skrev Ben Support hos Acme Norge AS <ben.support@\nacme.example>:"
    ),
    "Gmail, folded behind kl.": "tir. 5. mar. 2024 kl.\n10:12 skrev Ben Support <ben@acme.example>:",
    "Gmail, folded three times": (
        "Le mar. 5 mars 2024 à 10:12, Service Client de la Société Acme <\nservice@acme.example> a\nécrit :"
    ),
    "Proton": "On Tuesday, March 5th, 2024 at 10:12 AM, Ben Support <ben@acme.example> wrote:",
    "Superhuman": "On Tue, Mar 05, 2024 at 10:12 AM, Ben Support < ben@acme.example > wrote:",
    "Spark": "On 5 Mar 2024 at 10:12 +0100, Ben Support <ben@acme.example>, wrote:",
    "HEY": "On March 5, 2024, Ben Support <ben@acme.example> wrote:",
    "AOL": "In a message dated 3/5/2024 10:12:33 AM Eastern Standard Time, ben@acme.example writes:",
    "NetEase": 'At 2024-03-05 10:12:33, "Ben Support" <ben@acme.example> wrote:',
    "mail.ru": "Вторник, 5 марта 2024, 10:12 +03:00 от Ben Support <ben@acme.example>:",
    "Yandex": '05.03.2024, 10:12, "Ben Support" <ben@acme.example>:',
    "o2.pl": "Dnia 5 marca 2024 10:12 Ben Support <ben@acme.example> napisał(a):",
    "SOGo": "On Tuesday, March 05, 2024 10:12 CET, Ben Support <ben@acme.example> wrote:",
    "old Yahoo": "--- On Tue, 3/5/24, Ben Support <ben@acme.example> wrote:",
}

WITHOUT_ADDRESS = {
    "Zoho": "---- On Tue, 05 Mar 2024 10:12:33 +0530 Ben Support wrote ----",
    "Yahoo, French": "Le mardi 5 mars 2024 à 10:12:33 UTC+1, Ben Support a écrit :",
    "Yahoo, French, old": "Le Mardi 5 mars 2024 10h12, Service Client a écrit :",
    "The Bat": "On Tuesday, March 5, 2024, 10:12:33, you wrote:",
    "Pegasus": "On 5 Mar 2024 at 10:12, you wrote:",
    "Thunderbird": "On 05.03.24 10:12, Ben Support wrote:",
    "Thunderbird, German": "Am 05.03.2024 um 10:12 schrieb Ben Support:",
    "Thunderbird, Norwegian": "Den 05.03.2024 10:12, skrev Ben Support:",
    "Thunderbird, Swedish": "Den 2024-03-05 kl. 10:12, skrev Ben Support:",
    "Thunderbird, French": "Le 05/03/2024 à 10:12, Ben Support a écrit :",
    "Thunderbird, Polish": "W dniu 5.03.2024 o 10:12, Ben Support pisze:",
    "Thunderbird, Dutch": "Op 05-03-2024 om 10:12 schreef Ben Support:",
    "Evolution": "On Tue, 2024-03-05 at 10:12 +0100, Ben Support wrote:",
}

HEADERS = {
    "Outlook": (
        "From: Ben Support <ben@acme.example>\nSent: Tuesday, March 5, 2024 10:12 AM\n"
        "To: Ann <ann@example.com>\nSubject: Ticket"
    ),
    "Outlook, Danish": (
        "Fra: Ben Support <ben@acme.example>\nSendt: 5. marts 2024 10:12\nTil: Ann <ann@example.com>\nEmne: Ticket"
    ),
    "Outlook, Finnish": (
        "Lähettäjä: Ben <ben@acme.example>\nLähetetty: tiistai 5. maaliskuuta\nVastaanottaja: Ann\nAihe: Ticket"
    ),
    "Outlook, Czech": (
        "Od: Ben Support <ben@acme.example>\nOdesláno: úterý 5. března 2024 10:12\nKomu: Ann\nPředmět: Ticket"
    ),
    "Outlook, Turkish": "Kimden: Ben <ben@acme.example>\nGönderildi: 5 Mart 2024 Salı 10:12\nKime: Ann\nKonu: Ticket",
    "Outlook, Japanese": "差出人: Ben <ben@acme.example>\n送信日時: 2024年3月5日 10:12\n宛先: Ann\n件名: Ticket",
    "Outlook, Korean": (
        "보낸 사람: Ben <ben@acme.example>\n보낸 날짜: 2024년 3월 5일 화요일 오전 10:12\n받는 사람: Ann\n제목: Ticket"
    ),
    "Outlook, Russian": "От: Ben <ben@acme.example>\nОтправлено: 5 марта 2024 г. 10:12\nКому: Ann\nТема: Ticket",
    "Outlook for Android": (
        "________________________________\nFrom: Ben <ben@acme.example>\nSent: Tuesday\nTo: Ann\nSubject: Ticket"
    ),
    "Hotmail": "Date: Tue, 5 Mar 2024 10:12:33 +0100\nFrom: ben@acme.example\nTo: ann@example.com\nSubject: Ticket",
    "Hotmail, by name": (
        "From: ben@acme.example\nTo: ann@example.com\nSubject: RE: Ticket\nDate: Tue, 5 Mar 2024 10:12:33 +0100"
    ),
    "Hotmail, by subject": (
        "Subject: Ticket\nFrom: ben@acme.example\nDate: Tue, 5 Mar 2024 10:12:33 +0100\nTo: ann@example.com"
    ),
    "GMX": (
        'Gesendet: Dienstag, 05. März 2024 um 10:12 Uhr\nVon: "Ben" <ben@acme.example>\n'
        "An: ann@example.com\nBetreff: Ticket"
    ),
    "Yahoo, French": (
        "De : Ben Support <ben@acme.example>\nÀ : ann@example.com\nEnvoyé le : Mardi 5 mars 2024 10h12\nObjet : Ticket"
    ),
    "Samsung": (
        "-------- Original message --------\nFrom: Ben <ben@acme.example>\n"
        "Date: 05/03/2024 10:12 (GMT+01:00)\nTo: Ann\nSubject: T"
    ),
    "eM Client": (
        '------ Originalnachricht ------\nVon: "Ben" <ben@acme.example>\nAn: ann@example.com\n'
        "Gesendet: 05.03.2024 10:12:33"
    ),
    "Proton": "-------- Original Message --------\nOn 3/5/24 10:12, Ben Support <ben@acme.example> wrote:",
    "QQ": (
        '------------------ 原始邮件 ------------------\n发件人: "Ben" <ben@acme.example>;\n'
        '发送时间: 2024年3月5日\n收件人: "Ann";\n主题: Ticket'
    ),
    "NetEase": (
        "---- Replied Message ----\n| From | Ben<ben@acme.example> |\n| Date | 03/05/2024 10:12 |\n"
        "| To | ann@example.com |"
    ),
    "mail.ru": (
        "-------- Исходное сообщение --------\nОт кого: Ben <ben@acme.example>\nКому: Ann\n"
        "Дата: 5 марта 2024\nТема: Ticket"
    ),
    "Notes": (
        "Ben Support ---05.03.2024 10:12:33---Dear Ann, have you tried\n\n"
        "From:\tBen Support <ben@acme.example>\nTo:\tAnn\nDate:\t05.03.2024"
    ),
    "old Notes": "Ben Support <ben@acme.example>\n05.03.2024 10:12\n\nTo\nann@example.com\ncc\n\nSubject\nTicket",
    "old Notes, German": "Ben Support/Acme\n05.03.2024 10:12\n\nAn\nAnn Miller/Example\nKopie\n\nThema\nTicket",
}


def ticket(text: str, *headers: str) -> Ticket:
    head = "\n".join(("From: Ann Miller <ann@example.com>", "Subject: Ticket", *headers))
    found = read_mail(f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode(), now=NOW)
    assert isinstance(found, MailTicket)
    return found.ticket


@pytest.mark.parametrize("client", WITH_ADDRESS)
@pytest.mark.parametrize("old", [OLD, CITED])
def test_an_attribution_with_an_address_begins_the_history(client: str, old: str) -> None:
    text = f"{OWN}\n\n{WITH_ADDRESS[client]}\n\n{old}"
    found = split_reply(text)
    assert found.body == OWN
    assert found.quoted.split() == text.removeprefix(OWN).split()


@pytest.mark.parametrize("client", WITHOUT_ADDRESS)
def test_an_attribution_without_an_address_needs_marks_or_a_reply(client: str) -> None:
    line = WITHOUT_ADDRESS[client]
    assert split_reply(f"{OWN}\n\n{line}\n\n{CITED}").body == OWN
    reply = ticket(f"{OWN}\n\n{line}\n\n{OLD}", "In-Reply-To: <x@acme.example>")
    assert (reply.body, reply.quoted) == (OWN, f"{line}\n\n{OLD}")


def test_what_a_customer_says_that_somebody_wrote_stays_the_customers() -> None:
    for text in (
        "You wrote:\nwe refund you.\n\nNothing came.",
        "On 5 March 2024 at 10:12 your colleague wrote:\nWe refund you.\n\nNothing came.",
        "As I said to Ben on 5 March 2024 at 10:12, and as he wrote:\nWe refund you.\n\nNothing came.",
    ):
        assert ticket(text).body == text
    text = "You wrote:\nwe refund you.\n\nNothing came."
    assert ticket(text, "In-Reply-To: <x@acme.example>").body == text


@pytest.mark.parametrize("client", HEADERS)
def test_copied_headers_begin_the_history(client: str) -> None:
    block = HEADERS[client]
    for space in ("\n\n", "\n\n\n"):
        found = split_reply(f"{OWN}{space}{block}\n\n{OLD}")
        assert (found.body, found.quoted, found.forwarded) == (OWN, f"{block}\n\n{OLD}", "")
