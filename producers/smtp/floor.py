"""Who is in: connections are let in or sent away at the door, counted, and shown out at the end."""

import asyncio
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import cast

from producers.intake.metrics import Refusal
from producers.smtp import replies
from producers.smtp.protocol import Receiver
from producers.smtp.settings import Network


class Floor:
    """The open connections, at most `room_for` of them, from `peers` only."""

    def __init__(
        self,
        make: Callable[["Floor"], Receiver],
        *,
        peers: Iterable[Network],
        room_for: int,
        refused: Callable[[Refusal], None],
    ) -> None:
        self.is_closing = False
        self._make = make
        self._peers = tuple(peers)
        self._room_for = room_for
        self._refused = refused
        self._inside: set[Receiver] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def refusal(self, peer: object) -> str:
        """Say why a client may not come in; empty where it may. `peer` is what the socket says, a path or (host, …)."""
        if self.is_closing:
            return replies.CLOSING
        if isinstance(peer, tuple) and not is_among(peer[0], self._peers):
            self._refused(Refusal.UNKNOWN)
            return replies.STRANGER
        if len(self._inside) >= self._room_for:
            self._refused(Refusal.RATE)
            return replies.CROWDED
        return ""

    def enter(self) -> Receiver:
        """Let a client in."""
        receiver = self._make(self)
        self._inside.add(receiver)
        self._empty.clear()
        return receiver

    def left(self, receiver: Receiver) -> None:
        """Notice that a connection has ended; a second time changes nothing."""
        self._inside.discard(receiver)
        if not self._inside:
            self._empty.set()

    async def close(self) -> None:
        """Send the idle away, and wait for the answers to the mails under way."""
        self.is_closing = True
        for receiver in tuple(self._inside):
            if not receiver.is_receiving:
                receiver.leave(replies.CLOSING)
        await self._empty.wait()

    def cut_off(self) -> None:
        """End what is left, without an answer: its sender tries again."""
        for receiver in tuple(self._inside):
            receiver.cut_off()


class Entrance(asyncio.Protocol):
    """Meets a client first, and hands it on, so that who is refused costs nothing."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a client in or send it away."""
        client = cast("asyncio.Transport", transport)
        refusal = self._floor.refusal(client.get_extra_info("peername"))
        if refusal:
            client.write(refusal.encode() + b"\r\n")
            client.close()
            return
        receiver = self._floor.enter()
        client.set_protocol(receiver)
        receiver.connection_made(client)


def is_among(host: str, networks: Iterable[Network]) -> bool:
    """Tell whether an address is in one of the networks; on a dual socket IPv4 comes dressed as IPv6."""
    address: IPv4Address | IPv6Address = ip_address(host)
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return any(plain in network for network in networks)
