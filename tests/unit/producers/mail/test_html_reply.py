from datetime import UTC, datetime

import pytest

from fleet.ticket import Source, Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.text_file import read_text_body
from producers.rejection import Rejected

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def page(html: str | bytes) -> Ticket:
    raw = html if isinstance(html, bytes) else html.encode()
    found = read_text_body(raw, is_html=True, now=NOW)
    assert isinstance(found, MailTicket), found
    return found.ticket


@pytest.mark.parametrize(
    "history",
    [
        "<div class=gmail_quote><div class=gmail_attr>Ben:</div><blockquote class=gmail_quote>old</blockquote></div>",
        '<div class="moz-cite-prefix">Ben:</div><blockquote type="cite" cite="mid:x">old</blockquote>',
        "<div>On 26 Jun 2014, at 14:41, Ben wrote:</div><blockquote type=cite><p>old</blockquote>",
        '<p>26.06.2014, 14:41, "Ben" &lt;ben@example.com&gt;:</p><blockquote>old</blockquote>',
        '<div class="yahoo_quoted" id="yahoo_quoted_1"><div>Ben:</div><div>old</div></div>',
        '<div id="divRplyFwdMsg"><b>Xx:</b> Ben</div><div>old</div>',
        '<hr id="zwchr"><b>Xx:</b> Ben<br>old',
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm'><b>Xx:</b> Ben</div><p>old</p>",
        "<b>From:</b> Ben<br><b>Sent:</b> today<br><b>To:</b> Ann<br><b>Subject:</b> x<br><br>old",
        '<div class="protonmail_quote"><blockquote class="protonmail_quote">old</blockquote></div>',
    ],
)
def test_the_markup_of_a_client_tells_the_history(history: str) -> None:
    found = page(f"<html><body><div>It still fails.</div>{history}</body></html>")
    assert found.body == "It still fails."
    assert "old" in found.quoted


@pytest.mark.parametrize(
    "html",
    [
        "<p>As the manual says:</p><blockquote>turn it off</blockquote><p>That fails.</p>",
        "<p>I did this:</p><blockquote>turned it off</blockquote>",
        "<blockquote>My whole letter is set in.</blockquote>",
        '<blockquote type="cite">all of it is quoted</blockquote>',
        "<div class='gmail_quote'>never closed <p>words",
    ],
)
def test_in_doubt_marked_words_stay_in_the_body(html: str) -> None:
    assert page(html).quoted == ""


def test_words_behind_a_quote_that_was_not_closed_are_the_writers() -> None:
    found = page('<div>Yes.</div><div>On 1 Jan 2024 Ben wrote:<blockquote type="cite">old</div><div>And more.</div>')
    assert found.body == "Yes.\n\nAnd more."
    assert found.quoted == "On 1 Jan 2024 Ben wrote:\nold"


def test_a_marked_signature_is_kept_apart() -> None:
    found = page('<div>Hello</div><div class="gmail_signature">Ann<br>Example Ltd</div>')
    assert (found.body, found.signature) == ("Hello", "Ann\nExample Ltd")


def test_cells_and_blocks_keep_words_apart() -> None:
    assert page("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><div>d</div><div>e</div>").body == (
        "a b\nc\nd\ne"
    )
    assert page("<p class=MsoNormal>a</p><p class=MsoNormal>b</p><p>c</p><p>d</p>").body == "a\nb\n\nc\n\nd"


def test_a_page_says_its_charset() -> None:
    assert page("<meta charset=windows-1251><p>привет".encode("cp1251")).body == "привет"
    assert page(b"\xff\xfe" + "<p>привет".encode("utf-16-le")).body == "привет"


def test_a_text_file_becomes_a_ticket_without_history() -> None:
    found = read_text_body(b"Hello\n\nOn 1 Jan 2024 Ben wrote:\n> old", is_html=False, now=NOW)
    assert isinstance(found, MailTicket)
    assert (found.ticket.source, found.ticket.body) == (Source.FILE, "Hello")
    assert found.key.startswith("sha256:")


@pytest.mark.parametrize("raw", [b"", b" \n", b"<p>&nbsp;</p>"])
def test_a_file_that_says_nothing_is_rejected(raw: bytes) -> None:
    assert isinstance(read_text_body(raw, is_html=True), Rejected)
