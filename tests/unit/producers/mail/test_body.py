from datetime import UTC, datetime

import pytest

from fleet.ticket import MAX_TEXT_BYTES, Ticket
from producers.mail.message import MailTicket, read_mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = "From: Ann <ann@example.com>\nSubject: Help\nMessage-ID: <m1@example.com>\nMIME-Version: 1.0\n"
PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>html <b>words</b>"
INNER = "Content-Type: message/rfc822\n\nSubject: inner\n\ninner words"


def made(text: str | bytes) -> MailTicket:
    found = read_mail(text if isinstance(text, bytes) else text.encode(), now=NOW)
    assert isinstance(found, MailTicket), found
    return found


def ticket(text: str | bytes) -> Ticket:
    return made(text).ticket


def multipart(*parts: str, kind: str = "mixed", boundary: str = "B") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}--\n'


def mixed(*parts: str, kind: str = "mixed") -> str:
    return HEAD + multipart(*parts, kind=kind)


def test_parts_that_are_no_alternatives_are_read_one_after_the_other() -> None:
    footer = "Content-Type: text/plain\n\na list's footer"
    assert ticket(mixed(HTML, footer)).body == "html words\n\na list's footer"


def test_a_text_that_comes_twice_is_read_once() -> None:
    again = "Content-Type: text/html\n\n<p>plain <b>words</b>"
    assert ticket(mixed(PLAIN, again)).body == "plain words"


def test_pictures_inside_alternatives_are_listed() -> None:
    related = multipart(HTML, "Content-Type: image/png; name=a.png\n\nxx", kind="related", boundary="R")
    found = ticket(mixed(PLAIN, related, kind="alternative"))
    assert (found.body, found.attachments) == ("plain words", ("a.png (image/png, 2 B)",))


@pytest.mark.parametrize("own", ["FYI", "Hi Ben,\nsee below", "It fails since Monday, as the customer below says."])
def test_a_message_that_is_attached_is_forwarded_beside_its_writers_words(own: str) -> None:
    found = ticket(mixed(f"Content-Type: text/plain\n\n{own}", INNER))
    assert (found.body, found.forwarded) == (own, "Subject: inner\n\ninner words")


@pytest.mark.parametrize("own", ["", "Kind regards,\nAnn", "-- \nAnn"])
def test_a_message_that_is_attached_speaks_for_a_writer_who_says_nothing(own: str) -> None:
    found = ticket(mixed(f"Content-Type: text/plain\n\n{own}", INNER))
    assert (found.body, found.forwarded) == ("Subject: inner\n\ninner words", "")
    assert found.signature == own.replace("-- ", "--")


def test_a_digest_is_all_its_messages() -> None:
    found = ticket(mixed("\nSubject: a\n\nfirst", "\nSubject: b\n\nsecond", kind="digest"))
    assert found.body == "Subject: a\n\nfirst\n\nSubject: b\n\nsecond"


def test_a_forwarded_message_that_was_encoded_is_decoded() -> None:
    inner = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKaW5uZXIgd29yZHM="
    assert ticket(mixed(inner)).body == "Subject: x\n\ninner words"


def test_the_pieces_of_a_partial_message_speak_where_they_are_words() -> None:
    first = f"{HEAD}Content-Type: message/partial; id=x; number=1; total=2\n\nSubject: x\n\nfirst words"
    second = f"{HEAD}Content-Type: message/partial; id=x; number=2; total=2\n\nAAAABBBB"
    assert ticket(first).body == "first words"
    assert ticket(second).body == ""
    assert ticket(second.replace("AAAABBBB", "second half")).body == "second half"


def test_flowed_lines_are_joined() -> None:
    head = f"{HEAD}Content-Type: text/plain; format=flowed"
    assert ticket(f"{head}\n\none \ntwo\n three\n-- \nAnn").body == "one two\nthree"
    assert ticket(f"{head}; delsp=yes\n\none \ntwo").body == "onetwo"
    assert ticket(f"{head}\n\n> a \n> b\nmine").body == "> a b\nmine"


def test_uuencoded_files_are_attachments() -> None:
    found = ticket(f"{HEAD}\nsee this\n\nbegin 644 cat.gif\nM1TE&.#EA*0`I`/<`````\n`\nend\n\nthanks")
    assert found.body == "see this\n\n\nthanks"
    assert found.attachments == ("cat.gif (application/octet-stream, 45 B)",)


def test_a_text_that_begins_like_uuencode_is_a_text() -> None:
    assert ticket(f"{HEAD}\nbegin 644 steps\nnow do this\nend").body == "begin 644 steps\nnow do this\nend"


@pytest.mark.parametrize(
    ("size", "readable"), [(999, "999 B"), (1_000, "1.0 kB"), (12_345, "12.3 kB"), (2_500_000, "2.5 MB")]
)
def test_sizes_are_readable(size: int, readable: str) -> None:
    part = f"Content-Type: application/pdf; name=a.pdf\n\n{'x' * size}"
    assert ticket(mixed(PLAIN, part)).attachments == (f"a.pdf (application/pdf, {readable})",)


def test_names_are_decoded_and_cannot_turn_round() -> None:
    part = 'Content-Type: application/pdf; name="=?utf-8?q?r=C3=A9_=E2=80=AEfdp.exe?="\n\nx'
    assert ticket(mixed(PLAIN, part)).attachments == ("ré fdp.exe (application/pdf, 1 B)",)


def test_more_attachments_than_a_ticket_holds_are_counted() -> None:
    parts = ["Content-Type: image/png\n\nx"] * 150
    found = ticket(mixed(PLAIN, *parts)).attachments
    assert len(found) == 100
    assert found[-1] == "… and 51 more"


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_long_text_is_cut_in_the_middle_and_says_so(kind: str) -> None:
    found = ticket(f"{HEAD}Content-Type: {kind}\n\nfirst {'ä ' * 100_000} last")
    assert len(found.body.encode()) <= MAX_TEXT_BYTES
    assert found.body.startswith("first")
    assert found.body.endswith("last")
    assert "characters were left out here …]" in found.body


def test_long_history_and_signatures_are_cut_too() -> None:
    quoted = "> old words\n" * 20_000
    signature = "This e-mail is confidential and intended solely for the addressee. " * 200
    found = ticket(f"{HEAD}\nHello\n\nOn 1 Jan 2024 Ben wrote:\n{quoted}\n{signature}")
    assert found.body == "Hello"
    assert "left out" in found.quoted
    assert "left out" in found.signature


def test_a_long_forwarded_message_leaves_room_for_history() -> None:
    inner = f"Content-Type: message/rfc822\n\nSubject: inner\n\n{'inner words ' * 10_000}"
    own = f"Content-Type: text/plain\n\nHello\n\nOn 1 Jan 2024 Ben wrote:\n{'> old words' * 2_000}"
    found = ticket(mixed(own, inner))
    assert found.body == "Hello"
    assert len(found.forwarded) > 40_000
    assert "left out" in found.forwarded
    assert 8_000 < len(found.quoted.encode()) <= 8 * 1024


def test_what_a_report_returns_was_sent_and_not_forwarded() -> None:
    found = ticket(mixed("Content-Type: text/plain\n\nNot delivered.", INNER, kind="report"))
    assert (found.body, found.forwarded) == ("Not delivered.", "")


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("gb2312", "繁體 中文 words".encode("gb18030")),
        ("iso-8859-1", "café words".encode()),
        ("us-ascii", "café words".encode("cp1252")),
        ("ks_c_5601-1987", "한국어 words".encode("cp949")),
        ("utf-8", "café words".encode("cp1252")),
    ],
)
def test_what_a_charsets_name_means_is_decoded(charset: str, raw: bytes) -> None:
    found = ticket(f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode() + raw).body
    assert "words" in found
    assert "\N{REPLACEMENT CHARACTER}" not in found


def test_an_unknown_charset_is_guessed() -> None:
    raw = ("Здравствуйте, мой заказ не пришёл, помогите мне пожалуйста. " * 5).encode("koi8-r")
    found = ticket(f"{HEAD}Content-Type: text/plain; charset=x-odd\n\n".encode() + raw).body
    assert "заказ" in found


def test_the_same_message_by_another_way_has_the_same_key() -> None:
    for head in (HEAD, HEAD.replace("Message-ID", "X-Other")):
        first = made(f"Received: from a by b\nDelivered-To: x\n{head}\nwords\nmore\n").key
        second = made(f"Return-Path: <>\nReceived: from c by d\n{head}\nwords\nmore".replace("\n", "\r\n")).key
        assert first == second != made(f"{head}\nother words").key


def test_outlooks_index_joins_what_has_lost_its_references() -> None:
    root = "AQHV" + "A" * 26 + "=="  # 22 bytes
    reply = "AQHV" + "A" * 32  # 27 bytes
    assert ticket(f"{HEAD}Thread-Index: {root}\n\nx").conversation == "<m1@example.com>"
    found = ticket(f"{HEAD}Thread-Index: {reply}\n\nx").conversation
    assert found.startswith("thread-index:")
    assert ticket(f"Thread-Index: {root}\nSubject: s\n\nx").conversation == found
    assert ticket(f"{HEAD}In-Reply-To: <a@x>\nThread-Index: {reply}\n\nx").conversation == "<a@x>"
