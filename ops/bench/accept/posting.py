"""A lean HTTP client for the benchmark: a heavier one would need more CPU than the server that it measures."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """Where to post, with which token, over how many connections."""

    port: int
    secret: str
    connections: int


async def post_all(load: Load, bodies: Sequence[bytes]) -> int:
    """Post every body once, `connections` at a time; answers how many were told 202."""
    left = iter(bodies)
    return sum(await asyncio.gather(*(_connection(load, left) for _ in range(load.connections))))


async def _connection(load: Load, bodies: Iterator[bytes]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    head = (
        "POST /v1/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {load.secret}\r\nContent-Length: "
    ).encode()
    accepted = 0
    for body in bodies:
        writer.write(head + str(len(body)).encode() + _HEAD_END + body)
        accepted += await _is_accepted(reader)
    writer.close()
    await writer.wait_closed()
    return accepted


async def _is_accepted(reader: asyncio.StreamReader) -> bool:
    head = (await reader.readuntil(_HEAD_END)).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return head.startswith(b"http/1.1 202")
