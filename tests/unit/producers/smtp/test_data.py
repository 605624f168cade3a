import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.smtp.data import ENDLESS, PROGRESS_BYTES, Room, Unfit, read_data

LIMIT = 64


def received(
    *sent: bytes, max_bytes: int = 10_000, room: Room | None = None, progress: list[int] | None = None
) -> tuple[bytes | Unfit, bytes]:
    """Read one mail of a client that sends these packets; answers it and what is left for the next command."""

    async def run() -> tuple[bytes | Unfit, bytes]:
        reader = asyncio.StreamReader(limit=LIMIT)
        for packet in sent:
            reader.feed_data(packet)
        reader.feed_eof()
        with (room or Room(1_000_000)).portion() as portion:
            tick = (progress if progress is not None else []).append
            raw = await read_data(reader, portion, max_bytes, lambda: tick(1))
            return raw, b"" if raw is Unfit.ENDLESS else await reader.read()

    return asyncio.run(run())


def dotted(mail: bytes) -> bytes:
    """A mail as a client sends it."""
    doubled = (b"." + line if line.startswith(b".") else line for line in mail.split(b"\r\n"))
    return b"\r\n".join(doubled) + b"\r\n.\r\n"


PIECES = st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"a", b"x" * 70, b"\x00\xff"]), max_size=30)


@given(PIECES, st.lists(st.integers(0, 200), max_size=5))
def test_every_mail_comes_out_as_it_went_in(pieces: list[bytes], cuts: list[int]) -> None:
    mail = b"".join(pieces)
    if mail.endswith(b"\r"):
        mail += b"x"  # a client could not send it: its CR and the last CR LF would be one line end
    wire = dotted(mail) + b"QUIT\r\n"
    places = [0, *sorted(cuts), len(wire)]
    packets = [wire[start:end] for start, end in itertools.pairwise(places)]
    assert received(*packets) == (mail + b"\r\n", b"QUIT\r\n")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n\x00.\r\n"])
def test_no_other_line_end_ends_a_mail(end: bytes) -> None:
    smuggled = b"first" + end + b"MAIL FROM:<evil@example.net>"
    raw, rest = received(smuggled + b"\r\n.\r\n")
    assert isinstance(raw, bytes)
    assert raw.startswith(b"first")
    assert raw.endswith(b"MAIL FROM:<evil@example.net>\r\n")
    assert rest == b""


def test_a_dot_after_a_long_line_s_cut_is_no_end() -> None:
    line = b"x" * (LIMIT + 1) + b".\r\n"
    assert received(line, b".\r\n") == (line, b"")


def test_a_mail_that_is_too_big_is_read_to_its_end_and_held_no_longer() -> None:
    room = Room(1_000)
    assert received(b"x" * 60 + b"\r\n", b"y\r\n.\r\nQUIT\r\n", max_bytes=50, room=room) == (Unfit.TOO_BIG, b"QUIT\r\n")
    assert room.free == 1_000


def test_a_mail_of_just_the_greatest_size_is_taken() -> None:
    assert received(b"x" * 48 + b"\r\n.\r\n", max_bytes=50)[0] == b"x" * 48 + b"\r\n"


@pytest.mark.parametrize("line", [b"x" * 50, b"x\r\n" * 20])
def test_a_mail_without_an_end_is_given_up(line: bytes) -> None:
    assert received(*[line] * (ENDLESS + 1), max_bytes=50)[0] is Unfit.ENDLESS


def test_a_mail_for_which_there_is_no_room_is_not_kept() -> None:
    room = Room(70)
    with room.portion() as other:
        assert other.take(40)
        assert received(b"x" * 50 + b"\r\n.\r\n", room=room) == (Unfit.NO_ROOM, b"")
        assert room.free == 30
    assert room.free == 70


def test_progress_is_told_by_the_amount_and_not_by_the_packet() -> None:
    told: list[int] = []
    received(*[b"x\r\n"] * 1_000, b".\r\n", progress=told)
    assert told == []
    received(*[b"x" * 1022 + b"\r\n"] * 64, b"x" * 100 + b"\r\n.\r\n", max_bytes=10**6, progress=told)
    assert len(told) == 64 * 1024 // PROGRESS_BYTES
