"""Conversations over a socket, byte for byte, and what was answered in them."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

PATIENCE = 60.0
"""Seconds for the server to end a connection; it takes two to three where it has to wait itself,
and more on a busy machine."""

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [ -~]*")


class Garbled(ValueError):
    """What was received is no sequence of whole answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; interim ones (1xx) are passed over."""

    status: int
    fields: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def id(self) -> str:
        return self.fields.get("x-request-id", "")

    @property
    def by_application(self) -> bool:
        """The application says how long it took; what refuses a request before it does not."""
        return "server-timing" in self.fields


@dataclass(frozen=True, slots=True)
class Heard:
    """All that came until the end, and how the end came: ``ended`` by the server, or not."""

    received: bytes
    ended: bool
    fault: str = ""


def converse(
    port: int, pieces: Iterable[bytes], *, hangs_up: bool = False, pause: float = 0.0
) -> Heard:
    """Sends the pieces, each in a segment of its own if the system likes, and hears to the end."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            _send(connection, pieces, hangs_up, pause)
            while piece := connection.recv(1 << 16):
                received += piece
        except TimeoutError:
            return Heard(bytes(received), False, "the server did not end the connection")
        except ConnectionResetError:
            pass  # how nginx ends one on which it has waited too long
    return Heard(bytes(received), True)


def _send(connection: socket.socket, pieces: Iterable[bytes], hangs_up: bool, pause: float) -> None:
    """A server that has heard enough may end the connection first; its answer is there then."""
    try:
        for number, piece in enumerate(pieces):
            if number and pause:
                time.sleep(pause)
            connection.sendall(piece)
        if hangs_up:
            connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def answers_in(received: bytes) -> list[Answer]:
    """Raises ``Garbled``. An answer to HTTP/0.9, which nginx speaks, is a body and the last."""
    found = []
    while received and not received.startswith((b"{", b"<")):
        answer, received = _answer(received)
        if answer.status >= 200:
            found.append(answer)
    return found


def _answer(received: bytes) -> tuple[Answer, bytes]:
    head, end, rest = received.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    status = _STATUS_LINE.fullmatch(line)
    if not end or status is None:
        raise Garbled(received[:200])
    fields = dict(_field(each) for each in lines)
    if len(fields) != len(lines):
        raise Garbled(head)
    size = _size(int(status[1]), fields, rest)
    if size > len(rest):
        raise Garbled(received[:200])
    answer = Answer(int(status[1]), fields, rest[:size], head + end + rest[:size])
    return answer, rest[size:]


def _field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.decode("latin-1").partition(": ")
    if not colon:
        raise Garbled(line)
    return name.lower(), value


def _size(status: int, fields: dict[str, str], rest: bytes) -> int:
    """The bytes of the body. An answer to HEAD says how long it would be, and the next follows."""
    if status < 200 or status in (204, 304) or not rest or rest.startswith(b"HTTP/1."):
        return 0
    return int(fields["content-length"])
