"""Slow clients: many connections, each from a loopback address of its own, slow in one way."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ARRIVING = 100
"""Clients a second, at the beginning: they are slow, no flood."""
PAUSE = 1.0
"""Seconds between two sips of a slow client."""
_RECEIVED = 4096
"""Bytes that the kernel takes for a client that does not read; more would hide that it is slow."""

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Kind = Callable[[Reader, Writer, int], Awaitable[None]]


async def stalled_head(reader: Reader, writer: Writer, _: int) -> None:
    writer.write(b"GET /v1/claims HTTP/1.1\r\nHost: a\r\nX-Half: ")
    await reader.read()


async def dribbled_head(reader: Reader, writer: Writer, _: int) -> None:
    writer.write(b"GET /v1/claims HTTP/1.1\r\nHost: a\r\nX-Long: ")
    await _dribble(reader, writer)


async def slow_body(reader: Reader, writer: Writer, _: int) -> None:
    writer.write(b"POST /v1/claims HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
    await _dribble(reader, writer)


async def body_on_get(reader: Reader, writer: Writer, number: int) -> None:
    head = b"GET /v1/claims?limit=%d HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
    writer.write(head % (number % 100 + 1))
    await _dribble(reader, writer)


async def slow_reading(reader: Reader, writer: Writer, number: int) -> None:
    """Asks for everything, in words of its own, so that no cache has it."""
    head = b"GET /v1/claims.ndjson?announced_from=%04d-01-01 HTTP/1.1\r\nHost: a\r\n\r\n"
    writer.write(head % (number + 1))
    while await reader.read(64):
        await asyncio.sleep(PAUSE)


async def same_export(reader: Reader, writer: Writer, _: int) -> None:
    """Asks for everything, as all others do, and takes its time."""
    writer.write(b"GET /v1/claims.ndjson HTTP/1.1\r\nHost: a\r\n\r\n")
    while await reader.read(64):
        await asyncio.sleep(PAUSE)


KINDS: dict[str, Kind] = {
    "stalled head": stalled_head,
    "dribbled head": dribbled_head,
    "slow body": slow_body,
    "body on GET": body_on_get,
    "slow reading": slow_reading,
}


async def _dribble(reader: Reader, writer: Writer) -> None:
    """A byte now and then, until the server has had enough."""
    while not reader.at_eof():
        writer.write(b"x")
        await writer.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):  # wait_for of Python 3.11 can lose a cancellation
                await reader.read(1024)


@dataclass(slots=True)
class Crowd:
    """Who is there at the moment, the most there ever were, and all connections so far."""

    port: int
    kind: Kind
    stopped: threading.Event = field(default_factory=threading.Event)
    there: int = 0
    most: int = 0
    connections: int = 0

    async def gather(self, size: int) -> None:
        clients = [asyncio.create_task(self._client(number)) for number in range(size)]
        while not self.stopped.is_set():
            await asyncio.sleep(0.1)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def _client(self, number: int) -> None:
        """Comes again whenever it was sent away."""
        await asyncio.sleep(number / ARRIVING)
        while True:
            with suppress(OSError):
                await self._visit(number)
            await asyncio.sleep(0.1)

    async def _visit(self, number: int) -> None:
        with socket.socket() as sock:  # closed as well if the visit is cancelled while it connects
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
            sock.setblocking(False)
            sock.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
            self.there += 1
            self.connections += 1
            self.most = max(self.most, self.there)
            try:
                await self.kind(reader, writer, number)
            finally:
                self.there -= 1
                writer.transport.abort()


@contextmanager
def crowd(port: int, kind: Kind, size: int) -> Iterator[Crowd]:
    """So many slow clients at a server, until the block ends; it begins when they are there."""
    gathered = Crowd(port, kind)
    thread = threading.Thread(target=lambda: asyncio.run(gathered.gather(size)))
    thread.start()
    deadline = time.monotonic() + 60
    try:
        while gathered.most < size and time.monotonic() < deadline:
            time.sleep(0.05)
        yield gathered
    finally:
        gathered.stopped.set()
        thread.join()
