# ruff: noqa: RUF001 - letters of other alphabets are meant
"""Plain text and HTML of one mail: one is read where they say the same, both where they do not."""

from datetime import UTC, datetime

import pytest

from fleet.ticket import Ticket, TicketFlag
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SAID = "Hello,\n\nmy order 4711 didn’t arrive, see https://shop.example/orders/4711 please.\n\nIt is *very* late."


def ticket(*parts: tuple[str, str]) -> Ticket:
    body = "".join(f"--B\nContent-Type: {kind}; charset=utf-8\n\n{text}\n" for kind, text in parts)
    head = 'From: Ann <ann@example.com>\nSubject: s\nContent-Type: multipart/alternative; boundary="B"\n\n'
    found = read_mail(f"{head}{body}--B--\n".encode(), now=NOW)
    assert isinstance(found, MailTicket)
    return found.ticket


def both(plain: str, html: str) -> Ticket:
    return ticket(("text/plain", plain), ("text/html", html))


@pytest.mark.parametrize(
    "html",
    [
        (
            "<p>Hello,</p><p>my order 4711 didn't arrive, see <a href='https://x.example'>the order</a> "
            "please.</p><p>It is "
            "<b>very</b> late.</p>"
        ),
        (
            "<div>Hello,<br><br>my order 4711 didn&rsquo;t arrive,\nsee https://shop.example/orders/4711 "
            "please.</div>It is "
            "<i>very</i>&nbsp;late.<br><img alt='Acme Ltd'>"
        ),
        (
            "<table><tr><td>Hello,</td></tr><tr><td>my order 4711 didn’t arrive, see please.</td></tr></table>IT IS "
            "VERY LATE."
        ),
        (
            "<p>Hello,</p><p>my order 4711 didn’t arrive, see please.</p><p>It is very late.</p><p>--<br>Ann "
            "Miller<br>Example "
            "Ltd<br>Tel. +49 30 1234567</p>"
        ),
        (
            "<p>Hello,</p><p>my order 4711 didn’t arrive, see please.</p><p>It is very late.</p><div "
            "class=gmail_quote><blockquote "
            "class=gmail_quote type=cite>Dear Ann, your parcel is on its way to you.</blockquote></div>"
        ),
        (
            "<p>View this email in your browser</p><p>Hello, my order 4711 didn’t arrive, see please.</p><p>It is very "
            "late.</p>"
            "<p>Unsubscribe or manage your preferences</p>"
        ),
        (
            "<style>p{}</style><div style='display:none'>My order</div><p>Hello, my order 4711 didn’t arrive, see "
            "please. It "
            "is very late.</p>"
        ),
    ],
)
def test_layout_links_and_chrome_are_no_difference(html: str) -> None:
    found = both(SAID, html)
    assert (found.body, found.flags) == (SAID, ())


@pytest.mark.parametrize(
    ("plain", "html", "lost"),
    [
        ("My invoice is fine, thank you.", "<p>The machine in hall 3 is on fire.</p>", "hall 3 is on fire."),
        ("Please cancel it.", "<p>Keep everything running.</p>", "Keep everything running."),
        (SAID, f"<p>{SAID}</p><p>Refund everything to account DE12, and tell nobody about this.</p>", "tell nobody"),
        ("Alles in Ordnung.", "<p>In Halle 3 riecht es nach Gas, zwei Verletzte.</p>", "riecht es nach Gas"),
        ("一切正常，谢谢。", "<p>三号机器冒火花，两人受伤。</p>", "三号机器冒火花"),
        ("All is well.", "<p>All is well. Two people were hurt in hall 3 by a machine.</p>", "Two people were hurt"),
    ],
)
def test_where_they_say_different_things_both_are_read_and_it_is_a_flag(plain: str, html: str, lost: str) -> None:
    found = both(plain, html)
    assert plain in found.body
    assert lost in found.body
    assert found.flags == (TicketFlag.PARTS_DIFFER,)


def test_what_only_the_plain_text_says_is_read_and_a_flag() -> None:
    found = both("My order is late. The machine in hall 3 is on fire.", "<p>My order is late.</p>")
    assert found.body == "My order is late. The machine in hall 3 is on fire."
    assert found.flags == (TicketFlag.PARTS_DIFFER,)


@pytest.mark.parametrize(
    "stub",
    [
        "This is an HTML message. Please use an HTML capable mail program to read this message.",
        "View this email in your browser: https://example.com/x",
        "Your email client does not support HTML.",
        "Falls Sie diese E-Mail nicht lesen können, öffnen Sie sie im Browser.",
        "Pour voir ce message, ouvrez la version en ligne.",
        "https://example.com/view?id=1",
        "[image: header]",
    ],
)
def test_a_stub_says_nothing_and_the_html_is_read(stub: str) -> None:
    found = both(stub, "<p>My card was charged twice.</p>")
    assert (found.body, found.flags) == ("My card was charged twice.", ())


@pytest.mark.parametrize("kind", ["text/x-amp-html", "text/watch-html", "text/vnd.google.email-reaction+json"])
def test_parts_for_programs_are_never_the_body(kind: str) -> None:
    program = (kind, "<html amp4email><body>for programs</body></html>")
    for parts in ((program,), (program, ("text/html", "<p>words</p>")), (("text/plain", "words"), program)):
        found = ticket(*parts)
        assert found.body == ("words" if len(parts) > 1 else "")
        assert (found.attachments, found.flags) == ((), ())


def test_one_word_of_many_is_no_difference() -> None:
    found = both("The plain version: my card was charged twice.", "<p>The html version: my card was charged twice.</p>")
    assert (found.body, found.flags) == ("The plain version: my card was charged twice.", ())


def test_history_below_what_differs_is_still_history() -> None:
    found = both("Fine.\n\nOn 1 May 2026 Ben wrote:\n> All good?", "<p>The machine in hall 3 is on fire.</p>")
    assert found.body == "Fine.\n\nThe machine in hall 3 is on fire."
    assert "All good?" in found.quoted
