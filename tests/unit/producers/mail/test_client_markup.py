"""Replies in the HTML of the mail clients of this world; people and companies are invented."""

from datetime import UTC, datetime

import pytest

from fleet.ticket import Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)

HTML = {
    "Zoho": (
        '<div>{own}</div><div class="zmail_extra_hr"></div><div class="zmail_extra"><div id="Zm-_Id_-Sgn1">'
        "---- On Tue, 05 Mar 2024 10:12:33 +0530 Ben wrote ----</div><blockquote>{old}</blockquote></div>"
    ),
    "Zoho, bare": (
        "<div>{own}</div><div><br></div><div>---- On Tue, 05 Mar 2024 10:12:33 +0530 Ben "
        "&lt;ben@acme.example&gt; wrote ----</div><blockquote id=blockquote_zmail><div>{old}</div>"
        "</blockquote>"
    ),
    "Hotmail": (
        '<div>{own}</div><hr id="stopSpelling">Date: Tue, 5 Mar 2024<br>From: ben@acme.example<br>To: '
        "a@b.example<br>Subject: x<br><br>{old}"
    ),
    "Yahoo": (
        '<div>{own}</div><div id="ydp81yahoo_quoted_4" class="ydp81yahoo_quoted"><div>Le mardi 5 mars '
        "2024, Ben a écrit :</div><div>{old}</div></div>"
    ),
    "GMX": (
        '<div>{own}<div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5;"><div>'
        "<b>Gesendet:</b> Dienstag<br><b>Von:</b> Ben</div><div>{old}</div></div></div>"
    ),
    "Spark": (
        '<div name="messageBodySection">{own}</div><div name="messageReplySection">On 5 Mar 2024 at 10:12 '
        "+0100, Ben, wrote:<br><blockquote>{old}</blockquote></div>"
    ),
    "Outlook mobile": (
        '<div>{own}</div><div id="mail-editor-reference-message-container"><div '
        'class="ms-outlook-mobile-reference-message"><b>Fra:</b> Ben<br>{old}</div></div>'
    ),
    "Proton": (
        '<div>{own}</div><div class="protonmail_quote">On Tuesday, Ben wrote:<br><blockquote '
        'class="protonmail_quote" type="cite">{old}</blockquote></div>'
    ),
    "Gmail": (
        '<div dir="ltr">{own}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        'class="gmail_attr">On Tue, Ben wrote:<br></div><blockquote class="gmail_quote">{old}</blockquote>'
        "</div>"
    ),
    "Apple": (
        "<body>{own}<div><br><blockquote type=cite><div>On 5 Mar 2024, at 10:12, Ben "
        "&lt;ben@acme.example&gt; wrote:</div><br><div>{old}</div></blockquote></div></body>"
    ),
    "Samsung": (
        "<div>{own}</div><div><br></div><div style='font-size:100%'><div>-------- Original message "
        "--------</div><div>From: Ben &lt;ben@acme.example&gt; </div><div>Date: 05/03/2024 </div><div>To: "
        "Ann </div><div>Subject: x </div></div>{old}"
    ),
    "Edison": (
        '<div>{own}</div><div id="edo-original"><div>On Tuesday, Ben wrote:</div><blockquote>{old}</blockquote></div>'
    ),
    "NetEase": '<div>{own}</div><div class="ntes-mailmaster-quote"><div>---- Replied Message ----</div>{old}</div>',
    "Outlook for Mac, old": (
        "<div>{own}</div><span id=OLK_SRC_BODY_SECTION><div><b>From:</b> Ben<br><b>Date:</b> Tuesday<br><b>"
        "To:</b> Ann<br><b>Subject:</b> x</div><div>{old}</div></span>"
    ),
    "Notes": (
        "<font>{own}</font><br><br><font>From: &nbsp; &nbsp;Ben &lt;ben@acme.example&gt;</font><br><font>"
        "To: &nbsp; Ann</font><br><font>Date: &nbsp; 05.03.2024</font><br><font>Subject: &nbsp; x</font>"
        "<br><hr noshade><br>{old}"
    ),
    "Thunderbird": (
        '<p>{own}</p><div class="moz-cite-prefix">Am 05.03.2024 um 10:12 schrieb Ben:<br></div><blockquote '
        'type="cite">{old}</blockquote>'
    ),
}


def ticket(html: str) -> Ticket:
    head = "From: Ann Miller <ann@example.com>\nSubject: Ticket\nIn-Reply-To: <x@acme.example>"
    found = read_mail(f"{head}\nContent-Type: text/html; charset=utf-8\n\n<html>{html}</html>".encode(), now=NOW)
    assert isinstance(found, MailTicket)
    return found.ticket


@pytest.mark.parametrize("client", HTML)
def test_the_markup_of_a_client_tells_the_history(client: str) -> None:
    html = HTML[client].format(own="It still fails.", old="have you tried it again?")
    found = ticket(html)
    assert found.body == "It still fails."
    assert "have you tried it again?" in found.quoted


@pytest.mark.parametrize("client", HTML)
def test_where_a_client_quotes_and_nothing_is_said_all_of_it_is_read(client: str) -> None:
    html = HTML[client].format(own="", old="have you tried it again?")
    assert "have you tried it again?" in ticket(html).body
