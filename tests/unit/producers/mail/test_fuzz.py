from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from producers.mail.invitation import read_calendar
from producers.mail.message import UNREADABLE, MailTicket, read_mail
from producers.mail.text_file import read_text_body
from producers.rejection import Rejected

_CHARSETS = ("utf-8", "us-ascii", "iso-2022-jp", "utf-16", "koi8-r", "nonsense", "idna", "rot13", "a\\0b", "")
_ENCODINGS = ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "nonsense")
_KINDS = ("mixed", "alternative", "related", "report", "signed", "digest", "nonsense")
_HEADERS = (
    *("From", "Subject", "Date", "References", "Return-Path", "Auto-Submitted", "List-Id", "Thread-Index", "Reply-To"),
    *("Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Precedence", "X-Odd", "Received"),
)
_VALUES = st.text(max_size=30) | st.sampled_from(
    [
        "<>",
        "=?utf-8?b?x?=",
        "=?x?q?=ff?=",
        "multipart/mixed",
        "message/rfc822",
        "attachment; filename*=x'y",
        "text/html;;=",
        "base64",
    ]
)
_SEEN = "Visible words here."

_texts = st.builds(
    lambda kind, charset, encoding: (
        f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n{_SEEN}"
    ),
    st.sampled_from(["plain", "html", "enriched"]),
    st.sampled_from([name for name in _CHARSETS if name != "utf-16"]),
    st.sampled_from(["7bit", "8bit", "quoted-printable", "nonsense"]),
)
_others = st.sampled_from(
    [
        "Content-Type: image/png; name=a.png\n\nxx",
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nattached",
        "Content-Type: text/plain\n\n ",
        "Content-Type: text/html\n\n<p>&nbsp;</p>",
        "Content-Type: text/calendar\n\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT",
        "Content-Type: message/delivery-status\n\nAction: failed",
    ]
)


@st.composite
def _multiparts(draw: Callable[..., object], inner: st.SearchStrategy[str]) -> str:
    parts = [*draw(st.lists(_others, max_size=2)), draw(inner), *draw(st.lists(_others, max_size=2))]  # type: ignore[misc]
    boundary = f"b{draw(st.integers(0, 10**9))}"
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{draw(st.sampled_from(_KINDS[:4]))}; boundary={boundary}\n\n{body}--{boundary}--\n"


def _trees() -> st.SearchStrategy[str]:
    return st.recursive(
        _texts,
        lambda inner: _multiparts(inner) | inner.map(lambda text: f"Content-Type: message/rfc822\n\n{text}"),
        max_leaves=6,
    )


_heads = st.lists(st.tuples(st.sampled_from(_HEADERS), _VALUES), max_size=6).map(
    lambda pairs: "".join(f"{name}: {value}\n" for name, value in pairs)
)


def _check(raw: bytes) -> None:
    found = read_mail(raw)
    assert isinstance(found, (MailTicket, Rejected))
    assert not (isinstance(found, Rejected) and UNREADABLE in found.reason)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    _check(raw)
    assert isinstance(read_text_body(raw, is_html=False), (MailTicket, Rejected))
    assert isinstance(read_text_body(raw, is_html=True), (MailTicket, Rejected))
    assert isinstance(read_calendar(b"BEGIN:VEVENT\n" + raw), (MailTicket, Rejected))


@settings(max_examples=200)
@given(_trees())
def test_where_a_text_part_has_words_the_body_has_them(tree: str) -> None:
    found = read_mail(f"From: a@example.com\n{tree}".encode())
    assert isinstance(found, MailTicket)
    assert found.ticket.body


@settings(max_examples=200)
@given(_heads, _trees(), st.integers(0, 2_000), st.integers(0, 2_000), st.binary(max_size=4))
def test_mail_that_was_cut_and_spoiled_never_raises(head: str, tree: str, cut: int, at: int, junk: bytes) -> None:
    raw = (head + tree).encode("utf-8", "surrogateescape")
    _check(raw[:cut] if cut < len(raw) else raw)
    _check(raw[:at] + junk + raw[at:])


@given(st.sampled_from(_CHARSETS), st.sampled_from(_ENCODINGS), st.binary(max_size=100))
def test_no_charset_and_no_encoding_makes_it_raise(charset: str, encoding: str, body: bytes) -> None:
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    _check(head.encode() + body)
