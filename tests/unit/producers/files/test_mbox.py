import io
import mailbox
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.files import mbox
from producers.files.mbox import Message, read_mbox
from producers.rejection import Rejected

FROM = b"From ann@example.com Tue Nov 24 08:00:00 2026\n"


def read(raw: bytes) -> list[Message | Rejected]:
    return list(read_mbox(io.BufferedReader(io.BytesIO(raw))))


def bodies(raw: bytes) -> list[bytes]:
    return [message.raw.split(b"\n\n", 1)[1] for message in read(raw) if isinstance(message, Message)]


def test_messages_are_parted_with_the_line_they_begin_at() -> None:
    found = read(FROM + b"Subject: a\n\none\n\n" + FROM + b"Subject: b\n\ntwo\n")
    assert found == [Message(1, b"Subject: a\n\none\n"), Message(6, b"Subject: b\n\ntwo")]


def test_from_in_a_text_is_no_separator() -> None:
    raw = FROM + b"Subject: a\n\nhello\n\nFrom here on it is broken.\nFrom x Tue Nov 24 08:00:00 2026\n\nbye\n"
    assert len(read(raw)) == 1


def test_quoted_lines_lose_one_mark() -> None:
    assert bodies(FROM + b"A: b\n\n>From me\n>>From you\n> From them\n\n") == [b"From me\n>From you\n> From them\n"]


@pytest.mark.parametrize(
    "line", [b"From - Tue Nov 24 08:00:00 2026\n", b"From nobody\n", b"From a@b 24 Nov 2026 08:00\r\n"]
)
def test_separators_of_other_writers_are_known(line: bytes) -> None:
    assert len(read(line + b"A: b\n\none\n\n" + line + b"A: c\n\ntwo\n")) == 2


HEADERS = b"X-GM-THRID: 1\nReceived: by x;\n Tue, 24 Nov 2026\nSubject: s\n\n"


@pytest.mark.parametrize("line", [FROM, b"From \n", b"From - \n", b"From -\r\n", b"From x@y 2026-11-24 08:00\n"])
def test_messages_without_a_blank_line_between_are_parted_where_the_headers_of_a_mail_follow(line: bytes) -> None:
    assert bodies(line + HEADERS + b"one\n" + line + HEADERS + b"two\n") == [b"one", b"two"]


@pytest.mark.parametrize(
    "text",
    [
        b"From my end:\nNote: it fails\nDate: unknown\n",
        b"From here on\nDate: today\n",
        b"From Monday 10:00 until June 2026 we are closed\nPlease wait\n",
        b"\nFrom Monday 10:00 until June 2026 we are closed\nPlease wait\n",
        b"\nFrom my desk\nNote: it fails\nReason: none\n",
        b"\nFrom john.doe@example.com 2026-06-15\nis a line too.\n",
        b"From ann@example.com Tue Nov 24 08:00:00 2026\nI see this line in the log\n",
    ],
)
def test_sentences_that_begin_with_from_stay_text(text: bytes) -> None:
    assert bodies(FROM + HEADERS + b"one\n" + text) == [(b"one\n" + text).removesuffix(b"\n")]


def test_lines_that_look_like_separators_and_are_text_are_told() -> None:
    told: list[int] = []
    raw = FROM + b"A: b\n\nin the log:\n" + FROM + b"and no more\n"
    assert len(list(read_mbox(io.BufferedReader(io.BytesIO(raw)), told.append))) == 1
    assert told == [5]


def test_a_separator_at_the_edge_of_the_buffer_is_known() -> None:
    for size in range(16, 90):
        file: Any = io.BufferedReader(io.BytesIO(b"From \n" + HEADERS + b"one\n\nFrom nobody\nA: b\n\ntwo\n"), size)
        assert len(list(read_mbox(file))) == 2


def test_a_hostile_separator_costs_time_in_proportion_only() -> None:
    began = time.process_time()
    read((b"From " + b"1:11 " * 12_000 + b"\n\n") * 20)
    assert time.process_time() - began < 1


def test_a_content_length_is_not_believed() -> None:
    raw = FROM + b"Content-Length: 99999\n\none\n\n" + FROM + b"Content-Length: 1\n\ntwo\n"
    assert bodies(raw) == [b"one\n", b"two"]


def test_a_message_that_is_too_large_is_rejected_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "MAX_MAIL_BYTES", 1_000)
    rejected, message = read(FROM + b"A: b\n\n" + b"x" * 100_000 + b"\n\n" + FROM + b"A: c\n\ntwo\n")
    assert isinstance(rejected, Rejected)
    assert (rejected.line, message.line) == (1, 6)


def test_what_stands_before_the_first_separator_is_read_too_and_an_empty_file_is_nothing() -> None:
    assert len(read(b"Subject: a\n\none\n\n" + FROM + b"A: c\n\ntwo\n")) == 2
    assert read(b"") == read(b"\n\n") == []
    assert [type(found) for found in read(FROM + b"\n" + FROM + b"A: b\n\nc\n")] == [Rejected, Message]


@given(st.binary(max_size=400))
def test_any_bytes_are_answered_and_never_raised(raw: bytes) -> None:
    assert all(isinstance(found, Message | Rejected) for found in read(FROM + raw))


LINES = st.sampled_from(["From me to you", ">From me", "words", "", "From x Tue Nov 24 08:00:00 2026", "> quoted"])


@settings(max_examples=50)
@given(texts=st.lists(st.lists(LINES, min_size=1, max_size=6), min_size=1, max_size=4))
def test_what_the_standard_library_writes_is_read_back(
    texts: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path: Path = tmp_path_factory.mktemp("mbox") / "a.mbox"
    box: Any = mailbox.mbox(path)
    for lines in texts:
        box.add("Subject: a\n\n" + "\n".join([*lines, "end"]) + "\n")
    box.close()
    # The writer quotes "From " and not ">From ": what was quoted before loses its mark.
    wished = ["\n".join([*(line.removeprefix(">") if line.startswith(">From ") else line for line in lines), "end"])
              for lines in texts]  # fmt: skip
    assert [body.decode().rstrip("\n") for body in bodies(path.read_bytes())] == wished
