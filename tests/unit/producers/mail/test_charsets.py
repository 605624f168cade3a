"""Bare bytes in headers, encoded words cut in two, boundaries folded inside their quotes."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from datetime import UTC, datetime

import pytest

from fleet.ticket import Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail
from producers.mail.mime.words import decoded

NOW = datetime(2026, 6, 1, tzinfo=UTC)

WRITTEN = {
    "koi8-r": ("Заказ не пришёл", "Здравствуйте, мой заказ до сих пор не пришёл. Верните деньги."),
    "windows-1251": ("Заказ не пришёл", "Здравствуйте, мой заказ до сих пор не пришёл. Верните деньги."),
    "iso-8859-5": ("Заказ не пришёл", "Здравствуйте, мой заказ до сих пор не пришёл. Верните деньги."),
    "gb18030": ("退款申请：订单没有收到", "您好，我的订单已经三个星期没有收到，请退款。谢谢。"),
    "gb2312": ("退款申请：订单没有收到", "您好，我的订单已经三个星期没有收到，请退款。谢谢。"),
    "big5": ("訂單沒有收到", "您好，我的訂單已經三個星期沒有收到，請退款。謝謝。"),
    "shift_jis": ("注文が届きません", "お世話になります。三週間前に注文した商品がまだ届きません。"),
    "euc-jp": ("注文が届きません", "お世話になります。三週間前に注文した商品がまだ届きません。"),
    "iso-2022-jp": ("注文が届きません", "お世話になります。三週間前に注文した商品がまだ届きません。"),
    "euc-kr": ("주문이 도착하지 않았습니다", "안녕하세요. 3주 전에 주문한 상품이 아직 도착하지 않았습니다."),
    "iso-8859-2": ("Příliš vysoká faktura", "Dobrý den, faktura je příliš vysoká. Děkuji."),
    "windows-1250": ("Zażalenie na fakturę", "Dzień dobry, faktura jest za wysoka. Dziękuję."),
    "windows-1253": ("Η παραγγελία δεν ήρθε", "Καλημέρα σας, η παραγγελία μου δεν έχει έρθει ακόμα."),
    "windows-1254": ("Siparişim gelmedi", "Merhaba, siparişim hâlâ gelmedi. Teşekkürler."),
    "windows-1255": ("ההזמנה לא הגיעה", "שלום, ההזמנה שלי עדיין לא הגיעה. אני רוצה החזר כספי בבקשה."),
    "windows-1256": ("الطلب لم يصل", "مرحبا، طلبي لم يصل بعد منذ ثلاثة أسابيع. أريد استرداد المال."),
    "tis-620": ("สินค้ายังไม่มา", "สวัสดีครับ สินค้าที่สั่งยังไม่มาถึง กรุณาคืนเงินด้วยครับ"),
    "iso-8859-1": ("Müllgebühr", "Guten Tag, die Gebühr für den Müll ist zu hoch. Schöne Grüße"),
}


def ticket(raw: bytes) -> Ticket:
    found = read_mail(raw, now=NOW)
    assert isinstance(found, MailTicket)
    return found.ticket


def mail(subject: str, body: str, charset: str, named: str, *, name: str = "Ann") -> bytes:
    head = f"From: {name} <ann@example.com>\nSubject: {subject}\nContent-Type: text/plain{named}\n\n{body}"
    return head.encode(charset)


@pytest.mark.parametrize("charset", WRITTEN)
def test_bare_headers_are_in_the_charset_of_their_mail(charset: str) -> None:
    subject, body = WRITTEN[charset]
    found = ticket(mail(subject, body, charset, f"; charset={charset}", name=subject[:5]))
    assert (found.subject, found.body) == (subject, body)
    assert found.sender == f"{subject[:5].strip()} <ann@example.com>"


@pytest.mark.parametrize("charset", WRITTEN)
def test_bare_headers_are_in_the_charset_that_a_part_names(charset: str) -> None:
    subject, body = WRITTEN[charset]
    part = f"--B\nContent-Type: text/html; charset={charset}\n\n<p>{body}</p>\n--B--\n"
    head = f"From: a@example.com\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=B\n\n"
    raw = f"{head}{part}".encode(charset)
    assert ticket(raw).subject == subject


def test_bare_headers_may_be_utf_8_whatever_the_text_is_in() -> None:
    raw = "From: Mára <a@example.com>\nSubject: Příliš vysoká\n".encode()
    raw += "Content-Type: text/plain; charset=iso-8859-2\n\nPříliš vysoká.".encode("iso-8859-2")
    assert (ticket(raw).subject, ticket(raw).body) == ("Příliš vysoká", "Příliš vysoká.")


@pytest.mark.parametrize(
    "charset", ["windows-1251", "koi8-r", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1256"]
)
@pytest.mark.parametrize("named", ["", "; charset=us-ascii", "; charset=utf-8", "; charset=x-unknown"])
def test_where_no_charset_is_named_headers_and_text_are_guessed_together(charset: str, named: str) -> None:
    subject, body = WRITTEN[charset]
    found = ticket(mail(subject, body, charset, named))
    assert (found.subject, found.body) == (subject, body)


def test_a_page_names_the_charset_of_its_mail() -> None:
    html = "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'><p>Где мой заказ?"
    found = ticket(f"Subject: Заказ\nContent-Type: text/html\n\n{html}".encode("koi8-r"))
    assert (found.subject, found.body) == ("Заказ", "Где мой заказ?")


def test_few_western_bytes_are_western() -> None:
    assert ticket("Subject: café\n\ncafé".encode("cp1252")).subject == "café"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?caf=C3=A9?= =?utf-8?q?_noir?=", "café noir"),
        ("=?utf-8?B?w6k=?=\n =?utf-8?B?w6g=?=", "éè"),
        ("=?utf-8?B?w?= =?utf-8?B?6k=?=", "é"),
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),
        ("=?utf-8?q?caf=C3=A9", "café"),
        ("=?utf-8?q?caf=C3=A9 and more", "café and more"),
        ("=?utf-8?q?caf=C3=A9?", "café"),
        ("=?utf-8?b?Y2Fmw6k", "café"),
        ("=?utf-8?b?Y2Fmw6k more", "café more"),
        ("=?utf-8?q?one?= two =?utf-8?q?three?=", "one two three"),
        ("a=?utf-8?q?b?=c", "abc"),
        ("=?utf-8?q?What?=3F?=", "What??"),
        ("=?utf-8*en?q?caf=C3=A9?=", "café"),
        ("=?iso-8859-1?q?caf=E9?= =?utf-8?q?_=E2=82=AC?=", "café €"),
        ("=?x-odd?q?caf=C3=A9?=", "café"),
        ("=?utf-8?q?a b c?=", "a b c"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ("=?utf-8?q?=ZZ?=", "=ZZ"),
        ('"=?utf-8?q?J=C3=B6rg?=" <j@example.com>', '"Jörg" <j@example.com>'),
    ],
)
def test_encoded_words_are_read_whole_or_cut(raw: str, text: str) -> None:
    assert decoded(raw) == text


@pytest.mark.parametrize("word", ["=?UTF-8?Q?h=C3=A9ll=C3=B8", "=?utf-8?q?h=C3=A9ll=C3=B8"])
@pytest.mark.parametrize("blank", ["", "\n"])
def test_an_encoded_word_that_other_headers_cut_is_whole_and_they_stay_headers(word: str, blank: str) -> None:
    head = f"Subject: {word}\nFrom: ann@example.com\n{blank}w=C3=B8rld?=\n =?UTF-8?Q?_fo=C3=B8?=\n"
    found = ticket(
        f"To: us@acme.example\n{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nIt fails.".encode()
    )
    assert (found.subject, found.sender, found.body) == ("héllø wørld foø", "ann@example.com", "It fails.")


def test_a_text_that_begins_like_the_end_of_a_word_is_a_text() -> None:
    text = "Subject: =?UTF-8?Q?caf=C3=A9\nFrom: ann@example.com\n\nx?= 3\nThat is what I see."
    assert ticket(text.encode()).body == "x?= 3\nThat is what I see."


@pytest.mark.parametrize("fold", ["\n ", "\r\n\t", "\n  "])
@pytest.mark.parametrize("kept", [" ", "", "\t", "  "])
def test_a_boundary_that_is_folded_inside_its_quotes_is_a_boundary(fold: str, kept: str) -> None:
    line = f"--one{kept}two"
    parts = f"{line}\nContent-Type: text/plain\n\nwords\n{line}\nContent-Type: image/png; name=a.png\n\nx\n{line}--\n"
    head = f'Subject: s\nContent-Type: multipart/mixed; boundary="one{fold}two"\n\npreamble\n'
    if kept not in ("", " ") and kept != fold.lstrip("\r\n"):
        return
    found = ticket((head + parts).encode())
    assert (found.body, found.attachments) == ("words", ("a.png (image/png, 1 B)",))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("filename*=utf-8''r%C3%A9sum%C3%A9.txt", "résumé.txt"),
        ("filename*0*=utf-8''r%C3%A9;\n filename*1*=sum%C3%A9.txt", "résumé.txt"),
        ('filename*0="one "; filename*1="two.txt"', "one two.txt"),
        ('filename="=?utf-8?q?r=C3=A9sum=C3=A9.txt?="', "résumé.txt"),
        ('filename="=?utf-8?B?csOpc3Vtw6kudHh0?="', "résumé.txt"),
        ('filename="=?utf-8?q?r=C3=A9sum?=\n =?utf-8?q?=C3=A9.txt?="', "résumé.txt"),
        ('filename="=?utf-8?q?r=C3=A9sum=C3=A9.txt"', "résumé.txt"),
        ('filename="one\n two.txt"', "one two.txt"),
    ],
)  # fmt: skip
def test_names_of_files_are_read_however_they_are_encoded(name: str, read: str) -> None:
    part = f"--B\nContent-Type: application/pdf\nContent-Disposition: attachment; {name}\n\nx\n"
    found = ticket(f"Subject: s\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nwords\n{part}--B--\n".encode())
    assert found.attachments == (f"{read} (application/pdf, 1 B)",)
