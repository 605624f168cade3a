from email import message_from_bytes

from hypothesis import given
from hypothesis import strategies as st

from producers.mail.message import MailTicket, read_mail
from producers.webhooks.inbound.assembled import MAX_FILLER, Attached, assemble, unfolded

HEADERS = [("From", "Ann <ann@example.net>"), ("Subject", "Hello"), ("Message-ID", "<m1@x>")]


def read(raw: bytes) -> MailTicket:
    found = read_mail(raw)
    assert isinstance(found, MailTicket)
    return found


def test_the_same_pieces_give_the_same_bytes() -> None:
    assert assemble(HEADERS, "a", "<p>a</p>") == assemble(HEADERS, "a", "<p>a</p>")
    assert assemble(HEADERS, "a", "") != assemble(HEADERS, "b", "")


def test_a_header_cannot_bring_another_one_or_a_body() -> None:
    evil = [("Subject", "a\r\nX-Evil: 1\r\n\r\nbody"), ("X-A: 1\r\nX-Evil", "2"), ("", "x"), ("X B", "y")]
    mail = message_from_bytes(assemble(evil, "text", ""))
    assert mail["X-Evil"] is None
    assert mail["Subject"] == "a X-Evil: 1 body"


def test_a_text_cannot_bring_another_part() -> None:
    first = assemble(HEADERS, "text", "")
    boundary = message_from_bytes(first).get_boundary()
    evil = f"text\r\n--{boundary}\r\nContent-Disposition: attachment; filename=evil\r\n\r\n"
    assert read(assemble(HEADERS, evil, "")).ticket.attachments == ()


def test_headers_of_the_old_packing_are_left_out() -> None:
    old = [*HEADERS, ("Content-Type", "text/html"), ("content-transfer-encoding", "base64"), ("MIME-Version", "2")]
    assert read(assemble(old, "plain words", "")).ticket.body == "plain words"


def test_a_name_of_a_file_keeps_its_letters() -> None:
    names = ["Größe.pdf", 'a"b.pdf', "a;b.pdf"]
    found = read(assemble(HEADERS, "see", "", [Attached(name, "application/pdf", b"1") for name in names]))
    assert found.ticket.attachments == tuple(f"{name} (application/pdf, 1 B)" for name in names)


def test_the_size_of_a_file_elsewhere_is_told_within_bounds() -> None:
    assert read(assemble(HEADERS, "see", "", [Attached("a", "a/b", size=2_000)])).ticket.attachments == (
        "a (a/b, 2.0 kB)",
    )
    assert len(assemble(HEADERS, "", "", [Attached("a", "a/b", size=10**15)] * 3)) < MAX_FILLER + 1_000


def test_broken_base64_is_a_file_of_about_that_size() -> None:
    assert Attached.from_base64("a", "a/b", "abcde").size == 3


def test_a_block_of_headers_is_unfolded() -> None:
    assert unfolded("A: 1\r\n\t2\nB:3\nno header\n") == [("A", "1 2"), ("B", "3")]


@given(
    st.lists(st.tuples(st.text(), st.text())),
    st.text(),
    st.text(),
    st.builds(Attached, st.text(), st.text(), st.binary(), st.integers(max_value=100)),
)
def test_any_pieces_make_a_mail(headers: list[tuple[str, str]], text: str, html: str, file: Attached) -> None:
    raw = assemble(headers, text, html, [file])
    assert read_mail(raw) is not None
