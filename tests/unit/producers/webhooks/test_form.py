import tracemalloc
from urllib.parse import quote_from_bytes, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import InvalidTicketError
from producers.webhooks.request.form import MAX_PARTS, read_form
from tests.servers.webhook_sender import multipart

URLENCODED = "application/x-www-form-urlencoded"


def test_an_urlencoded_form_is_read_with_its_empty_and_repeated_fields() -> None:
    found = read_form(URLENCODED, b"a=1+2&b=&a=%C3%BC\r\n")
    assert [(part.name, part.value) for part in found.fields] == [("a", b"1 2"), ("b", b""), ("a", b"\xc3\xbc")]
    assert found.text("a") == "1 2"
    assert "b" in found
    assert "c" not in found


@given(st.binary(), st.binary())
def test_what_was_quoted_comes_back(name: bytes, value: bytes) -> None:
    (part,) = read_form(URLENCODED, f"a{quote_plus(name)}={quote_from_bytes(value)}".encode()).fields
    assert part.value == value
    assert part.name.startswith("a")


@pytest.mark.parametrize("written", [b"100%", b"%zz", b"%4", b"%", b"%%41"])
def test_what_was_quoted_wrongly_does_no_harm(written: bytes) -> None:
    assert "a" in read_form(URLENCODED, b"a=" + written)


def test_a_value_of_percent_signs_costs_no_more_than_its_size() -> None:
    body = b"a=" + b"%41" * 300_000
    tracemalloc.start()
    try:
        assert read_form(URLENCODED, body).raw("a") == b"A" * 300_000
        assert tracemalloc.get_traced_memory()[1] < 8 * len(body)
    finally:
        tracemalloc.stop()


def test_letters_are_read_as_their_provider_says() -> None:
    assert read_form(URLENCODED, b"a=%E4").text("a", "iso-8859-1") == "ä"
    assert read_form(URLENCODED, "a=ä".encode()).text("a") == "ä"


def test_a_multipart_form_parts_fields_from_files() -> None:
    request = multipart("/", {"text": "line\r\n\r\n--edgy\r\nline"}, {"a.pdf": b"%PDF\r\n\0"})
    found = read_form(request.headers["content-type"], request.body)
    assert found.text("text") == "line\r\n\r\n--edgy\r\nline"
    (file,) = found.files
    assert (file.name, file.file_name, file.kind, file.value) == (
        "attachment1",
        "a.pdf",
        "application/pdf",
        b"%PDF\r\n\0",
    )


def test_a_part_may_say_its_letters() -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=latin-1\r\n\r\n'
    body = head + b"\xe4\r\n--x--"
    assert read_form("multipart/form-data; boundary=x", body).text("a") == "ä"


def test_a_form_that_does_not_say_its_boundary_is_read_by_its_first_line() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n--x--'
    assert read_form("", body).text("a") == "value"


@pytest.mark.parametrize("body", [b"no parts", b"--x\r\nno header\r\n\r\n"])
def test_a_broken_multipart_form_is_told(body: bytes) -> None:
    with pytest.raises(InvalidTicketError, match="multipart"):
        read_form("multipart/form-data; boundary=x", body)


@pytest.mark.parametrize("body", [b"--x\r\nA: b", b""])
def test_of_a_form_that_is_cut_off_what_is_complete_is_read(body: bytes) -> None:
    assert read_form("multipart/form-data; boundary=x", body).fields == ()


def test_too_many_fields_are_told() -> None:
    with pytest.raises(InvalidTicketError, match="fields"):
        read_form(URLENCODED, b"a=1&" * MAX_PARTS + b"a=1")
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    with pytest.raises(InvalidTicketError, match="parts"):
        read_form("multipart/form-data; boundary=x", part * (MAX_PARTS + 1) + b"--x--")
