"""What an attempt on the wire is, and the pieces that attempts are made of."""

from __future__ import annotations

from dataclasses import dataclass

MARK = b"zq9mark"
"""Stands in malformed requests; no answer may repeat it. The same as in tests/test_worker.py."""

HIDDEN_PATH = "/zq9hidden"
HIDDEN = b"GET /zq9hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
"""A request that only a wrong reader takes for one; its path must never be in the log."""

LAST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
"""An ordinary request behind one that was read well: the server is still where it should be."""

CHUNKED = b"Transfer-Encoding: chunked"

Statuses = tuple[int, ...]

CLOSED: Statuses = ()
"""The end of the connection and no answer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Bytes for one connection, and what may be answered: whole sequences of statuses.

    ``hangs_up`` ends the client's side behind the last byte; else the server has to end it.
    """

    name: str
    sent: bytes
    allowed: tuple[Statuses, ...]
    hangs_up: bool = False


def head(
    *fields: bytes, line: bytes = b"GET /v1/dataset HTTP/1.1", host: bytes = b"Host: localhost"
) -> bytes:
    """The head of a request whose only faults are those that are asked for."""
    return b"\r\n".join([line, *([host] if host else []), *fields, b"", b""])


def length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


END = b"0\r\n\r\n"
"""The last chunk, and no trailer."""
