"""Clients that take their time: ``python -m tests.torture.slow_clients KIND PORT COUNT SECONDS``.

So many sockets are held at once; one that the server closes is opened again half a second later.
When its time is over the program says on standard output what became of them, and then does nothing
more, its sockets left as they are: clients that vanish without a word. They are closed when
standard input is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from dataclasses import asdict, dataclass, field

EXPORT = "/v1/claims.ndjson?sort=announced"
"""Longer than what the system keeps of it in its buffers, some four megabytes a connection."""
BYTE_EVERY = 0.2
READ_EVERY = 0.5
AGAIN_AFTER = 0.5
SMALL_BUFFER = 4096


@dataclass(frozen=True, slots=True)
class Kind:
    """What a client sends at once, and whether it goes on by single bytes, to send or to read."""

    first: bytes
    dribbles: bool = False
    sips: bool = False


def _head(line: str, *fields: str) -> bytes:
    return "\r\n".join([line, "Host: localhost", *fields]).encode()


_BODY = "Content-Length: 10000\r\n\r\n"
KINDS = {
    "stalled head": Kind(_head("GET /v1/claims HTTP/1.1", "X-Slow: ")),
    "dribbled head": Kind(_head("GET /v1/claims HTTP/1.1", "X-Slow: "), dribbles=True),
    "slow body": Kind(_head("POST /v1/claims HTTP/1.1", _BODY), dribbles=True),
    "body on GET that never comes": Kind(_head("GET /v1/claims HTTP/1.1", _BODY)),
    "slow reading": Kind(_head(f"GET {EXPORT} HTTP/1.1", "\r\n"), sips=True),
    "nothing sent": Kind(b""),
}


@dataclass
class Seen:
    """What became of the clients: how many were held at most, how often one was turned away."""

    opened: int = 0
    held: int = 0
    most_held: int = 0
    closed_by_server: int = 0
    refused: int = 0
    answers: dict[str, int] = field(default_factory=dict)

    def answered(self, start: bytes) -> None:
        if start.startswith(b"HTTP/1.1 "):
            status = start[9:12].decode("ascii", "replace")
            self.answers[status] = self.answers.get(status, 0) + 1


async def _client(kind: Kind, port: int, seen: Seen) -> None:
    """One of the sockets, for ever."""
    while True:
        with socket.socket() as sock:
            sock.setblocking(False)
            if kind.sips:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            await _once(kind, port, sock, seen)
        await asyncio.sleep(AGAIN_AFTER)


async def _once(kind: Kind, port: int, sock: socket.socket, seen: Seen) -> None:
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(sock, ("127.0.0.1", port))
    except OSError:
        seen.refused += 1
        return
    seen.opened += 1
    seen.held += 1
    seen.most_held = max(seen.most_held, seen.held)
    try:
        with contextlib.suppress(OSError):
            await loop.sock_sendall(sock, kind.first)
            await (_sip(sock) if kind.sips else _wait(kind, sock, seen))
        seen.closed_by_server += 1
    finally:
        seen.held -= 1


async def _sip(sock: socket.socket) -> None:
    """Takes a byte of the answer now and then, until there is none."""
    loop = asyncio.get_running_loop()
    while await loop.sock_recv(sock, 1):
        await asyncio.sleep(READ_EVERY)


async def _wait(kind: Kind, sock: socket.socket, seen: Seen) -> None:
    """Until the server ends the connection, adding a byte now and then where the kind does."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            async with asyncio.timeout(BYTE_EVERY):
                received = await loop.sock_recv(sock, 4096)
        except TimeoutError:
            if kind.dribbles:
                await loop.sock_sendall(sock, b"a")
            continue
        if not received:
            return
        seen.answered(received)


async def _attack(kind: Kind, port: int, count: int, seconds: float, seen: Seen) -> None:
    clients = [asyncio.create_task(_client(kind, port, seen)) for _ in range(count)]
    await asyncio.sleep(seconds)
    print(json.dumps(asdict(seen)), flush=True)
    sys.stdin.read()  # the loop stands still, and so do all clients
    for client in clients:
        client.cancel()


def main() -> None:
    name, port, count, seconds = sys.argv[1:]
    asyncio.run(_attack(KINDS[name], int(port), int(count), float(seconds), Seen()))


if __name__ == "__main__":
    main()
