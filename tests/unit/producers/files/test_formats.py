import pytest

from producers.files.formats import Format, format_of, looks_like_mail

MAIL = b"Received: by x\r\n\tid 1\r\nSubject: Help\r\n\r\nwords\r\n"


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("a.jsonl", b"not json", Format.JSONL),
        ("A.CSV", b"", Format.CSV),
        ("a.tsv", b"", Format.CSV),
        ("a.mbox", b"", Format.MBOX),
        ("Inbox", b"From a@b Tue Nov 24 08:00:00 2026\n" + MAIL, Format.MBOX),
        ("a.eml", b"From a@b Tue Nov 24 08:00:00 2026\n" + MAIL, Format.EML),
        ("a.msg", b"no headers", Format.EML),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", Format.UNKNOWN),
        ("m0001", MAIL, Format.EML),
        ("a.txt", MAIL, Format.EML),
        ("a.txt", b"\xef\xbb\xbf\n" + MAIL, Format.EML),
        ("a.txt", b"Hello:\nmy printer is broken\n", Format.TEXT),
        ("a.txt", b"Hi,\n\nFrom: is what it says\n", Format.TEXT),
        ("a.txt", b"From here on it is broken: always.\n", Format.TEXT),
        ("a.txt", b"Gr\xfc\xdfe", Format.TEXT),
        ("a.txt", b"\0\1\2", Format.UNKNOWN),
        ("a.txt", b"BEGIN:VCALENDAR\r\n", Format.ICS),
        ("a.ics", b"", Format.ICS),
        ("a.htm", b"words", Format.HTML),
        ("a", b"  <!DOCTYPE html>", Format.HTML),
        ("a.txt", b"HTTP/1.1 200 OK\r\nHost: x\r\n\r\n", Format.HTTP),
        ("a.txt", b"POST /mail HTTP/1.1\r\nHost: x\r\n\r\n", Format.HTTP),
        ("a.dat", b' {"text": "a"}', Format.JSONL),
        ("a.pdf", b"%PDF-1.7", Format.UNKNOWN),
    ],
)
def test_the_format_is_told_by_ending_then_by_content(name: str, start: bytes, kind: Format) -> None:
    assert format_of(name, start) is kind


@pytest.mark.parametrize("start", [b"Subject: a", b"X-Any: a\nB: c\n\nd", b"B: c\nTo: d\n"])
def test_a_mail_begins_with_headers_of_which_one_is_known(start: bytes) -> None:
    assert looks_like_mail(start)
