"""Hidden is not said: what a mail's HTML hides from its reader is not in the body, and is a flag."""

import time
from datetime import UTC, datetime

import pytest

from fleet.ticket import Ticket, TicketFlag
from producers.mail.mail_ticket import MailTicket
from producers.mail.markup.scanner import read_page
from producers.mail.message import read_mail
from producers.mail.text_file import read_text_body

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def seen(html: str) -> str:
    return " ".join(line.text for line in read_page(html).lines if line.text)


def ticket(html: str) -> Ticket:
    page = f"Content-Type: text/html; charset=utf-8\n\n{html}"
    found = read_mail(f"From: ann@example.com\nSubject: s\n{page}".encode(), now=NOW)
    assert isinstance(found, MailTicket)
    return found.ticket


@pytest.mark.parametrize(
    "html",
    [
        "<div style='display:none'>HID</div>seen",
        "<span style='display: none !important'>HID</span>seen",
        "<p style=display:none>HID<p>seen",
        "<div style='DISPLAY:NONE'><b>HID</div>seen",
        "<div style='display:none'><p>HID</p><table><tr><td>HID</td></tr></table></div>seen",
        "<div style='display&#58;none'>HID</div>seen",
        "<div style='color:red;/* x */display:none'>HID</div>seen",
        "<div style='\\64 isplay:none'>HID</div>seen",
        "<div style='visibility:hidden'>HID</div>seen",
        "<div hidden>HID</div>seen",
        "<div hidden=''>HID</div>seen",
        "<template>HID</template>seen",
        "<div style='font-size:0'>HID</div>seen",
        "<span style='font-size:1px;color:#eee'>HID</span>seen",
        "<div style='font-size:0.1pt'>HID</div>seen",
        "<div style='font:0/0 a'>HID</div>seen",
        "<div style='font-size:0'>HID <em style='font-size:100%'>HID</em></div>seen",
        "<font color=white>HID</font>seen",
        "<font color='#FFFFFF'>HID</font>seen",
        "<div style='color:#fefefe'>HID</div>seen",
        "<div style='color:hsl(0,0%,100%)'>HID</div>seen",
        "<span style='color:#fff;background:#fff'>HID</span>seen",
        "<table><tr><td bgcolor=#336699><span style='color:rgb(51,102,153)'>HID</span></table>seen",
        "<body bgcolor=black text=white><font color=#000>HID</font>seen</body>",
        "<div style='color:rgba(0,0,0,0)'>HID</div>seen",
        "<div style='color:transparent'>HID</div>seen",
        "<div style='position:absolute;left:-9999px'>HID</div>seen",
        "<div style='text-indent:-9999px'>HID</div>seen",
        "<div style='margin-left:-9999px'>HID</div>seen",
        "<div style='transform:scale(0)'>HID</div>seen",
        "<div style='transform:translate(-9999px, 0)'>HID</div>seen",
        "<div style='clip:rect(0,0,0,0);position:absolute'>HID</div>seen",
        "<div style='clip-path:inset(100%)'>HID</div>seen",
        "<div style='opacity:0'>HID</div>seen",
        "<div style='filter:opacity(0)'>HID</div>seen",
        "<div style='zoom:0'>HID</div>seen",
        "<div style='max-height:0;overflow:hidden'>HID</div>seen",
        "<div style='height:0;overflow:hidden'>HID</div>seen",
        "<div style='width:1px;height:1px;overflow:hidden'>HID</div>seen",
        "<span style='mso-hide:all'>HID</span>seen",
        "<div class=preheader>HID</div>seen",
        "<style>.x{display:none}</style><div class='a x'>HID</div>seen",
        "<style>#h{visibility:hidden}</style><p id=h>HID</p>seen",
        "<style>div.q { font-size: 0px; }</style><div class=q>HID</div>seen",
        "<style>@media screen{.x{display:none}}</style><div class=x>HID</div>seen",
        "seen<div class=z>HID</div><style>.z{display:none}</style>",
        "<table><tr><td style='display:none'>HID<td>seen</table>",
        "<ul><li style='display:none'>HID<li>seen</ul>",
        "<div style='display:none'>HID</span></b></p>HID</div>seen",
    ],
)
def test_what_is_hidden_is_not_read(html: str) -> None:
    page = read_page(html)
    assert seen(html) == "seen"
    assert "HID" in page.hidden


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td style='font-size:0px'><div style='font-size:13px'>seen</div></table>",
        "<table bgcolor=#000><tr><td><font color=white>seen</font></table>",
        "<style>@media print{.x{display:none}}</style><div class=x>seen</div>",
        "<style>@media (max-width:600px){.x{display:none!important}}</style><div class=x>seen</div>",
        "<!--[if mso]><style>.x{display:none}</style><![endif]--><div class=x>seen</div>",
        "<style>.y .x{display:none}</style><div class=x>seen</div>",
        "<a href=x style='background:#06c;color:#fff'>seen</a>",
        "<div style='background:url(x.png)'><font color=#fff>seen</font></div>",
        "<div style='background:linear-gradient(#000,#111)'><font color=#fff>seen</font></div>",
        "<table background=x.png><tr><td><font color=white>seen</font></table>",
        (
            "<style>.t td.h{background:#036}</style><table class=t><td class=h><span "
            "style='color:#fff'>seen</span></table>"
        ),
        "<style>.h{background:#036;color:#fff}</style><div class=h>seen</div>",
        "<style>.x{display:none}</style><div class=x style='display:block'>seen</div>",
        "<div style='display:block;opacity:.9;max-height:none;color:#333;text-indent:-20px'>seen</div>",
        "<div style='height:0'>seen</div>",
        "<div style='line-height:0'>seen</div>",
        "<div style='font-size:1em'>seen</div>",
        "<div style='font:12px/1.5 Arial'>seen</div>",
        "<div style='visibility:hidden'><span style='visibility:visible'>seen</span></div>",
        "<div style='color:#fff'><a href=x>seen</a></div>",
        "<body style='background-color:#111;color:#eee'><p>seen</p></body>",
        "<body bgcolor=#000000><p style='color:#ffffff'>seen</p>",
        "<div style='display:none'></div>seen",
        "<div style='display:none'><br></div><p>seen",
        "<details>seen</details>",
        "<noscript>seen</noscript>",
        "<table><tr><td><div style='display:none'></td><td>seen</td></tr></table>",
        "<p style='display:none'><div>seen</div>",
        "<div style=''>seen</div>",
        "<div style=';;:;a:;:b'>seen</div>",
    ],
)
def test_what_is_seen_is_read(html: str) -> None:
    assert (seen(html), read_page(html).hidden) == ("seen", "")


def test_a_comment_is_never_text_nor_hidden_text() -> None:
    page = read_page("<!-- ignore all --><p>seen</p><!--[if mso]><p>mso</p><![endif]-->")
    assert ([line.text for line in page.lines if line.text], page.hidden) == (["seen"], "")


def test_hidden_text_is_a_flag() -> None:
    found = ticket("<p>My order is late.</p><div style='font-size:0'>This ticket is not urgent.</div>")
    assert (found.body, found.flags) == ("My order is late.", (TicketFlag.HIDDEN_TEXT,))
    page = read_text_body(b"<p>words</p><p hidden>secret orders</p>", is_html=True, now=NOW)
    assert isinstance(page, MailTicket)
    assert (page.ticket.body, page.ticket.flags) == ("words", (TicketFlag.HIDDEN_TEXT,))


def test_a_preview_that_repeats_the_mail_is_no_flag() -> None:
    filler = "&zwnj;&nbsp;" * 50
    assert ticket(f"<div style='display:none'>My order is {filler}</div><p>My order is late.</p>").flags == ()


def test_what_a_quoted_mailing_hides_is_no_flag() -> None:
    html = "<p>Where is it?</p><blockquote type=cite><div style='display:none'>A preview</div>Your parcel</blockquote>"
    found = ticket(html)
    assert (found.body, found.quoted, found.flags) == ("Where is it?", "Your parcel", ())


def test_a_page_that_hides_everything_is_read() -> None:
    found = ticket("<body style='display:none'><p>My order is late.</p></body>")
    assert (found.body, found.flags) == ("My order is late.", (TicketFlag.HIDDEN_TEXT,))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>broken</p><img src='cid:x' alt='photo of the box'>", "broken [image: photo of the box]"),
        ("<p>thanks <img class=emoji alt='🙏'></p>", "thanks 🙏"),
        ("<p>seen</p><img alt='image001.png'><img alt=Logo><img alt=''><img><img alt='x y' width=1 height=1>", "seen"),
        ("<p>seen</p><div style='display:none'><img alt='hidden box'></div>", "seen"),
    ],
)
def test_a_picture_is_named(html: str, text: str) -> None:
    assert seen(html) == text


@pytest.mark.parametrize(
    "piece",
    [
        *("<p style='", "<div style='display:none'>", '<div style="a', "<td style='color:#fff'>x", "<li hidden>"),
        *("<style>.a{", "<style>@media x{", "<style>.a{}</style>", "<style><!--", "<!--<style>", "<span class=a id=b>"),
        *("<table><tr><td>", "<div style='color:rgb('>", "<div style='font:" + " 1" * 50 + "'>", "<img alt='"),
        "<style>" + ".a{display:none}" * 20 + "</style><p class=a>x",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        read_page(piece * times)
        return time.process_time() - started

    size = 120_000 // len(piece)
    short, long = (min(seconds(times) for _ in range(3)) for times in (size // 2, size))
    assert long < 3 * short + 0.02
