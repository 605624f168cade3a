import io
import mailbox
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
